"""Finding a quote in what was said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from functions.generate.text.timing import timed_words
from functions.generate.text.words import split_word
from shared.documents.artifacts import Citation
from shared.documents.transcript import Transcript

SIMILARITY = 0.8
"""Least similarity (Ratcliff-Obershelp, on words) of a quote to the words it stands for. Of ten
words one may be another and one missing; a paraphrase stays well below."""
TOLERANCE_SEC = 2.0
"""How far a quote's time may be off without counting as misplaced: about half a sentence."""
MIN_MOVABLE_WORDS = 4
"""A shorter quote occurs too easily by chance: it is believed only where it was claimed."""
ANCHORS = 5
PLACES_PER_ANCHOR = 20


@dataclass(frozen=True)
class Found:
    citation: Citation
    """The very words of the transcript, with their times."""
    is_as_claimed: bool
    """Same words, and where the citation said."""


class SpokenWords:
    """A transcript, indexed so that quotes are found without reading it through."""

    def __init__(self, transcript: Transcript) -> None:
        self.duration_sec = transcript.duration_sec
        words = [word for utterance in transcript.utterances for word in timed_words(utterance)]
        self._words = words
        parts = [(norm, at) for at, word in enumerate(words) for norm in split_word(word.text)]
        self._tokens = [norm for norm, _ in parts]
        self._word_of = [at for _, at in parts]
        self._places: dict[str, list[int]] = {}
        for place, token in enumerate(self._tokens):
            self._places.setdefault(token, []).append(place)

    def find(self, claim: Citation) -> Found | None:
        """Where the quote was said, nearest to the time claimed; None if it was not said."""
        quote = [norm for word in claim.quote.split() for norm in split_word(word)]
        if not quote:
            return None
        exact = [(place, place + len(quote)) for place in self._exact(quote)]
        spans = exact or self._similar(quote, claim.start_sec)
        if not spans:
            return None
        first, end = min(spans, key=lambda span: abs(self._start(span[0]) - claim.start_sec))
        citation = self._cite(first, end)
        in_place = self._is_near(citation, claim)
        if not in_place and len(quote) < min(MIN_MOVABLE_WORDS, len(self._tokens)):
            return None
        return Found(citation, is_as_claimed=bool(exact) and in_place)

    def first_said_sec(self, text: str) -> float | None:
        """When these words were said first; None if they never were."""
        words = [norm for word in text.split() for norm in split_word(word)]
        place = next(iter(self._exact(words)), None) if words else None
        return None if place is None else self._start(place)

    def _exact(self, quote: Sequence[str]) -> Iterable[int]:
        rarest = min(range(len(quote)), key=lambda n: len(self._places.get(quote[n], ())))
        for place in self._places.get(quote[rarest], ()):
            first = place - rarest
            if first >= 0 and self._tokens[first : first + len(quote)] == quote:
                yield first

    def _similar(self, quote: Sequence[str], start_sec: float) -> list[tuple[int, int]]:
        """The most similar stretch of about the quote's length, as a list of at most one."""
        known = [n for n in range(len(quote)) if quote[n] in self._places]
        anchors = sorted(known, key=lambda n: len(self._places[quote[n]]))[:ANCHORS]
        firsts = {
            max(0, place - anchor)
            for anchor in anchors
            for place in sorted(
                self._places[quote[anchor]], key=lambda p: abs(self._start(p) - start_sec)
            )[:PLACES_PER_ANCHOR]
        }
        slack = 1 + len(quote) // 4
        best, best_span = SIMILARITY, None
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(quote)
        for first in sorted(firsts):
            low = max(0, first - slack)
            window = self._tokens[low : first + len(quote) + slack]
            matcher.set_seq1(window)
            blocks = [block for block in matcher.get_matching_blocks() if block.size]
            if not blocks:
                continue
            a, b = blocks[0].a, blocks[-1].a + blocks[-1].size
            matched = sum(block.size for block in blocks)
            ratio = 2 * matched / (len(quote) + b - a)
            if ratio >= best and (best_span is None or ratio > best):
                best, best_span = ratio, (low + a, low + b)
        return [best_span] if best_span else []

    def _start(self, place: int) -> float:
        return self._words[self._word_of[place]].start_sec

    def _cite(self, first: int, end: int) -> Citation:
        words = self._words[self._word_of[first] : self._word_of[end - 1] + 1]
        return Citation(
            start_sec=words[0].start_sec,
            # A recognizer may say that a word ended before it began.
            end_sec=max(words[0].start_sec, words[-1].end_sec),
            quote=" ".join(word.text for word in words),
        )

    @staticmethod
    def _is_near(found: Citation, claim: Citation) -> bool:
        return (
            claim.start_sec - TOLERANCE_SEC <= found.start_sec
            and found.end_sec <= claim.end_sec + TOLERANCE_SEC
        )


def check_quotes(
    citations: Sequence[Citation], spoken: SpokenWords
) -> tuple[tuple[Citation, ...], bool]:
    """The citations that hold, none twice, and whether anything had to change."""
    found = [spoken.find(citation) for citation in citations]
    kept = tuple(dict.fromkeys(hit.citation for hit in found if hit))
    return kept, not all(hit and hit.is_as_claimed for hit in found)
