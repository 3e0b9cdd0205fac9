"""Do vocabulary hints help, and do they hurt where they do not belong?

    python -m tests.evaluation.hints [--model base]

Each test lecture is recognized without a hint, with the terms of its own course, and with
those of another one. Word errors of the whole, and how many of the lecture's own terms are
spelled right wherever they are said.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from functions.transcribe.audio import as_float, decode
from functions.transcribe.recognizer import Recognizer
from functions.transcribe.speech_only import speech_in
from tests.benchmarks.speech.measures import word_error_rate
from tests.support.recognizers import packaged_recognizer
from tests.support.speech import LECTURES

TERMS: Mapping[str, Sequence[str]] = {
    "economics": ("elasticity", "equilibrium", "supply curve", "demand curve", "surplus"),
    "hashing-1": ("hash table", "chaining", "linear probing", "load factor", "amortized analysis"),
    "hashing-2": ("cuckoo hashing", "Robin Hood", "tombstone", "hash flooding", "linear probing"),
    "photosynthesis": ("thylakoid", "Rubisco", "chlorophyll", "Calvin cycle", "stomata"),
}
"""As a course's threads name them."""

OTHER = dict(zip(TERMS, [*list(TERMS)[2:], *list(TERMS)[:2]], strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    asked = parser.parse_args()
    print("| lecture | hint | WER % | own terms right |")
    print("|---|---|--:|--:|")
    with tempfile.TemporaryDirectory() as cache:
        recognizer = packaged_recognizer(asked.model, Path(cache))
        for name in TERMS:
            for hint, terms in (
                ("none", ()),
                ("its own terms", TERMS[name]),
                (f"those of {OTHER[name]}", TERMS[OTHER[name]]),
            ):
                said, heard = (
                    (LECTURES / f"{name}.txt").read_text(),
                    _heard(recognizer, name, terms),
                )
                right, all_ = _spelled(said, heard, TERMS[name])
                print(
                    f"| {name} | {hint} | {word_error_rate(said, heard):.2f} | {right} of {all_} |",
                    flush=True,
                )


def _heard(recognizer: Recognizer, name: str, terms: Sequence[str]) -> str:
    with (LECTURES / f"{name}.ogg").open("rb") as stream:
        samples = as_float(np.concatenate(list(decode(stream))))
    found = recognizer.recognize(speech_in(samples), language="en", vocabulary=terms)
    return " ".join(word.text for word in found.words)


def _spelled(said: str, heard: str, terms: Sequence[str]) -> tuple[int, int]:
    """How often terms are said, and how often they are in the transcript there."""
    text, transcript = (" ".join(each.lower().split()) for each in (said, heard))
    counts = [(text.count(t.lower()), transcript.count(t.lower())) for t in terms]
    return sum(min(there, found) for there, found in counts), sum(there for there, _ in counts)


if __name__ == "__main__":
    main()
