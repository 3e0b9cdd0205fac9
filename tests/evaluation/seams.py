"""Random cuts through known text: is a word lost or doubled where two segments meet?

    python -m tests.evaluation.seams [--cuts 200] [--model base] [--uncut]

A cut is wished at a random place and made within three seconds of it, so mostly in a pause
far shorter than those that the product finds within half a minute, and where there is none
the segments overlap. Each side is recognized on its own, both are merged, and the words
around the seam are compared with the spoken text: of those that a transcript of the whole
file has right none may be missing and none be there twice. Some are other words now, as
they may be wherever Whisper is shown another half minute; these are counted apart.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import jiwer
import numpy as np

from functions.transcribe.audio import SAMPLE_RATE, Samples, as_float, decode
from functions.transcribe.cut_points import Cut, CutLimits, best_cut
from functions.transcribe.cutting import OVERLAP_SEC
from functions.transcribe.recognizer import Recognizer
from functions.transcribe.voice import WINDOW, VoiceActivity
from shared.speech.merging import RecognizedSegment, merge
from tests.support.recognizers import packaged_recognizer
from tests.support.speech import LECTURES

SIDE_SEC = 30.0
"""Of each side that is recognized: what Whisper is shown at once."""
AROUND_SEC = 5.0
"""Words this near a seam are compared."""
COMPARED_SEC = 25.0
"""What is aligned with the text, so that the alignment is sure of its place."""
WISH_SEC = 3.0


@dataclass(frozen=True)
class Heard:
    text: str
    start_sec: float


@dataclass(frozen=True)
class Seam:
    lecture: str
    at_sec: float
    in_pause: bool
    compared: int
    lost: tuple[str, ...]
    """There is nothing in their place."""
    replaced: tuple[str, ...]
    """There is another word in their place, or one for two of them."""
    doubled: tuple[str, ...]


class Lecture:
    """A recording, its text, and what a transcript of the whole has right of it."""

    def __init__(self, name: str, recognizer: Recognizer) -> None:
        self.name = name
        self._recognizer = recognizer
        with (LECTURES / f"{name}.ogg").open("rb") as stream:
            self._samples: Samples = np.concatenate(list(decode(stream)))
        voice = VoiceActivity()
        self._speech = np.concatenate((voice.add(self._samples), voice.finish()))
        self._text = _words((LECTURES / f"{name}.txt").read_text())
        self._whole = list(self._hear(0, len(self._samples)))
        self._right = {
            said: self._whole[heard].start_sec
            for said, heard in _same(self._text, [word.text for word in self._whole])
        }

    def cut_near(self, at_sec: float, *, uncut: bool = False) -> Seam:
        cut_sec, in_pause, merged = self._merged(at_sec, uncut=uncut)
        near = [i for i, sec in self._right.items() if abs(sec - cut_sec) <= COMPARED_SEC]
        first, last = near[0], near[-1]
        heard = [w.text for w in merged if abs(w.start_sec - cut_sec) <= COMPARED_SEC]
        said = self._text[first : last + 1]
        missing, other = _wrong(said, heard)
        around = [i for i in near if abs(self._right[i] - cut_sec) <= AROUND_SEC]
        close = [w.text for w in merged if abs(w.start_sec - cut_sec) <= AROUND_SEC]
        return Seam(
            lecture=self.name,
            at_sec=cut_sec,
            in_pause=in_pause,
            compared=len(around),
            lost=tuple(self._text[i] for i in around if i - first in missing),
            replaced=tuple(self._text[i] for i in around if i - first in other),
            doubled=tuple(_doubled(close, self._text[around[0] : around[-1] + 1])),
        )

    @property
    def length_sec(self) -> float:
        return len(self._samples) / SAMPLE_RATE

    def _merged(self, at_sec: float, *, uncut: bool) -> tuple[float, bool, list[Heard]]:
        begin = max(0, round((at_sec - SIDE_SEC) * SAMPLE_RATE / WINDOW))
        stop = round((at_sec + SIDE_SEC) * SAMPLE_RATE / WINDOW)
        wished_sec = at_sec - begin * WINDOW / SAMPLE_RATE
        cut: Cut = best_cut(
            self._speech[begin:stop],
            self._samples[begin * WINDOW : stop * WINDOW],
            CutLimits.around(wished_sec, target_sec=WISH_SEC / 0.4),
        )
        at = (begin + cut.at) * WINDOW
        shared = 0 if cut.in_pause else round(OVERLAP_SEC / 2 * SAMPLE_RATE)
        first, last = begin * WINDOW, stop * WINDOW
        sides = ((first, last),) if uncut else ((first, at + shared), (at - shared, last))
        transcript = merge(
            [
                RecognizedSegment(
                    start / SAMPLE_RATE,
                    min(end, len(self._samples)) / SAMPLE_RATE,
                    self._recognizer.recognize(
                        as_float(self._samples[start:end]), language="en", vocabulary=()
                    ),
                )
                for start, end in sides
            ],
            provider="whisper",
            model=self._recognizer.model,
        )
        words = [
            Heard(text, word.start_sec)
            for utterance in transcript.utterances
            for word in utterance.words
            for text in _words(word.text)
        ]
        return at / SAMPLE_RATE, cut.in_pause, words

    def _hear(self, start: int, end: int) -> Iterator[Heard]:
        found = self._recognizer.recognize(
            as_float(self._samples[start:end]), language="en", vocabulary=()
        )
        for word in found.words:
            for text in _words(word.text):
                yield Heard(text, word.start_sec)


def seams(
    recognizer: Recognizer, *, cuts: int, uncut: bool = False, seed: int = 11
) -> Iterator[Seam]:
    dice = random.Random(seed)  # noqa: S311
    names = sorted(path.stem for path in LECTURES.glob("*.ogg"))
    for number, name in enumerate(names):
        lecture = Lecture(name, recognizer)
        for _ in range(number, cuts, len(names)):
            yield lecture.cut_near(dice.uniform(10, lecture.length_sec - 10), uncut=uncut)


def _words(text: str) -> list[str]:
    bare = "".join(c if c.isalnum() or c == "'" else " " for c in text.casefold())
    return bare.split()


def _same(said: Sequence[str], heard: Sequence[str]) -> list[tuple[int, int]]:
    """Positions in both of the words that are alike, by the least number of changes."""
    return [
        (chunk.ref_start_idx + offset, chunk.hyp_start_idx + offset)
        for chunk in _aligned(said, heard)
        if chunk.type == "equal"
        for offset in range(chunk.ref_end_idx - chunk.ref_start_idx)
    ]


def _wrong(said: Sequence[str], heard: Sequence[str]) -> tuple[set[int], set[int]]:
    """Positions of what was said and is missing, and of what became other words.

    A word that is missing beside one that became another was heard together with it: "an
    array" as "Nva".
    """
    missing, other = set[int](), set[int]()
    for chunks in _stretches_between_equals(_aligned(said, heard)):
        replaced = any(chunk.type == "substitute" for chunk in chunks)
        for chunk in chunks:
            positions = range(chunk.ref_start_idx, chunk.ref_end_idx)
            (other if replaced else missing).update(positions)
    return missing, other


def _stretches_between_equals(
    chunks: Sequence[jiwer.AlignmentChunk],
) -> Iterator[list[jiwer.AlignmentChunk]]:
    for equal, stretch in groupby(chunks, key=lambda chunk: chunk.type == "equal"):
        if not equal:
            yield list(stretch)


def _aligned(said: Sequence[str], heard: Sequence[str]) -> list[jiwer.AlignmentChunk]:
    return jiwer.process_words(" ".join(said), " ".join(heard)).alignments[0]


def _doubled(heard: Sequence[str], said: Sequence[str]) -> Iterator[str]:
    """Words twice in a row, or pairs of them, that were said but once."""
    there = " ".join(said)
    for size in (1, 2, 3):
        for at in range(len(heard) - 2 * size + 1):
            run = " ".join(heard[at : at + size])
            if run == " ".join(heard[at + size : at + 2 * size]) and f"{run} {run}" not in there:
                yield run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--model", default="base")
    parser.add_argument("--uncut", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        recognizer = packaged_recognizer(asked.model, Path(cache))
        done = []
        for seam in seams(recognizer, cuts=asked.cuts, uncut=asked.uncut):
            done.append(seam)
            if seam.lost or seam.doubled or seam.replaced:
                print(
                    f"{seam.lecture} {seam.at_sec:.2f} pause={seam.in_pause} "
                    f"lost={seam.lost} doubled={seam.doubled} replaced={seam.replaced}",
                    flush=True,
                )
    compared = sum(seam.compared for seam in done)
    overlapping = sum(not seam.in_pause for seam in done)
    print(
        f"{len(done)} cuts, {overlapping} of them with an overlap; {compared} words compared, "
        f"{sum(len(seam.lost) for seam in done)} lost, "
        f"{sum(len(seam.doubled) for seam in done)} doubled, "
        f"{sum(len(seam.replaced) for seam in done)} replaced"
    )
    sys.exit(any(seam.lost or seam.doubled for seam in done))


if __name__ == "__main__":
    main()
