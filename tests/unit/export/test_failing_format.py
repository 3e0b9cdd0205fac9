"""A format that fails says where, and what it says shows no words of the lecture."""

import re

import pytest

from functions.export import storing
from functions.export.formats.captions.srt import SrtFormat
from shared.errors import ExportFailedError


def test_a_defect_is_named_by_its_kind_and_place() -> None:
    with pytest.raises(AttributeError) as failed:
        SrtFormat().render(None)  # type: ignore[arg-type]

    told = storing._explain("srt", failed.value)

    assert re.fullmatch(r"An internal error \(AttributeError in \w+\.py, line \d+\)\.", told)
    assert str(failed.value) not in told


def test_what_pegasus_itself_says_is_told_as_it_is() -> None:
    assert storing._explain("pdf", ExportFailedError("Nothing to print.")) == "Nothing to print."
