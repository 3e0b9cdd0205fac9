"""Presets say how much of what is made, and every provider keeps to it."""

from dataclasses import replace
from typing import get_args

import pytest

from functions.generate.drafts import Contents
from functions.generate.providers.extractive.provider import ExtractiveProvider
from functions.generate.providers.extractive.text.shorten import shorten
from functions.generate.providers.language_model.prompts import (
    EMPHASIS,
    ROLES,
    flashcards_task,
    key_terms_task,
    outline_task,
    questions_task,
    summary_task,
    system_prompt,
)
from functions.generate.text.language import language_of
from functions.generate.text.sentences import split_sentences
from shared.documents.artifacts import BulletRole, OutlineNode
from shared.errors import InvalidRequestError
from shared.presets import Emphasis, Preset, list_presets, load_preset
from tests.unit.generate import lectures

pytestmark = pytest.mark.heavy

IDS = [preset.id for preset in list_presets()]


def test_the_presets_are_those_of_the_product() -> None:
    assert IDS == [
        "beginner",
        "concept-map",
        "exam",
        "neurodivergent-friendly",
        "research",
        "seminar",
    ]


def test_exam_and_exam_mode_are_the_same_preset() -> None:
    assert load_preset("exam-mode") is load_preset("exam")


@pytest.mark.parametrize("unknown", ["", "EXAM", "../exam", "exam.json"])
def test_an_unknown_preset_is_an_invalid_request(unknown: str) -> None:
    with pytest.raises(InvalidRequestError, match="there is no preset"):
        load_preset(unknown)


@pytest.mark.parametrize("preset_id", IDS)
def test_no_artifact_exceeds_its_preset(preset_id: str) -> None:
    preset = load_preset(preset_id)
    contents = lectures.draft(lectures.lecture("photosynthesis"), preset_id).contents
    assert len(contents.summary.sections) <= preset.summary_sections
    assert len(contents.outline.nodes) <= preset.summary_sections
    assert len(contents.key_terms.terms) <= preset.key_terms
    assert len(contents.flashcards.cards) <= preset.flashcards
    for section in contents.summary.sections:
        assert 1 <= len(section.bullets) <= preset.bullets_per_section
    for node in lectures.outline_nodes(contents):
        assert len(node.points) <= preset.bullets_per_section
    asked = [question.kind for question in contents.exam_questions.questions]
    for kind, count in preset.question_counts.items():
        # A short lecture gives fewer questions that ask for something.
        assert min(2, count) <= asked.count(kind) <= count
    assert set(asked) == set(preset.question_counts)


def with_preset(**changes: object) -> Contents:
    preset = load_preset("exam").model_copy(update=changes)
    asked = replace(lectures.request(lectures.lecture("photosynthesis")), preset=preset)
    return ExtractiveProvider().generate(asked).contents


def test_every_count_of_a_preset_counts() -> None:
    few = with_preset(
        summary_sections=2,
        bullets_per_section=1,
        key_terms=3,
        flashcards=5,
        question_counts={"essay": 1},
    )
    assert len(few.summary.sections) == 2
    assert [len(section.bullets) for section in few.summary.sections] == [1, 1]
    assert len(few.outline.nodes) == 2
    assert len(few.key_terms.terms) == 3
    assert len(few.flashcards.cards) == 5
    assert [question.kind for question in few.exam_questions.questions] == ["essay"]


@pytest.mark.parametrize(("share", "clozes"), [(0.0, 0), (0.5, 5), (1.0, 10)])
def test_the_cloze_share_divides_the_deck(share: float, clozes: int) -> None:
    cards = with_preset(flashcards=10, cloze_share=share).flashcards.cards
    assert [card.kind for card in cards].count("cloze") == clozes


@pytest.mark.parametrize("limit", [8, 12, 20])
@pytest.mark.parametrize("name", lectures.NAMES)
def test_no_sentence_of_a_summary_is_longer_than_the_limit(limit: int, name: str) -> None:
    preset = load_preset("exam").model_copy(update={"sentence_word_limit": limit})
    asked = replace(lectures.request(lectures.lecture(name)), preset=preset)
    contents = ExtractiveProvider().generate(asked).contents
    texts = [bullet.text for section in contents.summary.sections for bullet in section.bullets]
    texts += [point.text for node in lectures.outline_nodes(contents) for point in node.points]
    texts.append(contents.summary.overview)
    for text in texts:
        for sentence in text.replace("…", ".").split(". "):
            assert len(sentence.strip(" .").split()) <= limit


def test_a_long_sentence_is_cut_where_a_clause_ends() -> None:
    language = language_of("en")
    text = (
        "When the load factor passes a threshold, we allocate a table twice as large, and we "
        "insert every key again."
    )
    (sentence,) = split_sentences(lectures.spoken(text), language)
    short = shorten(sentence, 16, language)
    assert short.text == (
        "When the load factor passes a threshold, we allocate a table twice as large."
    )
    assert short.citation.quote == text.removesuffix(" and we insert every key again.")
    assert short.is_whole
    broken = shorten(sentence, 8, language)
    assert not broken.is_whole
    assert broken.text.endswith("…")


OTHERWISE: dict[str, object] = {
    "title": "Another",
    "summary_sections": 2,
    "bullets_per_section": 1,
    "section_roles": ("claim", "question"),
    "outline_depth": 1,
    "key_terms": 3,
    "flashcards": 7,
    "cloze_share": 0.9,
    "question_counts": {"essay": 1},
    "sentence_word_limit": 9,
    "tone": "Write like a poet.",
    "emphasis": ("open-questions",),
}
"""For each field another value; those that only name a preset to clients are missing."""


def all_that_is_asked(preset: Preset) -> str:
    request = replace(lectures.request(lectures.spoken("Good morning.")), preset=preset)
    tasks = (summary_task, outline_task, key_terms_task, flashcards_task, questions_task)
    return "\n".join([system_prompt(request), *(task(preset) for task in tasks)])


@pytest.mark.parametrize("field", sorted({*Preset.model_fields} - {"id", "aliases", "description"}))
def test_changing_a_field_changes_what_a_language_model_is_asked(field: str) -> None:
    preset = load_preset("exam")
    changed = preset.model_copy(update={field: OTHERWISE[field]})
    assert getattr(changed, field) != getattr(preset, field)
    assert all_that_is_asked(changed) != all_that_is_asked(preset)


@pytest.mark.parametrize(
    "field", sorted({*Preset.model_fields} - {"id", "aliases", "title", "description", "tone"})
)
def test_changing_a_field_changes_what_is_drawn_from_the_lecture(field: str) -> None:
    """All but what only a model could be told."""
    few: dict[str, object] = {"summary_sections": 3}
    assert with_preset(**{**few, field: OTHERWISE[field]}) != with_preset(**few)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_an_outline_of_a_long_lecture_is_as_deep_as_the_preset_wants(depth: int) -> None:
    nodes: tuple[OutlineNode, ...] = with_preset(
        summary_sections=1, outline_depth=depth
    ).outline.nodes
    for _ in range(depth - 1):
        nodes = tuple(child for node in nodes for child in node.children)
        assert nodes
    assert all(node.points and not node.children for node in nodes)


@pytest.mark.parametrize("preset", list_presets(), ids=IDS)
def test_a_language_model_is_told_every_number_and_word_of_the_preset(preset: Preset) -> None:
    asked = all_that_is_asked(preset)
    told = [
        preset.title,
        preset.tone,
        f"longer than {preset.sentence_word_limit} words",
        f"up to {preset.summary_sections} sections",
        f"up to {preset.summary_sections} chapters",
        f"deeper than {preset.outline_depth}",
        f"up to {preset.bullets_per_section} points",
        f"up to {preset.key_terms} key terms",
        f"up to {preset.flashcards} flashcards",
        f"about {round(preset.flashcards * preset.cloze_share)}",
        *(EMPHASIS[each] for each in preset.emphasis),
        *(f"`{role}`: {ROLES[role]}" for role in preset.section_roles),
        *(f"{count} {kind}" for kind, count in preset.question_counts.items()),
    ]
    assert [words for words in told if words not in asked] == []


def test_every_emphasis_and_every_role_has_words() -> None:
    assert set(EMPHASIS) == set(get_args(Emphasis))
    assert set(ROLES) == set(get_args(BulletRole))


def test_the_presets_that_promise_a_form_ask_for_it() -> None:
    assert load_preset("neurodivergent-friendly").sentence_word_limit <= 15
    assert load_preset("seminar").section_roles == get_args(BulletRole)
