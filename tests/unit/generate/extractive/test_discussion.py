"""In a seminar a section is argued, in the lecturer's own words as far as they go."""

import pytest

from functions.generate.grounding.grounding import ground
from functions.generate.providers.extractive.provider import ExtractiveProvider
from shared.documents.artifacts import Bullet, SummarySection
from shared.presets import Emphasis, load_preset
from tests.unit.generate import lectures
from tests.unit.generate.lectures import draft, spoken

ROLES = ("claim", "support", "counterargument", "critique", "question")
ARGUED = (
    "Serfdom was the system under which peasants were bound to the land. "
    "The court rolls of one village show that serfdom declined within fifty years. "
    "However, in the east serfdom became harder after the plague. "
    "Serfdom declined only if the towns were strong. "
    "Why did serfdom end in the west?"
)


def sections(text: str, language: str = "en") -> tuple[SummarySection, ...]:
    return draft(spoken(text, language), "seminar").contents.summary.sections


def by_role(text: str) -> dict[str | None, Bullet]:
    (section,) = sections(text)
    return {bullet.role: bullet for bullet in section.bullets}


def test_each_role_is_taken_by_the_sentence_that_plays_it() -> None:
    said = by_role(ARGUED)
    assert tuple(said) == ROLES
    assert said["claim"].text.startswith("Serfdom was the system")
    assert said["support"].text.startswith("The court rolls of one village show")
    assert said["counterargument"].text.startswith("In the east serfdom became harder")
    assert said["critique"].text == "Serfdom declined only if the towns were strong."
    assert said["question"].text == "Why did serfdom end in the west?"
    for bullet in said.values():
        assert bullet.citations[0].quote in ARGUED


def test_what_the_lecture_does_not_argue_the_reader_is_asked() -> None:
    said = by_role("Serfdom was the system under which peasants were bound to the land.")
    assert said["support"].text == "What supports this claim about “Serfdom and land”?"
    asked = {said[role].text for role in ROLES[1:]}
    assert len(asked) == 4
    for role in ROLES[1:]:
        assert said[role].citations == said["claim"].citations


def test_a_sentence_on_something_else_is_no_argument() -> None:
    said = by_role(
        "Serfdom was the system under which peasants were bound to the land. However, glaciers "
        "melt in warm summers."
    )
    assert "glaciers" not in said["counterargument"].text


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ru", "hi", "sw"])
def test_every_language_has_all_roles_and_nothing_is_dropped(language: str) -> None:
    text = {"ru": "Атом — это мельчайшая частица элемента.", "hi": "भूजल ज़मीन के अंदर का पानी है।"}
    request = lectures.request(spoken(text.get(language, "Osmosis. " * 3), language), "seminar")
    provider = ExtractiveProvider()
    grounded = ground(provider.generate(request), request, provider)
    for section in grounded.contents.summary.sections:
        assert tuple(bullet.role for bullet in section.bullets) == ROLES


@pytest.mark.parametrize(
    ("emphasis", "wanted"),
    [
        ("definitions", "A delta is a flat plain"),
        ("examples", "The Nile built a delta"),
        ("contrasts", "The Amazon carries more mud"),
        ("relations", "A delta grows because"),
        ("evidence", "Researchers measured"),
        ("open-questions", "Nobody knows"),
    ],
)
def test_a_preset_puts_first_what_it_emphasizes(emphasis: Emphasis, wanted: str) -> None:
    text = (
        "A delta is a flat plain that a river builds at its mouth. For example, the Nile built a "
        "delta out of the mud of Africa. The Amazon carries more mud, but builds no delta in the "
        "open sea. A delta grows because the river slows down at its mouth. Researchers measured "
        "the mud that a river carries to its delta. Nobody knows how the mud of a delta moves in "
        "a storm."
    )
    preset = load_preset("exam").model_copy(
        update={"emphasis": (emphasis,), "bullets_per_section": 1, "summary_sections": 1}
    )
    request = lectures.request(spoken(text)).__class__(
        transcript=spoken(text),
        preset=preset,
        course_title=None,
        lecture_title=None,
        known_threads=(),
    )
    (section,) = ExtractiveProvider().generate(request).contents.summary.sections
    assert section.bullets[0].text.startswith(wanted)
