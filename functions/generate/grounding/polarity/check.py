"""Whether an item keeps the polarity of what its quotes come from."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from functions.generate.drafts import Item
from functions.generate.grounding.limits import SENTENCE_END
from functions.generate.grounding.polarity.aligning import align
from functions.generate.grounding.polarity.claims import Claim, Claims, Manner
from functions.generate.grounding.polarity.clauses import Clause, ClauseReader
from functions.generate.grounding.polarity.comparing import compare, unsaid_numbers
from functions.generate.grounding.polarity.numbers import Number
from functions.generate.grounding.support import AROUND_SEC, WITHOUT_SPACES
from functions.generate.text.cutting import MAX_WORDS
from functions.generate.text.language import Language
from functions.generate.text.lexicon import load_words
from functions.generate.text.sentences import Sentence, split_sentences
from functions.generate.text.words import tokens
from shared.documents.artifacts import Citation, ExamQuestion, OutlinePoint
from shared.documents.transcript import Transcript

NEIGHBOURS = 1
"""Sentences on either side of a quoted one that it may be paraphrased with."""
SAID_AS_FALSE = "it is given as false, but the lecture says it"
BROKEN_OFF = "…"


@dataclass(frozen=True)
class _Context:
    """What a claim is compared with."""

    wordings: frozenset[tuple[str, ...]]
    """Of each statement the bare words, as they were said and as they may be shown."""
    questions: frozenset[tuple[str, ...]]
    """The same of what the lecturer asks."""
    quoted: tuple[Clause, ...]
    """Of the sentences that hold a quote."""
    clauses: tuple[Clause, ...]
    """Of their neighbours as well."""
    numbers: tuple[Number, ...]
    """From farther around as well."""

    def said_of(self, shown: Sequence[Clause]) -> tuple[Clause, ...]:
        """What is quoted, where that is what is shown; else with what stands beside it."""
        return self.quoted if align(shown, self.quoted).is_close else self.clauses


class PolarityCheck:
    """Knows one lecture. Of a language without spaces nothing is compared; of one without word
    lists only numbers are."""

    def __init__(self, transcript: Transcript, language: Language) -> None:
        self._transcript = transcript
        self._language = language
        self._words = load_words(language.code)
        self._reader = ClauseReader(language, self._words)
        self._claims = Claims(self._words)
        self._is_read = transcript.language not in WITHOUT_SPACES
        # Material repeats what was said, and quotes are shared.
        self._clauses: dict[int, tuple[Clause, ...]] = {}
        self._known_wordings: dict[int, frozenset[tuple[str, ...]]] = {}
        self._read_texts: dict[str, tuple[Clause, ...]] = {}

    def changes(self, item: Item, citations: Sequence[Citation]) -> tuple[str, ...]:
        """What the item changes of what was said, as messages for the provider."""
        if isinstance(item, OutlinePoint) and self._is_name(item.text, citations):
            return ()
        if isinstance(item, ExamQuestion):
            item = self._without_quotes(item, citations)
        return self._changes(list(self._claims.of(item)), citations)

    def _is_name(self, text: str, citations: Sequence[Citation]) -> bool:
        """Of a thing that was named in just these words: it claims nothing of it."""
        stems = self._language.stems(text)
        return any(self._language.stems(citation.quote) == stems for citation in citations)

    def _without_quotes(self, item: ExamQuestion, citations: Sequence[Citation]) -> ExamQuestion:
        """Its explanation without whole sentences of the lecture, quotation marks and all that is
        in them."""
        explanation = item.explanation
        for citation in citations:
            for at in range(*self._between(citation.start_sec, citation.end_sec)):
                explanation = explanation.replace(self._sentences[at].citation.quote, " ")
        return item.model_copy(update={"explanation": explanation})

    def changes_in(self, text: str, citations: Sequence[Citation]) -> tuple[str, ...]:
        """The same of a text that states something."""
        return self._changes(list(self._claims.stated(text)), citations)

    def changes_in_title(self, title: str, citations: Sequence[Citation]) -> tuple[str, ...]:
        """The same of a title, which may but name a subject."""
        return self._changes(list(self._claims.named(title)), citations)

    def _changes(self, claims: Sequence[Claim], citations: Sequence[Citation]) -> tuple[str, ...]:
        if not (self._is_read and claims and citations):
            return ()
        context = self._context(citations)
        found = [change for claim in claims for change in self._of_claim(claim, context)]
        denied = [claim.text for claim in claims if claim.manner is Manner.DENIED]
        if self._are_said(denied, context):
            found.append(SAID_AS_FALSE)
        return tuple(dict.fromkeys(found))

    def _of_claim(self, claim: Claim, context: _Context) -> Iterator[str]:
        if claim.manner is Manner.DENIED:
            return
        if _is_among(context.wordings, claim.answer or claim.text) or (
            claim.in_question and _is_among(context.questions, claim.text)
        ):
            return
        shown = self._shown(claim.text)
        yield from unsaid_numbers(shown, context.numbers)
        if claim.manner is not Manner.ASKED and self._words.knows_negations:
            yield from compare(
                shown,
                context.said_of(shown),
                in_full=claim.manner is Manner.STATED,
                is_name=claim.manner is Manner.NAMED,
            ).changes

    def _are_said(self, texts: Sequence[str], context: _Context) -> bool:
        """Whether the lecture says all of them that have words of it, and these are most: "True or
        false?" has none."""
        weight = {True: 0, False: 0}
        for text in texts:
            shown = self._shown(text)
            compared = compare(shown, context.said_of(shown))
            is_said = compared.is_said and self._words.knows_negations
            is_said |= _is_among(context.wordings, text)
            if compared.is_related and not is_said:
                return False
            weight[is_said] += len(tokens(text))
        return weight[True] > weight[False]

    def _shown(self, text: str) -> tuple[Clause, ...]:
        """Without the clause that is visibly broken off."""
        if text not in self._read_texts:
            self._read_texts[text] = self._reader.read(text)
        clauses = self._read_texts[text]
        return clauses[:-1] if text.rstrip().endswith(BROKEN_OFF) else clauses

    def _context(self, citations: Sequence[Citation]) -> _Context:
        quoted: set[int] = set()
        near: set[int] = set()
        around: set[int] = set()
        for citation in citations:
            first, last = self._between(citation.start_sec, citation.end_sec)
            quoted.update(range(first, last))
            near.update(range(first - NEIGHBOURS, last + NEIGHBOURS))
            first, last = self._between(
                citation.start_sec - AROUND_SEC, citation.end_sec + AROUND_SEC
            )
            around.update(range(first, last))
        known = range(len(self._sentences))
        said = [self._sentences[at] for at in sorted(near) if at in known]
        # A question asserts nothing: "Can two electrons share …?"
        stated = [sentence for sentence in said if not sentence.is_question]
        return _Context(
            self._wordings(stated),
            self._wordings([sentence for sentence in said if sentence.is_question]),
            tuple(c for each in stated if each.index in quoted for c in self._read(each)),
            tuple(clause for each in stated for clause in self._read(each)),
            tuple(
                number
                for at in sorted(near | around)
                if at in known
                for clause in self._read(self._sentences[at])
                for number in clause.numbers
            ),
        )

    def _wordings(self, sentences: Sequence[Sentence]) -> frozenset[tuple[str, ...]]:
        return frozenset().union(*(self._wordings_of(sentence) for sentence in sentences))

    def _wordings_of(self, sentence: Sentence) -> frozenset[tuple[str, ...]]:
        if sentence.index not in self._known_wordings:
            self._known_wordings[sentence.index] = frozenset(
                tokens(piece)
                for text in {sentence.text, sentence.citation.quote}
                for piece in (text, *SENTENCE_END.split(text))
            )
        return self._known_wordings[sentence.index]

    def _between(self, start_sec: float, end_sec: float) -> tuple[int, int]:
        """The sentences that overlap a time, as the first and the one after the last."""
        first = bisect_right(self._ends, start_sec)
        return first, max(first, bisect_left(self._starts, end_sec))

    def _read(self, sentence: Sentence) -> tuple[Clause, ...]:
        if sentence.index not in self._clauses:
            # Cut as what is shown is cut: "… wants lock A. Neither can go on" is two to it.
            pieces = SENTENCE_END.split(sentence.citation.quote)
            self._clauses[sentence.index] = tuple(
                clause
                for number, piece in enumerate(pieces)
                for clause in self._reader.read(piece, sentence.index * MAX_WORDS + number)
            )
        return self._clauses[sentence.index]

    @cached_property
    def _sentences(self) -> tuple[Sentence, ...]:
        return split_sentences(self._transcript, self._language)

    @cached_property
    def _starts(self) -> list[float]:
        return [sentence.said[0].start_sec for sentence in self._sentences]

    @cached_property
    def _ends(self) -> list[float]:
        return [sentence.said[-1].end_sec for sentence in self._sentences]


def _is_among(wordings: frozenset[tuple[str, ...]], text: str) -> bool:
    """Each of its sentences is."""
    pieces = [words for piece in SENTENCE_END.split(text) if (words := tokens(piece))]
    return tokens(text) in wordings or wordings.issuperset(pieces)
