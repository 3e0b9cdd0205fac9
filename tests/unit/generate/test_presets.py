"""Presets say how much of what is made, and every provider keeps to it."""

from dataclasses import replace

import pytest

from functions.generate.extractive.provider import ExtractiveProvider
from functions.generate.extractive.sentences import split_sentences
from functions.generate.extractive.shorten import shorten
from functions.generate.language import language_of
from functions.generate.language_model.prompts import (
    flashcards_task,
    key_terms_task,
    outline_task,
    questions_task,
    summary_task,
    system_prompt,
)
from functions.generate.provider import Contents
from shared.errors import InvalidRequestError
from shared.presets import Preset, list_presets, load_preset
from tests.unit.generate import lectures

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
    assert {kind: asked.count(kind) for kind in asked} == dict(preset.question_counts)


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


@pytest.mark.parametrize("preset", list_presets(), ids=IDS)
def test_a_language_model_is_told_every_field_of_the_preset(preset: Preset) -> None:
    told = system_prompt(lectures.request(lectures.spoken("Good morning."), preset.id))
    assert preset.title in told
    assert preset.guidance in told
    assert str(preset.sentence_word_limit) in told
    assert f"up to {preset.summary_sections} sections" in summary_task(preset)
    assert f"up to {preset.bullets_per_section} bullets" in summary_task(preset)
    assert f"up to {preset.summary_sections} chapters" in outline_task(preset)
    assert f"up to {preset.key_terms} key terms" in key_terms_task(preset)
    assert f"up to {preset.flashcards} flashcards" in flashcards_task(preset)
    assert f"about {round(preset.flashcards * preset.cloze_share)}" in flashcards_task(preset)
    for kind, count in preset.question_counts.items():
        assert f"{count} {kind}" in questions_task(preset)
