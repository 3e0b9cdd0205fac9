"""What is shown has the negations, quantifiers, numbers and modals of what was said."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from functions.generate.drafts import Item, Overview
from functions.generate.grounding.polarity.check import SAID_AS_FALSE, PolarityCheck
from functions.generate.text.language import language_of
from shared.documents.artifacts import (
    Bullet,
    Citation,
    ExamQuestion,
    Flashcard,
    KeyTerm,
    OutlinePoint,
)
from shared.documents.transcript import Transcript
from tests.unit.generate.grounding.test_polarity_is_kept import LANGUAGES, cases
from tests.unit.generate.language_model.chat_server import Json
from tests.unit.generate.lectures import spoken

PARAPHRASES = json.loads(
    (Path(__file__).parents[3] / "data" / "polarity" / "paraphrases.json").read_text()
)


def cited(said: Transcript) -> tuple[Citation, ...]:
    return tuple(
        Citation(start_sec=u.start_sec, end_sec=u.end_sec, quote=u.text) for u in said.utterances
    )


def changes(
    item: Callable[[tuple[Citation, ...]], Item], said: str, language: str = "en"
) -> tuple[str, ...]:
    transcript = spoken(said, language)
    citations = cited(transcript)
    check = PolarityCheck(transcript, language_of(language))
    return check.changes(item(citations), citations)


def bullet(text: str) -> Callable[[tuple[Citation, ...]], Bullet]:
    return lambda citations: Bullet(text=text, citations=citations)


@pytest.mark.parametrize("pair", PARAPHRASES, ids=lambda pair: f"{pair['language']}")
def test_a_paraphrase_that_keeps_the_meaning_passes(pair: Json) -> None:
    assert changes(bullet(pair["kept"]), pair["said"], pair["language"]) == ()


@pytest.mark.parametrize(
    "pair", [p for p in PARAPHRASES if p["changed"]], ids=lambda pair: f"{pair['language']}"
)
def test_a_paraphrase_that_changes_the_meaning_is_found(pair: Json) -> None:
    assert changes(bullet(pair["changed"]), pair["said"], pair["language"])


def without(sentence: str, words: tuple[str, ...]) -> str:
    # French "ne" is half of a negation; a sentence that keeps it still denies.
    particles = ("ne", "n'") if {"pas", "jamais", "aucun", "personne", "rien"} & {*words} else ()
    for word in (*words, *particles):
        sentence = re.sub(rf"(?i)(?<!\w){re.escape(word)}(?!\w)\s*", "", sentence)
    return sentence


def mutations() -> Iterator[tuple[str, Transcript, int, str]]:
    """Each sentence of the property test without the words that decide it."""
    for language in LANGUAGES:
        for around, listed in cases(language):
            for case in listed:
                said = spoken(" ".join([*around, case.sentence]), language)
                yield language, said, len(said.utterances) - 1, without(case.sentence, case.kept)


@pytest.mark.heavy
def test_a_sentence_without_its_deciding_words_is_always_found() -> None:
    missed, alarms, total = [], [], 0
    for language, said, at, mutated in mutations():
        # French negations of two words ("ni … ni", "ne … que") keep their particle.
        if language == "fr" and re.search(r"\b(?:ne|n)\b", mutated):
            continue
        total += 1
        check, citations = PolarityCheck(said, language_of(language)), cited(said)[at:]
        original = said.utterances[at].text
        if check.changes(bullet(original)(citations), citations):
            alarms.append(original)
        if not check.changes(bullet(mutated)(citations), citations):
            missed.append((original, mutated))
    assert total >= 500
    assert alarms == []
    assert missed == []


# --- fields ---

SAID = "No two electrons of one atom share all four quantum numbers."
WRONG = "Two electrons of one atom share all four quantum numbers."
OTHER = "Electrons fill the shells of an atom from the inside to the outside."


def card(**values: object) -> Callable[[tuple[Citation, ...]], Flashcard]:
    base = {"key": "k", "kind": "basic", "front": "What holds?", "back": "", "difficulty": "easy"}
    return lambda citations: Flashcard.model_validate({**base, **values, "citations": citations})


def question(**values: object) -> Callable[[tuple[Citation, ...]], ExamQuestion]:
    base = {"kind": "short-answer", "question": "What holds?", "answer": OTHER, "explanation": ""}
    return lambda citations: ExamQuestion.model_validate({**base, **values, "citations": citations})


def term(**values: object) -> Callable[[tuple[Citation, ...]], KeyTerm]:
    base = {"term": "electron", "definition": OTHER, "first_said_sec": 0.0}
    return lambda citations: KeyTerm.model_validate({**base, **values, "citations": citations})


FIELDS: dict[str, Callable[[str], Callable[[tuple[Citation, ...]], Item]]] = {
    "overview": lambda text: lambda citations: Overview(text, citations),
    "bullet": bullet,
    "point": lambda text: lambda citations: OutlinePoint(text=text, citations=citations),
    "definition": lambda text: term(definition=text),
    "example": lambda text: term(example=text),
    "back": lambda text: card(back=text),
    "front that takes it for granted": lambda text: card(
        front=f"Why do {text[:1].lower()}{text[1:-1]}?", back=OTHER
    ),
    "cloze": lambda text: card(
        kind="cloze", front=text.replace("quantum", "{{c1::quantum}}"), back=""
    ),
    "back of a cloze": lambda text: card(
        kind="cloze", front="Electrons fill the {{c1::shells}} of an atom.", back=text
    ),
    "gap": lambda text: question(
        kind="multiple-choice",
        question=f"Which term fits the gap? “{text.replace('electrons', '_____')}”",
        options=("electrons", "neutrons"),
        answer="electrons",
    ),
    "answer": lambda text: question(answer=text),
    "explanation": lambda text: question(explanation=text),
    "quoted in an explanation": lambda text: question(explanation=f"The lecture says: “{text}”"),
    "marking point": lambda text: question(marking_points=(text,)),
    "true": lambda text: question(
        kind="true-false", question=f"True or false? {text}", answer="True"
    ),
}


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_compared(field: str) -> None:
    said = f"{OTHER} {SAID}"
    assert changes(FIELDS[field](WRONG), said)
    assert changes(FIELDS[field](SAID), said) == ()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [(WRONG, ()), (SAID, (SAID_AS_FALSE,)), ("No two protons of one atom share it.", ())],
)
def test_a_false_statement_is_not_what_was_said(statement: str, fault: tuple[str, ...]) -> None:
    asked = question(kind="true-false", question=f"True or false? {statement}", answer="False")
    assert changes(asked, f"{OTHER} {SAID}") == fault


@pytest.mark.parametrize(
    ("answer", "is_right"), [("No.", True), ("No, never.", True), ("Yes.", False), ("Yes", False)]
)
def test_yes_or_no_is_read_with_the_question(answer: str, is_right: bool) -> None:
    asked = card(front="Do two electrons of one atom share all four quantum numbers?", back=answer)
    assert (changes(asked, f"{OTHER} {SAID}") == ()) is is_right


def test_a_question_may_ask_for_what_is_not() -> None:
    said = "Copper and silver do not react with the acid. Zinc reacts with the acid."
    asked = card(front="Which metals do not react with the acid?", back="Copper and silver")
    turned = card(front="Which metals react with the acid?", back="Copper and silver")
    assert changes(asked, said) == ()
    assert changes(turned, said)


def test_wrong_options_may_say_anything() -> None:
    asked = question(
        kind="multiple-choice",
        question="What is known of two electrons of one atom?",
        options=(SAID, WRONG, "They share 17 quantum numbers."),
        answer=SAID,
    )
    assert changes(asked, f"{OTHER} {SAID}") == ()


@pytest.mark.parametrize("asked", ["Which of these is false?", "Which statement is not right?"])
def test_the_answer_to_what_is_false_need_not_be_what_was_said(asked: str) -> None:
    item = question(
        kind="multiple-choice", question=asked, options=(WRONG, OTHER, SAID), answer=WRONG
    )
    assert changes(item, f"{OTHER} {SAID}") == ()


def test_exchanged_parts_of_a_sentence_are_not_what_was_said() -> None:
    asked = question(
        kind="true-false", question="Iron is heavier than the whole of copper.", answer="False"
    )
    assert changes(asked, f"{OTHER} Copper is heavier than the whole of iron.") == ()


def test_what_the_lecturer_asks_is_not_what_the_lecturer_says() -> None:
    said = f"Can it be that two electrons of one atom share all four quantum numbers? {SAID}"
    assert changes(bullet(WRONG), said)


def test_a_clause_that_is_visibly_broken_off_claims_nothing() -> None:
    said = "The claim that heat is a fluid, as many scholars believed, is wrong."
    assert changes(bullet("The claim that heat is a fluid …"), said) == ()
