"""Distinguishes spoken repetition from repetition that Whisper invents.

Once a phrase has been said several times Whisper is inclined to write it once more, and again. The
words show which of them were said: those of an invented repetition have no sound to be aligned
with, so that six of them last a tenth of a second. A short word that was said may have no length
either, but it stands at a time of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from functions.transcribe.vocabulary.likeness import bare
from shared.documents.transcript import Word

LONGEST_PHRASE = 20
"""Words."""
FEWEST_TIMES = 4
"""A phrase said less often is left alone: Whisper gives no length to some words that were said."""
IMPOSSIBLE_SEC = 0.06
"""A word, on average: shorter than any spoken word."""
HURRIED_SEC = 0.15
"""A word, on average: a phrase that is both this fast and less than half as long as its
repetitions usually are is a remainder of one of them."""


@dataclass(frozen=True)
class _Run:
    """`times` repetitions of a phrase of `length` words, from word `start` on."""

    start: int
    length: int
    times: int

    @property
    def stop(self) -> int:
        return self.start + self.length * self.times


def said_only(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words without invented repetitions."""
    kept: list[Word] = []
    at = 0
    for run in _runs([bare(word.text) for word in words]):
        kept += words[at : run.start]
        kept += _said(words, run)
        at = run.stop
    return (*kept, *words[at:])


def _runs(texts: Sequence[str]) -> Iterator[_Run]:
    """Repetitions, in order, without overlap."""
    at = 0
    while at < len(texts):
        run = _run_at(texts, at)
        if run is None:
            at += 1
        else:
            yield run
            at = run.stop


def _run_at(texts: Sequence[str], start: int) -> _Run | None:
    """The run that covers most words, else "a a a a b" said again and again is taken for many
    runs of "a"; of several the one with the shortest phrase."""
    longest = None
    for length in range(1, min(LONGEST_PHRASE, (len(texts) - start) // FEWEST_TIMES) + 1):
        phrase = texts[start : start + length]
        times = 1
        while texts[start + times * length : start + (times + 1) * length] == phrase:
            times += 1
        run = _Run(start, length, times)
        if times >= FEWEST_TIMES and (longest is None or run.stop > longest.stop):
            longest = run
    return longest


def _said(words: Sequence[Word], run: _Run) -> list[Word]:
    phrases = [list(words[at : at + run.length]) for at in range(run.start, run.stop, run.length)]
    lengths_sec = [sum(word.end_sec - word.start_sec for word in phrase) for phrase in phrases]
    usual_sec = median(lengths_sec)
    said: list[list[Word]] = []
    for index, (phrase, length_sec) in enumerate(zip(phrases, lengths_sec, strict=True)):
        a_word_sec = length_sec / run.length
        stands_alone = _apart_sec(words, run, index) >= HURRIED_SEC * run.length
        invented = a_word_sec < IMPOSSIBLE_SEC or (
            a_word_sec < HURRIED_SEC and length_sec < usual_sec / 2
        )
        if not invented or stands_alone or not said:
            said.append(phrase)
        else:
            said[-1] = [_timed(word, other) for word, other in zip(said[-1], phrase, strict=True)]
    return [word for phrase in said for word in phrase]


def _apart_sec(words: Sequence[Word], run: _Run, index: int) -> float:
    """From the beginning of one repetition to that of the nearer of what stands beside it."""
    at = run.start + index * run.length
    before = at - (run.length if index > 0 else 1)
    after = at + run.length
    beside = [words[other].start_sec for other in (before, after) if 0 <= other < len(words)]
    return min((abs(other - words[at].start_sec) for other in beside), default=0.0)


def _timed(word: Word, invented: Word) -> Word:
    """A word that has no length of its own may have it in the repetition that was invented."""
    if word.end_sec > word.start_sec or invented.end_sec <= invented.start_sec:
        return word
    return word.model_copy(update={"start_sec": invented.start_sec, "end_sec": invented.end_sec})
