"""Whether what an item answers was said where it is quoted from: two checks that need no model.

A quote that was said proves that the lecture spoke of a thing, not that the item follows from it.
Of what an item answers (not what it asks, and not its options), facts that no paraphrase replaces
(numbers, units, names) have to be said in the passage, and so have enough of its content words. A
passage is the quoted utterances and two on either side. Both are lower bounds: an answer that
turns a relation round in the same words passes them; negations and opposites are the polarity
check's.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from functions.generate.drafts import Item, Overview
from functions.generate.grounding.polarity.claims import is_question
from functions.generate.grounding.polarity.clauses import ClauseReader
from functions.generate.grounding.polarity.comparing import unsaid_numbers
from functions.generate.grounding.polarity.numbers import Number
from functions.generate.grounding.support import WITHOUT_SPACES
from functions.generate.text.language import Language
from functions.generate.text.lexicon import load_words
from functions.generate.text.words import split_word, tokens
from shared.documents.artifacts import (
    Bullet,
    Citation,
    ExamQuestion,
    Flashcard,
    KeyTerm,
    OutlinePoint,
)
from shared.documents.transcript import Transcript, Utterance

NEIGHBOURS = 2
"""Utterances on either side of a quoted one that may say what the item answers: who “it” is, and
the number that comes with the next sentence."""
COVERAGE = 0.6
"""Least part of an answer's content words that have to be said in the passage. Fitted on one half
of the labelled items (docs/quality.md)."""
LIKE_LETTERS = 5
"""Words that begin alike in so many letters count as one: "insulate" and "insulation"."""
_ASKS_WHETHER = re.compile(r"^[^?:.!]{1,60}[?:]\s+(?=\w)")
"""What stands before the statement of a true-false question ("Richtig oder falsch? …")."""
_CLOZE = re.compile(r"\{\{c\d+::(.*?)(?:::[^}]*)?\}\}")
_GAP_MARKS = re.compile(r"\{\{c\d+(?:::)?|\}\}")
_SENTENCE_START = re.compile(r"(?:^|[.!?:…]\s+|[“\"'(])\W*$")


@dataclass(frozen=True)
class Passage:
    utterances: tuple[Utterance, ...]
    stems: frozenset[str]
    heads: frozenset[str]
    """The first letters of its longer words."""
    numbers: tuple[Number, ...]


class AnswerSupportCheck:
    """Knows one lecture. Of a language without spaces nothing is compared."""

    def __init__(self, transcript: Transcript, language: Language) -> None:
        self._utterances = transcript.utterances
        self._starts = [utterance.start_sec for utterance in transcript.utterances]
        self._ends = [utterance.end_sec for utterance in transcript.utterances]
        self._language = language
        self._is_read = transcript.language not in WITHOUT_SPACES
        # Where nouns have a capital letter, it is no sign of a name.
        self._knows_names = transcript.language != "de"
        self._reader = ClauseReader(language, load_words(language.code))
        self._known: dict[tuple[int, ...], Passage] = {}

    def reasons(self, item: Item, citations: Sequence[Citation]) -> tuple[str, ...]:
        """What of the item was not said there, as messages for the provider; empty if nothing."""
        if not (self._is_read and citations):
            return ()
        passage = self._passage(citations)
        found = [
            reason
            for text in shown_fields(item)
            for reason in (*self._unsaid_numbers(text, passage), *self._unsaid_names(text))
        ]
        answer = answer_of(item)
        if isinstance(item, Flashcard | ExamQuestion):
            found += self._other_numbers(answer, passage, self._passage(citations, neighbours=0))
        if answer and self.coverage(answer, passage) < COVERAGE:
            found.append("what it answers is not said where it is quoted from")
        return tuple(dict.fromkeys(found))

    def coverage(self, answer: str, passage: Passage) -> float:
        """The part of the answer's content words that the passage has; 1 of an answer without."""
        wanted = set(self._content(answer))
        if not wanted:
            return 1.0
        said = sum(
            stem in passage.stems or (len(stem) >= LIKE_LETTERS and _head(stem) in passage.heads)
            for stem in wanted
        )
        return said / len(wanted)

    def _content(self, text: str) -> Iterator[str]:
        """Stems of its content words. Numbers are looked at on their own."""
        for norm in tokens(_plain(text)):
            if not self._language.is_stop(norm) and not norm[0].isdigit():
                yield self._language.stem(norm)

    def passage_of(self, citations: Sequence[Citation]) -> Passage:
        return self._passage(citations)

    def _passage(self, citations: Sequence[Citation], neighbours: int = NEIGHBOURS) -> Passage:
        places: set[int] = set()
        for citation in citations:
            first = bisect_right(self._ends, citation.start_sec)
            last = max(first + 1, bisect_left(self._starts, citation.end_sec))
            places.update(range(first - neighbours, last + neighbours))
        key = tuple(sorted(places & set(range(len(self._utterances)))))
        if key not in self._known:
            self._known[key] = self._read([self._utterances[place] for place in key])
        return self._known[key]

    def _read(self, utterances: Sequence[Utterance]) -> Passage:
        stems = frozenset(
            stem
            for utterance in utterances
            # A lecture on Anki may say what looks like a gap.
            for text in {utterance.text, _plain(utterance.text)}
            for stem in self._language.stems(text)
        )
        numbers = tuple(
            number
            for utterance in utterances
            for clause in self._reader.read(utterance.text)
            for number in clause.numbers
        )
        heads = frozenset(_head(stem) for stem in stems if len(stem) >= LIKE_LETTERS)
        return Passage(tuple(utterances), stems, heads, numbers)

    def _unsaid_numbers(self, text: str, passage: Passage) -> Iterable[str]:
        return unsaid_numbers(self._reader.read(text), passage.numbers)

    def _other_numbers(self, answer: str, passage: Passage, quoted: Passage) -> Iterator[str]:
        """Numbers of an answer, where a small one in words is what is asked for: said in the
        passage; and of a unit that the quote has a number of, in the quote."""
        near = {number.value for number in passage.numbers}
        units = {number.unit for number in quoted.numbers if number.unit}
        here = {number.value for number in quoted.numbers}
        for clause in self._reader.read(answer):
            for number in clause.numbers:
                if number.value not in (here if number.unit in units else near):
                    yield f"its answer has a number that was not said there: {number.value:g}"

    def _unsaid_names(self, text: str) -> Iterator[str]:
        """Names that the lecture says nowhere: a passage may call by "he" whom it named before."""
        if not self._knows_names:
            return
        for name in names_in(text):
            if self._language.stem(name) not in self._all_stems and name not in self._all_norms:
                yield f"it has a name that was not said: {name}"

    @cached_property
    def _all_norms(self) -> frozenset[str]:
        return frozenset(norm for each in self._utterances for norm in tokens(each.text))

    @cached_property
    def _all_stems(self) -> frozenset[str]:
        return frozenset(map(self._language.stem, self._all_norms))


def names_in(text: str) -> Iterator[str]:
    """Words with a capital letter that begin no sentence, in lower case."""
    position = 0
    for word in text.split():
        position = text.index(word, position)
        bare = word.strip("“”\"'’.,;:!?()[]")
        if bare[:1].isupper() and not _SENTENCE_START.search(text[:position]):
            yield from (norm for norm in split_word(bare) if len(norm) > 1)
        position += len(word)


def _plain(text: str) -> str:
    """Without the marks of gaps, which may be in one another where the lecture has such marks."""
    return _GAP_MARKS.sub(" ", text)


def _head(stem: str) -> str:
    return stem[:LIKE_LETTERS]


def answer_of(item: Item) -> str:
    """What of the item answers: the part that is wrong if it was not said."""
    match item:
        case Overview() | Bullet(role=None | "claim" | "support") | OutlinePoint():
            return "" if is_question(item.text) else item.text
        case KeyTerm():
            return item.definition
        case Flashcard():
            return " ".join(_CLOZE.findall(item.front)) if item.kind == "cloze" else item.back
        case ExamQuestion(kind="true-false"):
            return _ASKS_WHETHER.sub("", item.question) if item.answer == "True" else ""
        case ExamQuestion():
            return item.answer
        case Bullet():
            return ""  # of a discussion: an objection may be asked for that was not made


def shown_fields(item: Item) -> tuple[str, ...]:
    """Every text of the item that states something. Wrong options and false statements do not."""
    match item:
        case Overview() | Bullet() | OutlinePoint():
            return (item.text,)
        case KeyTerm():
            return (item.definition, item.example or "")
        case Flashcard():
            return (_CLOZE.sub(r"\1", item.front), item.back)
        case ExamQuestion(kind="true-false", answer="False"):
            return (item.explanation,)
        case ExamQuestion(kind="true-false"):
            return (item.question, item.explanation)
        case ExamQuestion():
            return (item.question, item.answer, item.explanation, *item.marking_points)
