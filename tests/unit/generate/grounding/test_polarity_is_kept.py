"""No sentence is turned into its opposite, whatever the extractive provider makes of it.

The oracle knows nothing of how the product compares: each sentence is written with the words that
decide it, and wherever most of its other words are shown together, these have to be there.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

from functions.generate.grounding.grounding import GroundedDraft, ground
from functions.generate.providers.extractive.provider import ExtractiveProvider
from functions.generate.text import lexicon
from functions.generate.text.phrasing import load_phrasing
from shared.documents.artifacts import ExamQuestion, Flashcard
from shared.documents.transcript import Transcript
from shared.presets import list_presets
from tests.unit.generate.lectures import outline_nodes, request, spoken, uncovered

pytestmark = pytest.mark.heavy


SENTENCES = json.loads(
    (Path(__file__).parents[3] / "data" / "polarity" / "sentences.json").read_text()
)
LANGUAGES = sorted(SENTENCES)
MOST = 0.75
"""Part of a sentence's other words, its subjects left out, from which on it is what is shown."""
SENTENCE_WORDS = 6
FEWER = 2
"""Subjects with which the slower tests are run; where a sentence is cut depends on its words."""
TELLING_LETTERS = 4
"""Shorter words stand in any sentence."""
_WORD = re.compile(r"[\w\u0900-\u0963'’]+")
_SENTENCE = re.compile(r"(?<=[.?!।])[”»“\"]?\s+")


@dataclass(frozen=True)
class Case:
    sentence: str
    kept: tuple[str, ...]
    """Words and phrases that decide what it claims."""
    subjects: frozenset[str]
    """Words that the sentences beside it have as well."""

    def is_reversed_by(self, shown: str) -> bool:
        told = _words(shown)
        kept = {word for each in self.kept for word in _words(each)}
        telling = _words(self.sentence) - kept - self.subjects
        rest = {word for word in telling if len(word) >= TELLING_LETTERS} or telling
        if self.subjects.isdisjoint(told) or len(rest & told) < MOST * len(rest):
            return False
        low = f" {' '.join(_WORD.findall(shown.casefold()))} "
        return not all(f" {each} " in low or _elided(each, low) for each in self.kept)


def _elided(word: str, text: str) -> bool:
    return f"'{word} " in text or f" {word}'" in text


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def cases(language: str) -> Iterator[tuple[list[str], list[Case]]]:
    """For each subject the plain sentences about it, and those that are to be kept."""
    data = SENTENCES[language]
    for a, b in data["subjects"]:
        names = {"a": a, "b": b, "A": a[:1].upper() + a[1:]}
        yield (
            [text.format(**names) for text in data["around"]],
            [
                Case(each["sentence"].format(**names), tuple(each["kept"]), _words(f"{a} {b}"))
                for each in data["patterns"]
            ],
        )


def texts(draft: GroundedDraft) -> Iterator[str]:
    """Every text that claims something, with its gaps filled."""
    contents = draft.contents
    yield contents.summary.overview
    for section in contents.summary.sections:
        yield from _of_title(section.title)
        yield from (bullet.text for bullet in section.bullets)
    for node in outline_nodes(contents):
        yield from _of_title(node.title)
        yield from (point.text for point in node.points)
    for term in contents.key_terms.terms:
        yield from (term.definition, term.example or "")
    for card in contents.flashcards.cards:
        yield from _of_card(card)
    for question in contents.exam_questions.questions:
        yield from _of_question(question)
    for concept in draft.concepts:
        yield concept.description
        if concept.change:
            yield concept.change.summary


def _of_title(title: str) -> tuple[str, ...]:
    """A short one names a subject and claims nothing of it."""
    return (title,) if len(title.split()) >= SENTENCE_WORDS else ()


def _of_card(card: Flashcard) -> tuple[str, str]:
    return uncovered(card.front), card.back


def _of_question(question: ExamQuestion) -> Iterator[str]:
    is_false = question.kind == "true-false" and question.answer == "False"
    # The stem of another kind asks.
    if question.kind in {"true-false", "multiple-choice"} and not is_false:
        yield question.question.replace("_____", question.answer)
    yield from (question.answer, question.explanation, *question.marking_points)


def reversals(made: GroundedDraft, case: Case, said: Transcript) -> list[str]:
    """What is shown of the case without its words, unless it was said so elsewhere ("at least
    five …" beside "at most five …")."""
    others = [_words(each.text) for each in said.utterances if case.sentence[1:-1] not in each.text]
    return [
        sentence
        for text in texts(made)
        for sentence in _SENTENCE.split(text)
        if not sentence.rstrip().endswith("?")
        and case.is_reversed_by(sentence)
        and not any(other <= _words(sentence) for other in others)
    ]


def made_of(said: Transcript, preset: str) -> GroundedDraft:
    asked = request(said, preset)
    provider = ExtractiveProvider()
    return ground(provider.generate(asked), asked, provider)


def every_case() -> int:
    return sum(len(list_) for language in LANGUAGES for _, list_ in cases(language))


def test_there_are_enough_sentences_and_every_language_with_a_file_has_some() -> None:
    assert every_case() >= 500
    files = {file.stem for file in Path(lexicon.__file__).parent.glob("*.json")}
    assert files == set(LANGUAGES)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_said_among_others_is_not_reversed(language: str) -> None:
    found = []
    for around, listed in cases(language):
        said = spoken(" ".join([*around, *(case.sentence for case in listed)]), language)
        for preset in list_presets():
            made = made_of(said, preset.id)
            assert sum(each.dropped for each in made.grounding.values()) == 0
            found += [
                (case.sentence, shown) for case in listed for shown in reversals(made, case, said)
            ]
    assert not found


@pytest.mark.selection
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_a_lecture_turns_on_is_not_reversed(language: str) -> None:
    found = []
    for around, listed in cases(language):
        for case in listed:
            said = spoken(" ".join([case.sentence, *around]), language)
            made = made_of(said, "exam")
            found += [(case.sentence, shown) for shown in reversals(made, case, said)]
    assert not found


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_with_a_clause_behind_it_is_not_reversed_when_it_is_cut(language: str) -> None:
    tails = SENTENCES[language]["tails"]
    found = []
    subjects = zip(SENTENCES[language]["subjects"], cases(language), strict=True)
    for (_, b), (around, listed) in islice(subjects, FEWER):
        for number, case in enumerate(listed):
            tail = tails[number % len(tails)].format(b=b)
            long = f"{case.sentence.rstrip('.।')}{tail}{case.sentence[-1]}"
            assert case.sentence[1:-1] in long
            said = spoken(" ".join([long, *around]), language)
            made = made_of(said, "neurodivergent-friendly")
            found += [(long, shown) for shown in reversals(made, case, said)]
    assert not found


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_behind_an_opener_is_not_reversed(language: str) -> None:
    openers = load_phrasing(language).openers or ("so",)
    found = []
    for around, listed in islice(cases(language), FEWER):
        for number, case in enumerate(listed):
            opener = openers[number % len(openers)].capitalize()
            first = case.sentence[:1].lower() + case.sentence[1:]
            comma = "," if number % 2 else ""
            said = spoken(" ".join([f"{opener}{comma} {first}", *around]), language)
            made = made_of(said, "exam")
            found += [(opener, case.sentence, shown) for shown in reversals(made, case, said)]
    assert not found
