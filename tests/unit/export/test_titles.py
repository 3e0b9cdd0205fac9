"""Every format copes with every title that the API takes, the longest and oddest included."""

import io

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from functions.export.formats.registry import FORMATS
from functions.export.renderer import EVERYTHING, render_all
from functions.ingest.web.fields import Title
from tests.unit.export.documents import lecture

pytestmark = pytest.mark.heavy


TITLE: TypeAdapter[str] = TypeAdapter(Title)
LONGEST = 300
EXTREMES = {
    "255 characters": "x" * 255,
    "256 characters": "x" * 256,
    "as long as may be": "Wort " * 58 + "Wörter",
    "without a space": "光" * LONGEST,
    "emoji of several code points": "👩‍🔬" * 60,
    "combining marks": "e" + "\u0301" * (LONGEST - 1),
    "from right to left": "מבוא לתורת הקבוצות " * 15,
    "markup": "<b>&amp;</b> {{c1::x}} #set text(1pt) $x^2$ \\(y\\) [a](b) ``` " * 4,
    "a formula": "=HYPERLINK(1)",
    "a path": "../../etc/passwd",
    "a single sign": "∎",
    "beyond the basic plane": "𝕏" * LONGEST,
}


def accepted(title: str) -> bool:
    try:
        TITLE.validate_python(title)
    except ValidationError:
        return False
    return True


titles = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=LONGEST),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=250, max_size=LONGEST),
).filter(accepted)


def check_all(title: str, course: str) -> None:
    document = lecture(title=title, course_title=course, said=6)
    rendering = render_all(document, FORMATS.values())
    assert rendering.failures == {}
    assert {file.type for file in rendering.files} == {*FORMATS, EVERYTHING}
    for file in rendering.files:
        assert file.file_name.isascii()
        assert len(file.file_name) < 128
    [word] = [file.data for file in rendering.files if file.type == "docx"]
    assert len(Document(io.BytesIO(word)).core_properties.title) <= 255


@pytest.mark.parametrize("title", EXTREMES.values(), ids=EXTREMES)
def test_an_extreme_title_costs_no_file(title: str) -> None:
    assert len(title) <= LONGEST
    check_all(title, title)


@pytest.mark.parametrize("examples", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_no_title_costs_a_file(examples: int) -> None:
    @given(title=titles, course=titles)
    @settings(max_examples=examples, derandomize=True)
    def tried(title: str, course: str) -> None:
        check_all(title, course)

    tried()


def test_a_long_title_is_cut_in_the_properties_alone() -> None:
    title = "Wort " * 59 + "Ende"
    file = Document(io.BytesIO(FORMATS["docx"].render(lecture(title=title, said=6))))

    assert file.core_properties.title == ("Wort " * 51)[:254].rstrip() + "…"
    assert file.paragraphs[0].text == title
