"""Does the first word after a pause stand where it is said?

    python -m tests.evaluation.pauses [--model base] [--rounds 2]

The pauses of the test lectures are drawn out to random lengths of 0.5 to 20 s. Where somebody
speaks again is told from the loudness, as there is nothing else in these recordings; which word
comes first, from a recognition of the lecture as it is. Ends with 1 unless 95 % of the first words
are within 0.25 s of the sound, and all within 0.6 s.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, as_float, decode
from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.speech.pieces import speech_in
from functions.transcribe.vocabulary.likeness import bare
from shared.documents.transcript import Word
from tests.support.sound.recognizers import packaged_recognizer
from tests.support.sound.speech import LECTURES

Sound = NDArray[np.float32]

FRAME = SAMPLE_RATE // 100
SILENCE_SEC = 0.25
"""What is a pause in the lectures as they are."""
QUIET = 0.02
"""Of the loudest: below this is silence."""
PAUSE_SEC = (0.5, 20.0)
NEAR_SEC, FURTHEST_SEC = 0.25, 0.6
NEAR_SHARE = 0.95


def errors(recognizer: Recognizer, name: str, dice: random.Random) -> Iterator[tuple[str, float]]:
    """Each first word after a pause, and by how many seconds it is too late."""
    with (LECTURES / f"{name}.ogg").open("rb") as stream:
        sound = as_float(np.concatenate(list(decode(stream))))
    as_is = recognizer.recognize(speech_in(sound), language="en", vocabulary=()).words
    drawn, begins = _drawn_out(sound, dice)
    found = recognizer.recognize(speech_in(drawn), language="en", vocabulary=()).words
    there = _same(as_is, found)
    for middle_sec, after_sec in begins:
        # The first word of which most lies behind the middle of the pause: Whisper may have let
        # it begin within.
        first = next(
            (at for at, w in enumerate(as_is) if (w.start_sec + w.end_sec) / 2 > middle_sec), None
        )
        if first in there and _is_first(first, there):
            word = found[there[first]]
            yield word.text, word.start_sec - after_sec


def _is_first(word: int, there: Mapping[int, int]) -> bool:
    """Whether the word before is the same too. If not, the one that comes first was not recognized
    in the lecture as it is, and which it is cannot be told from that."""
    return word == 0 or there.get(word - 1) == there[word] - 1


def _drawn_out(sound: Sound, dice: random.Random) -> tuple[Sound, list[tuple[float, float]]]:
    """The sound with longer pauses; the middle of each as it was, and where it ends now."""
    parts: list[Sound] = []
    begins = []
    at = length = 0
    noise = np.random.default_rng(1)
    for silent, loud in _silences(sound):
        middle = (silent + loud) // 2
        parts.append(sound[at:middle])
        length += middle - at
        wished = round(dice.uniform(*PAUSE_SEC) * SAMPLE_RATE)
        more = max(0, wished - (loud - silent))
        parts.append(noise.normal(0, 1e-4, more).astype(np.float32))
        length += more
        begins.append((middle / SAMPLE_RATE, (length + loud - middle) / SAMPLE_RATE))
        at = middle
    parts.append(sound[at:])
    return np.concatenate(parts), begins


def _silences(sound: Sound) -> Iterator[tuple[int, int]]:
    frames = np.abs(sound[: len(sound) // FRAME * FRAME]).reshape(-1, FRAME).max(axis=1)
    loud = np.flatnonzero(frames > QUIET * frames.max())
    for one, other in pairwise(loud.tolist()):
        if (other - one) * FRAME >= SILENCE_SEC * SAMPLE_RATE:
            yield (one + 1) * FRAME, other * FRAME


def _same(left: Sequence[Word], right: Sequence[Word]) -> dict[int, int]:
    blocks = SequenceMatcher(
        None,
        [bare(word.text) for word in left],
        [bare(word.text) for word in right],
        autojunk=False,
    ).get_matching_blocks()
    return {ours + n: theirs + n for ours, theirs, length in blocks for n in range(length)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    dice = random.Random(5)  # noqa: S311
    late: list[float] = []
    with tempfile.TemporaryDirectory() as cache:
        recognizer = packaged_recognizer(asked.model, Path(cache))
        for _ in range(asked.rounds):
            for recording in sorted(LECTURES.glob("*.ogg")):
                for word, sec in errors(recognizer, recording.stem, dice):
                    late.append(sec)
                    if abs(sec) > NEAR_SEC:
                        print(f"{recording.stem}: {word!r} {sec:+.2f} s", flush=True)
    off = np.abs(late)
    near = float(np.mean(off <= NEAR_SEC))
    print(
        f"{len(late)} first words: {near:.1%} within {NEAR_SEC} s, "
        f"median {np.median(off):.2f} s, furthest {off.max():.2f} s"
    )
    sys.exit(near < NEAR_SHARE or off.max() > FURTHEST_SEC)


if __name__ == "__main__":
    main()
