"""What is relied on of Typst's Python package beyond its declared types."""

import json
from pathlib import Path

import pytest
import typst

FONTS = typst.Fonts(include_system_fonts=False, font_paths=[])


def compiled(source: str, **inputs: str) -> bytes:
    pdf = typst.compile(
        source.encode(), format="pdf", font_paths=FONTS, sys_inputs=inputs, timestamp=0
    )
    assert isinstance(pdf, bytes)
    return pdf


def test_a_source_in_memory_becomes_one_pdf() -> None:
    assert compiled("= Title\n#pagebreak()\nsecond page").startswith(b"%PDF-")


def test_the_same_source_and_timestamp_give_the_same_bytes() -> None:
    assert compiled("text") == compiled("text")


def test_inputs_reach_the_source_as_text() -> None:
    source = '#assert.eq(json(bytes(sys.inputs.data)).title, "ä <#x>")'

    assert compiled(source, data=json.dumps({"title": "ä <#x>"}))


def test_a_refused_source_is_an_error_with_its_message() -> None:
    with pytest.raises(typst.TypstError) as caught:
        compiled('#panic("too wide")')

    assert "too wide" in caught.value.message


def test_a_source_in_memory_cannot_read_the_machines_files() -> None:
    with pytest.raises(typst.TypstError):
        compiled('#read("/etc/hostname")')


def test_the_library_is_one_file_that_fonts_are_cut_from() -> None:
    libraries = list(Path(typst.__file__).parent.glob("_typst*.so"))

    assert len(libraries) == 1
