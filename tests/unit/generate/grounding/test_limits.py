"""Violations of a preset's hard limits are found for every provider."""

from dataclasses import replace
from typing import Any

import pytest

from functions.generate.drafts import Contents, Overview
from functions.generate.grounding.limits import has_roles, longest_sentence, problems, violations
from shared.documents.artifacts import Bullet, Citation, OutlinePoint, SummarySection
from shared.presets import load_preset
from tests.unit.generate import lectures

CITATION = (Citation(start_sec=0, end_sec=1, quote="said"),)
LIMIT = load_preset("neurodivergent-friendly").sentence_word_limit
JUST = " ".join(["word"] * LIMIT)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("One.", 1),
        ("One two. One two three! One?", 3),
        ("It grew by 1.5 percent in 2024.", 7),
        ("He said \u201cstop now.\u201d Then he left the room.", 5),
        ("A dash \u2014 is no word", 5),
        ("one two\nthree", 2),
        ("\u0935\u0939 \u092f\u0939\u093e\u0901 \u0939\u0948", 3),
    ],
)
def test_the_longest_sentence_is_measured_in_words(text: str, words: int) -> None:
    assert longest_sentence(text) == words


@pytest.mark.parametrize("kind", [Overview, Bullet, OutlinePoint])
def test_a_sentence_may_be_as_long_as_the_limit_and_no_longer(kind: Any) -> None:
    preset = load_preset("neurodivergent-friendly")
    assert problems(kind(text=f"{JUST}. {JUST}.", citations=CITATION), preset) == ()
    (reason,) = problems(kind(text=f"Short. {JUST} more.", citations=CITATION), preset)
    assert reason == f"it has a sentence of {LIMIT + 1} words; at most {LIMIT} are allowed"


def drafted() -> Contents:
    """Of a lecture whose chapters are long enough for sub-chapters."""
    texts = [(lectures.FOLDER / f"{name}.txt").read_text() for name in ("hashing-1", "hashing-2")]
    return lectures.draft(lectures.spoken("\n\n".join(texts))).contents


def test_an_unwanted_kind_of_question_is_a_problem() -> None:
    asked = drafted().exam_questions.questions
    preset = load_preset("exam").model_copy(update={"question_counts": {"essay": 2}})
    reasons = {question.kind: problems(question, preset) for question in asked}
    assert reasons.pop("essay") == ()
    assert all(reason for reason in reasons.values())


def test_an_unwanted_cloze_card_is_a_problem() -> None:
    preset = load_preset("exam").model_copy(update={"cloze_share": 0.0})
    reasons = {card.kind: problems(card, preset) for card in drafted().flashcards.cards}
    assert reasons == {"basic": (), "cloze": ("no cloze cards are wanted",)}


@pytest.mark.parametrize(
    "update",
    [
        {"summary_sections": 1},
        {"bullets_per_section": 1},
        {"section_roles": ("claim", "question")},
        {"outline_depth": 1},
        {"key_terms": 1},
        {"flashcards": 1},
        {"cloze_share": 0.0},
        {"question_counts": {"essay": 1}},
        {"sentence_word_limit": 8},
    ],
    ids=lambda update: next(iter(update)),
)
def test_material_that_exceeds_a_limit_violates_it(update: dict[str, object]) -> None:
    preset = load_preset("exam")
    contents = drafted()
    assert violations(contents, preset) == ()
    assert violations(contents, preset.model_copy(update=update))


def test_a_discussion_has_each_part_once_and_in_order() -> None:
    preset = load_preset("seminar")
    roles = preset.section_roles
    bullets = tuple(Bullet(text=role, citations=CITATION, role=role) for role in roles)
    section = SummarySection(title="Positions", bullets=bullets)
    assert has_roles(section, preset)
    for broken in (bullets[1:], bullets[::-1], (*bullets, bullets[0]), ()):
        assert not has_roles(section.model_copy(update={"bullets": broken}), preset)
    contents = drafted()
    summary = contents.summary.model_copy(update={"sections": (section,)})
    assert not [
        violation
        for violation in violations(replace(contents, summary=summary), preset)
        if "in this order" in violation.reason
    ]
