"""Do vocabulary hints help, and do they hurt where they do not belong?

    python -m tests.evaluation.hints [--model base] [--seconds 45]

Two parts of each test lecture are recognized without a hint and with vocabularies that fit, fit
half, do not fit, and are poisoned: misheard titles, a repetition, words that sound like what is
said. Compared are word errors, sentence ends, the lecture's own terms, and words of the vocabulary
that stand in the transcript and were not said. Ends with 1 if a vocabulary costs sentence ends, or
more than 0.1 points of WER.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from functions.transcribe.audio import SAMPLE_RATE, as_float, decode
from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.speech.pieces import speech_in
from functions.transcribe.vocabulary.likeness import bare
from shared.documents.transcript import Word
from shared.speech.sentences import ends_sentence
from tests.benchmarks.speech.measures import word_error_rate
from tests.support.sound.recognizers import packaged_recognizer
from tests.support.sound.speech import LECTURES

TERMS: Mapping[str, Sequence[str]] = {
    "economics": ("elasticity", "equilibrium", "supply curve", "demand curve", "surplus"),
    "hashing-1": ("hash table", "chaining", "linear probing", "load factor", "amortized analysis"),
    "hashing-2": ("cuckoo hashing", "Robin Hood", "tombstone", "hash flooding", "linear probing"),
    "photosynthesis": ("thylakoid", "Rubisco", "chlorophyll", "Calvin cycle", "stomata"),
}
"""As a course's threads name them."""

OTHER = dict(zip(TERMS, [*list(TERMS)[2:], *list(TERMS)[:2]], strict=True))

POISON = (
    "Kelvin cycle",
    "MAD MAD MAD MAD",
    "phylocodes",
    "spanned",
    "supply curb",
    "has table",
    "linear proving",
    "equal librium",
)

MOST_POINTS = 0.1
"""By which a vocabulary may raise the word error rate."""


@dataclass(frozen=True)
class Row:
    lecture: str
    start_sec: float
    hint: str
    error_rate: float
    sentence_ends: int
    not_said: int
    own_right: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--seconds", type=int, default=45)
    asked = parser.parse_args()
    print("| lecture | from s | hint | WER % | sentence ends | hint words not said | own terms |")
    print("|---|--:|---|--:|--:|--:|--:|")
    worse = False
    with tempfile.TemporaryDirectory() as cache:
        recognizer = packaged_recognizer(asked.model, Path(cache))
        for name in TERMS:
            plain: dict[float, Row] = {}
            for row in rows(recognizer, name, asked.seconds):
                without = plain.setdefault(row.start_sec, row)
                worse |= row.sentence_ends < without.sentence_ends
                worse |= row.error_rate > without.error_rate + MOST_POINTS
                print(
                    f"| {row.lecture} | {row.start_sec:g} | {row.hint} | {row.error_rate:.2f} "
                    f"| {row.sentence_ends} | {row.not_said} | {row.own_right} |",
                    flush=True,
                )
    sys.exit(worse)


def rows(recognizer: Recognizer, name: str, seconds: int) -> Iterator[Row]:
    """Two parts of a lecture with each hint, the first of each part without one."""
    with (LECTURES / f"{name}.ogg").open("rb") as stream:
        samples = as_float(np.concatenate(list(decode(stream))))
    said = (LECTURES / f"{name}.txt").read_text()
    own, other = TERMS[name], TERMS[OTHER[name]]
    hints: Mapping[str, Sequence[str]] = {
        "none": (),
        "fits": own,
        "fits half": (*other[:3], *own[:3]),
        "does not fit": other,
        "poisoned": POISON,
    }
    length = seconds * SAMPLE_RATE
    for start in (0, len(samples) // 2):
        speech = speech_in(samples[start : start + length])
        reference = ""
        for hint, terms in hints.items():
            words = recognizer.recognize(speech, language="en", vocabulary=terms).words
            text = " ".join(word.text for word in words)
            reference = reference or said_there(said, text)
            yield Row(
                lecture=name,
                start_sec=start // SAMPLE_RATE,
                hint=hint,
                error_rate=word_error_rate(reference, text),
                sentence_ends=sum(ends_sentence(word.text) for word in words),
                not_said=_not_said(reference, words, terms),
                own_right=_right(reference, text, own),
            )


def said_there(said: str, heard: str) -> str:
    """The stretch of a lecture's text that a transcript of a part of it is nearest to."""
    texts, found = said.split(), heard.split()
    around = [
        (word_error_rate(" ".join(texts[start : start + length]), heard), start, length)
        for start in _near(texts, found)
        for length in range(len(found) - 6, len(found) + 7)
    ]
    _, start, length = min(around)
    return " ".join(texts[start : start + length])


def _near(texts: Sequence[str], found: Sequence[str]) -> Iterator[int]:
    """Where the first words may stand: the places at which most of them are near."""
    wanted = {bare(word) for word in found[:12]}
    common = [
        sum(bare(word) in wanted for word in texts[start : start + 12])
        for start in range(len(texts))
    ]
    best = max(range(len(texts)), key=lambda start: common[start])
    yield from range(max(0, best - 4), min(len(texts), best + 5))


def _not_said(said: str, words: Sequence[Word], terms: Sequence[str]) -> int:
    """Words of the vocabulary that stand in the transcript more often than they were said."""
    hinted = {bare(part) for term in terms for part in term.split()}
    there = Counter(bare(word) for word in said.split())
    found = Counter(bare(word.text) for word in words)
    return sum(max(0, found[word] - there[word]) for word in hinted)


def _right(said: str, heard: str, terms: Sequence[str]) -> int:
    text, transcript = (" ".join(each.lower().split()) for each in (said, heard))
    return sum(min(text.count(t.lower()), transcript.count(t.lower())) for t in terms)


if __name__ == "__main__":
    main()
