"""Every script is set with its own letters, and none of the text is lost."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import cycle

import pypdfium2 as pdfium
import pytest

from functions.export.document import LectureDocument
from functions.export.formats.pdf.coverage import drawable
from functions.export.formats.pdf.format import PdfFormat
from functions.export.formats.pdf.typography import typography
from shared.text import lines
from tests.support.tiers import slow_but
from tests.unit.export.documents import lecture, with_cards
from tests.unit.export.formats.glyphs import drawn_glyphs, missing_glyphs
from tests.unit.export.formats.pages import assert_inside_the_margins, body_text, texts
from tests.unit.export.hostile import HOSTILE
from tests.unit.export.scripts import MATHS, SENTENCES

pytestmark = pytest.mark.heavy


def spoken_in(language: str, *sentences: str, size: int = 0) -> LectureDocument:
    turn = cycle(sentences)
    return lecture(
        wording=lambda _: next(turn),
        title=sentences[0],
        course_title=sentences[0],
        language=language,
        said=3,
        size=size,
    )


def visible(text: str, kinds: str = "LMNPS") -> Counter[str]:
    """Its characters of these kinds. Readers of a PDF disagree about their order where a letter
    is drawn out of several, or from right to left; none may be missing all the same."""
    return Counter(char for char in text if unicodedata.category(char)[0] in kinds)


def assert_nothing_lost(pdf: bytes, document: LectureDocument) -> None:
    opened = pdfium.PdfDocument(pdf)
    wanted = "".join(line for text in texts(document) for line in lines(text))
    # PDFium mirrors brackets between right-to-left letters, and reads `==` there as `=`.
    from_right = typography(document.language, "").right_to_left or any(
        unicodedata.bidirectional(char) in {"R", "AL"} for char in wanted
    )
    kinds = "LMN" if from_right else "LMNPS"
    assert visible(wanted, kinds) - visible(body_text(opened), kinds) == Counter()
    assert_inside_the_margins(opened)


def title_begins_right_of_the_middle(document: LectureDocument) -> bool:
    page = pdfium.PdfDocument(PdfFormat().render(document))[0]
    bounds = [element.get_bounds() for element in page.get_objects()]
    left, _, right, _ = max(bounds, key=lambda each: each[3])
    return bool((left + right) / 2 > page.get_size()[0] / 2)


def first_page_drawn(document: LectureDocument) -> bytes:
    return bytes(pdfium.PdfDocument(PdfFormat().render(document))[0].render(scale=2).buffer)


@pytest.mark.parametrize("language", slow_but(("ar", "de", "hi", "ja", "my", "th"), SENTENCES))
def test_a_lecture_in_any_script_has_all_its_letters(language: str) -> None:
    document = spoken_in(language, SENTENCES[language], size=1)
    pdf = PdfFormat().render(document)
    assert missing_glyphs(pdf) == 0
    assert_nothing_lost(pdf, document)


@pytest.mark.parametrize("notation", MATHS)
def test_formulas_have_all_their_signs(notation: str) -> None:
    document = spoken_in("en", MATHS[notation], size=1)
    pdf = PdfFormat().render(document)
    assert missing_glyphs(pdf) == 0
    assert_nothing_lost(pdf, document)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "sentences", "size"),
    [
        ("ru", [SENTENCES["ru"], SENTENCES["el"], *MATHS.values()], 55),
        ("ar", [SENTENCES["ar"], SENTENCES["fa"]], 42),
        ("zh", [SENTENCES["zh"], SENTENCES["zh-TW"]], 40),
    ],
)
def test_two_hundred_pages_lose_nothing(language: str, sentences: Sequence[str], size: int) -> None:
    document = spoken_in(language, *sentences, size=size)
    pdf = PdfFormat().render(document)
    assert len(pdfium.PdfDocument(pdf)) >= 200
    assert missing_glyphs(pdf) == 0
    assert_nothing_lost(pdf, document)


@pytest.mark.parametrize("language", ["en", "ar", "ja", "th"])
def test_languages_mixed_in_a_line_stay_on_the_paper(language: str) -> None:
    document = spoken_in(language, " ".join(SENTENCES.values()))
    pdf = PdfFormat().render(document)
    assert missing_glyphs(pdf) == 0
    assert_nothing_lost(pdf, document)


def test_hostile_text_stays_on_the_paper_from_right_to_left() -> None:
    hostile = [text for name, text in HOSTILE.items() if name != "long word"]
    document = spoken_in("ar", *hostile, size=3)
    assert_nothing_lost(PdfFormat().render(document), document)


def test_a_page_written_from_right_to_left_begins_at_the_right() -> None:
    assert title_begins_right_of_the_middle(spoken_in("he", SENTENCES["he"][:8]))
    assert not title_begins_right_of_the_middle(spoken_in("ru", SENTENCES["ru"][:8]))


def test_han_characters_take_the_forms_of_the_language() -> None:
    """Both of these are drawn in three ways."""
    mainland, taiwan, japan = (
        first_page_drawn(spoken_in(language, "直骨")) for language in ("zh-CN", "zh-TW", "ja")
    )
    assert mainland != taiwan
    assert mainland != japan
    assert taiwan != japan
    assert mainland == first_page_drawn(spoken_in("zh-SG", "直骨"))


@pytest.mark.parametrize(
    ("language", "text", "region"),
    [
        ("zh", SENTENCES["zh"], "CN"),
        ("zh", SENTENCES["zh-TW"], "TW"),
        ("yue", SENTENCES["yue"], "TW"),
        ("zh-Hant", SENTENCES["zh"], "TW"),
        ("zh_CN", SENTENCES["zh-TW"], "CN"),
        ("ja", SENTENCES["ja"], None),
    ],
)
def test_the_characters_tell_simplified_from_traditional_chinese(
    language: str, text: str, region: str | None
) -> None:
    assert typography(language, text).region == region


@pytest.mark.slow
def test_no_line_of_chinese_begins_with_a_full_stop() -> None:
    document = spoken_in("zh", "散列函数把每个键映射为一个整数。" * 30, size=1)
    for page in pdfium.PdfDocument(PdfFormat().render(document)):
        for line in page.get_textpage().get_text_range().splitlines():
            assert not line.startswith("。")


@pytest.mark.slow
def test_every_character_that_counts_as_drawable_is_drawn() -> None:
    characters = sorted(char for char in drawable() if char.isprintable() and not char.isspace())
    assert len(characters) > 30_000
    card = lecture().material.flashcards.content.cards[1]
    pages = [" ".join(characters[at : at + 400]) for at in range(0, len(characters), 400)]
    document = with_cards(
        spoken_in("en", "A"), *(card.model_copy(update={"front": page}) for page in pages)
    )
    pdf = PdfFormat().render(document)
    assert missing_glyphs(pdf) == 0
    assert sum(1 for _ in drawn_glyphs(pdf)) > len(characters)


@pytest.mark.parametrize("character", ["\U0001f642", "\U00013000", "\U00020000", "\u1820"])
def test_a_character_that_no_font_has_costs_no_other(character: str) -> None:
    assert character not in drawable()
    document = spoken_in("en", f"before {character} after")
    pdf = PdfFormat().render(document)
    assert missing_glyphs(pdf) > 0
    shown = visible(body_text(pdfium.PdfDocument(pdf)))
    wanted = visible("".join(texts(document)))
    assert set(wanted - shown) <= {character}


@pytest.mark.parametrize("language", ["ar", "zh"])
def test_the_same_lecture_gives_the_same_bytes_in_any_script(language: str) -> None:
    document = spoken_in(language, SENTENCES[language])
    assert PdfFormat().render(document) == PdfFormat().render(document)
