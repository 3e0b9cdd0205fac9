"""Only what was said goes further."""

from dataclasses import replace
from typing import Any

import pytest

from functions.generate.drafts import Concept, Draft
from functions.generate.grounding.grounding import GroundedDraft
from functions.generate.grounding.limits import longest_sentence
from functions.generate.grounding.quotes import TOLERANCE_SEC, SpokenWords
from shared.documents.artifacts import (
    ArtifactType,
    Bullet,
    Citation,
    ExamQuestion,
    ExamQuestionsContent,
    Flashcard,
    FlashcardsContent,
    OutlineContent,
    OutlineNode,
    OutlinePoint,
    SummaryContent,
    SummarySection,
)
from shared.errors import GenerationInvalidError
from tests.unit.generate.lectures import draft, grounded, lecture

TRANSCRIPT = lecture("photosynthesis")
SPOKEN = SpokenWords(TRANSCRIPT)
QUOTE = "An enzyme splits water molecules into protons, electrons, and oxygen."
SAID = next(u for u in TRANSCRIPT.utterances if u.text == QUOTE)
RIGHT = Citation(start_sec=SAID.start_sec, end_sec=SAID.end_sec, quote=QUOTE)
MADE_UP = Citation(
    start_sec=10, end_sec=12, quote="Chlorophyll was first isolated by two French chemists."
)


def cite(quote: str, start_sec: float = SAID.start_sec, end_sec: float = SAID.end_sec) -> Citation:
    return Citation(start_sec=start_sec, end_sec=end_sec, quote=quote)


# --- quotes ---


def test_a_quote_in_its_place_is_as_claimed() -> None:
    found = SPOKEN.find(RIGHT)
    assert found is not None
    assert found.citation == RIGHT
    assert found.is_as_claimed


def test_case_and_punctuation_are_no_difference() -> None:
    found = SPOKEN.find(cite("an enzyme splits water molecules — into protons electrons"))
    assert found is not None
    assert found.is_as_claimed
    assert found.citation.quote == "An enzyme splits water molecules into protons, electrons,"


def test_a_misplaced_quote_gets_its_true_time() -> None:
    found = SPOKEN.find(cite(QUOTE, 3, 5))
    assert found is not None
    assert found.citation == RIGHT
    assert not found.is_as_claimed


def test_a_time_that_is_a_little_off_is_no_fault() -> None:
    off = TOLERANCE_SEC - 0.5
    found = SPOKEN.find(cite(QUOTE, SAID.start_sec + off, SAID.end_sec - off))
    assert found is not None
    assert found.is_as_claimed


def test_a_quote_with_a_word_wrong_is_replaced_by_the_words_that_were_said() -> None:
    found = SPOKEN.find(cite("An enzyme divides water molecules into protons and oxygen"))
    assert found is not None
    assert found.citation == cite(QUOTE)
    assert not found.is_as_claimed


@pytest.mark.parametrize(
    "quote",
    [
        MADE_UP.quote,
        "Water is split by an enzyme, giving oxygen and protons as well as electrons.",
        "An enzyme joins sugar molecules into starch, cellulose, and wood.",
        "",
        "…",
    ],
)
def test_what_was_not_said_is_not_found(quote: str) -> None:
    assert SPOKEN.find(cite(quote)) is None


def test_a_few_common_words_are_believed_only_where_they_were_claimed() -> None:
    assert SPOKEN.find(cite("water molecules")) is not None
    assert SPOKEN.find(cite("water molecules", 0, 2)) is None


def test_a_word_that_ends_before_it_begins_gives_no_such_quote() -> None:
    said = TRANSCRIPT.utterances[4]
    glitch = said.words[-1].model_copy(update={"end_sec": said.start_sec - 1})
    broken = said.model_copy(update={"words": (*said.words[:-1], glitch)})
    utterances = tuple(broken if u == said else u for u in TRANSCRIPT.utterances)
    spoken = SpokenWords(TRANSCRIPT.model_copy(update={"utterances": utterances}))
    found = spoken.find(cite(said.text, said.start_sec, said.end_sec))
    assert found is not None
    assert 0 <= found.citation.start_sec <= found.citation.end_sec


def test_of_the_same_words_said_twice_the_nearer_place_is_meant() -> None:
    places = [
        word.start_sec
        for utterance in TRANSCRIPT.utterances
        for word in utterance.words
        if word.text == "rubisco"
    ]
    assert len(places) > 2
    for start in places:
        found = SPOKEN.find(cite("rubisco", start, start + 0.5))
        assert found is not None
        assert found.citation.start_sec == start


# --- items ---

GOOD = draft(TRANSCRIPT)


def checked(**contents: Any) -> GroundedDraft:
    return grounded(replace(GOOD, contents=replace(GOOD.contents, **contents)), TRANSCRIPT)


def test_an_item_that_quotes_nothing_said_is_dropped_and_counted() -> None:
    first = GOOD.contents.key_terms.terms[0]
    term = first.model_copy(update={"definition": f"{QUOTE}.", "citations": (RIGHT,)})
    content = GOOD.contents.key_terms.model_copy(
        update={
            "terms": (
                term,
                term.model_copy(update={"citations": (MADE_UP,)}),
                term.model_copy(update={"citations": (cite(QUOTE, 0, 1),)}),
                term.model_copy(update={"citations": (RIGHT, MADE_UP)}),
            )
        }
    )
    result = checked(key_terms=content)
    counts = result.grounding[ArtifactType.KEY_TERMS]
    assert (counts.items, counts.verified, counts.repaired, counts.dropped) == (4, 1, 2, 1)
    assert [t.citations for t in result.contents.key_terms.terms] == [
        term.citations,
        (RIGHT,),
        (RIGHT,),
    ]


def test_an_artifact_that_loses_everything_is_invalid() -> None:
    node = OutlineNode(
        title="History",
        start_sec=0,
        end_sec=9,
        points=(OutlinePoint(text="Two chemists", citations=(MADE_UP,)),),
    )
    with pytest.raises(GenerationInvalidError, match="outline: none of 1 items"):
        checked(outline=OutlineContent(nodes=(node,)))


def test_an_artifact_without_items_is_invalid() -> None:
    with pytest.raises(GenerationInvalidError, match="flashcards"):
        checked(flashcards=FlashcardsContent(cards=()))


def test_a_section_without_bullets_and_a_chapter_without_points_go() -> None:
    good = Bullet(text="Enzymes split water.", citations=(RIGHT,))
    bad = Bullet(text="Two chemists isolated it.", citations=(MADE_UP,))
    point = OutlinePoint(text="Splitting water", citations=(RIGHT,))
    result = checked(
        summary=SummaryContent(
            overview="Water is split.",
            overview_citations=(RIGHT,),
            sections=(
                SummarySection(title="History", bullets=(bad,)),
                SummarySection(title="Water", bullets=(bad, good)),
            ),
        ),
        outline=OutlineContent(
            nodes=(
                OutlineNode(title="History", start_sec=0, end_sec=1, points=()),
                OutlineNode(
                    title="Water",
                    start_sec=SAID.start_sec + 1,
                    end_sec=10_000,
                    points=(),
                    children=(
                        OutlineNode(title="Splitting", start_sec=0, end_sec=1, points=(point,)),
                    ),
                ),
            )
        ),
    )
    assert [section.title for section in result.contents.summary.sections] == ["Water"]
    assert result.contents.summary.sections[0].bullets == (good,)
    (node,) = result.contents.outline.nodes
    assert node.children[0].points == (point,)
    assert node.start_sec <= SAID.start_sec
    assert SAID.end_sec <= node.end_sec <= TRANSCRIPT.duration_sec


def test_an_unsupported_overview_gives_way_to_supported_points() -> None:
    bullet = Bullet(text="Enzymes split water.", citations=(RIGHT,))
    result = checked(
        summary=SummaryContent(
            overview="Chemists have long known chlorophyll.",
            overview_citations=(MADE_UP,),
            sections=(SummarySection(title="Water", bullets=(bullet,)),),
        )
    )
    assert result.contents.summary.overview == "Enzymes split water."
    assert result.contents.summary.overview_citations == (RIGHT,)
    assert result.grounding[ArtifactType.SUMMARY].dropped == 1


def test_points_that_stand_in_for_an_overview_do_not_make_one_long_sentence() -> None:
    bullet = Bullet(text="Enzymes split water", citations=(RIGHT,))
    result = checked(
        summary=SummaryContent(
            overview="Chemists have long known chlorophyll.",
            overview_citations=(MADE_UP,),
            sections=(SummarySection(title="Water", bullets=(bullet,)),) * 3,
        )
    )
    assert longest_sentence(result.contents.summary.overview) == 3


def question(**values: object) -> ExamQuestion:
    return ExamQuestion.model_validate(
        {
            "kind": "multiple-choice",
            "question": "What is split?",
            "options": ("water", "sugar", "starch"),
            "answer": "water",
            "explanation": "It was said.",
            "citations": (RIGHT,),
            **values,
        }
    )


@pytest.mark.parametrize(
    "broken",
    [
        {"answer": "oxygen"},
        {"options": ("water", "water", "sugar")},
        {"options": ("water", "Water.", "sugar")},
        {"options": ("water",)},
        {"options": ("water", " ")},
        {"options": ()},
        {"question": " "},
        {"answer": " "},
        {"kind": "true-false", "options": (), "answer": "Yes"},
        {"kind": "true-false", "answer": "True"},
        {"kind": "essay"},
    ],
)
def test_a_broken_question_is_dropped(broken: dict[str, object]) -> None:
    questions = (question(), question(**broken))
    result = checked(exam_questions=ExamQuestionsContent(questions=questions))
    assert result.contents.exam_questions.questions == (question(),)
    assert result.grounding[ArtifactType.EXAM_QUESTIONS].dropped == 1


def card(**values: object) -> Flashcard:
    return Flashcard.model_validate(
        {
            "key": "basic:water",
            "kind": "basic",
            "front": "What does the enzyme split?",
            "back": "Water molecules",
            "difficulty": "easy",
            "citations": (RIGHT,),
            **values,
        }
    )


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"key": "basic:other", "back": ""},
        {"key": "basic:other", "front": "Which water molecules?"},
        {"key": "cloze:other", "kind": "cloze", "front": "Nothing is hidden here."},
    ],
)
def test_a_doubled_or_broken_card_is_dropped(broken: dict[str, object]) -> None:
    result = checked(flashcards=FlashcardsContent(cards=(card(), card(**broken))))
    assert result.contents.flashcards.cards == (card(),)


def test_a_concept_keeps_the_evidence_that_holds_and_goes_without_any() -> None:
    concepts = (
        Concept("water splitting", "An enzyme splits water.", 2, (MADE_UP, RIGHT)),
        Concept("chemistry", "Two chemists.", 2, (MADE_UP,)),
    )
    result = grounded(Draft(GOOD.contents, concepts), TRANSCRIPT)
    assert [(c.title, c.evidence) for c in result.concepts] == [("water splitting", (RIGHT,))]
