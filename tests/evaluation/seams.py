"""Random cuts through known text: is a word lost or doubled where two segments meet?

    python -m tests.evaluation.seams [--cuts 200] [--model base]

A recording is one of the test lectures from a random place on, cut into segments of a random
length. It is heard three times: by the product in segments, by the product as one segment,
and by faster-whisper itself as a whole. The words around each seam are compared with the
spoken text: of those that faster-whisper has right none may be missing and none be there
twice. And the product's two transcripts should be the same, word for word.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import jiwer
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel

from functions.transcribe.audio import SAMPLE_RATE, Samples, as_float, decode
from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.speech.cutting import CutSegment, cut
from shared.documents.transcript import Word
from tests.support.sound.recognizers import packaged_recognizer, packaged_weights
from tests.support.sound.speech import LECTURES, transcribe_segments

AROUND_SEC = 5.0
"""Words this near a seam are compared."""
COMPARED_SEC = 25.0
"""What is aligned with the text, so that the alignment is sure of its place."""
LATEST_START_SEC = 30.0
SEGMENT_SEC = (30.0, 75.0)


@dataclass(frozen=True)
class Heard:
    text: str
    start_sec: float


@dataclass(frozen=True)
class Seam:
    at_sec: float
    overlapping: bool
    compared: int
    lost: tuple[str, ...]
    """There is nothing in their place."""
    replaced: tuple[str, ...]
    """There is another word in their place, or one for two of them."""
    doubled: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    recording: str
    seams: tuple[Seam, ...]
    words: int
    other: int
    """Words that are not the same in segments and in one."""
    apart_sec: float
    """The most that the times of the same words differ."""


class Listeners:
    def __init__(self, model: str, cache: Path) -> None:
        self.own: Recognizer = packaged_recognizer(model, cache)
        self._peer = BatchedInferencePipeline(
            WhisperModel(
                str(packaged_weights(model, cache)),
                device="cpu",
                compute_type="int8",
                cpu_threads=1,
            )
        )

    def product(self, segments: Sequence[CutSegment]) -> list[Word]:
        transcript = transcribe_segments(self.own, segments, language="en")
        return [word for utterance in transcript.utterances for word in utterance.words]

    def peer(self, samples: Samples) -> list[Heard]:
        results, _ = self._peer.transcribe(
            as_float(samples), language="en", beam_size=5, batch_size=4, word_timestamps=True
        )
        return [
            Heard(text, word.start)
            for result in results
            for word in result.words or ()
            for text in _words(word.word)
        ]


def compare(listeners: Listeners, name: str, *, start_sec: float, target_sec: float) -> Result:
    with (LECTURES / f"{name}.ogg").open("rb") as stream:
        samples = np.concatenate(list(decode(stream)))[round(start_sec * SAMPLE_RATE) :]
    said = _words((LECTURES / f"{name}.txt").read_text())
    segments, (whole,) = (
        list(cut([samples], target_sec=seconds)) for seconds in (target_sec, 3600)
    )
    found = listeners.product(segments)
    expected = listeners.product([whole])
    same = _same([word.text for word in found], [word.text for word in expected])
    peer = listeners.peer(samples)
    right = {
        position: peer[heard].start_sec
        for position, heard in _same(said, [word.text for word in peer])
    }
    heard = [Heard(text, word.start_sec) for word in found for text in _words(word.text)]
    return Result(
        recording=f"{name} from {start_sec:.2f} s in segments of {target_sec:.1f} s",
        seams=tuple(
            _seam(left.end_sec, following.start_sec, said, right, heard)
            for left, following in pairwise(segments)
        ),
        words=len(expected),
        other=max(len(found), len(expected)) - len(same),
        apart_sec=max(abs(found[i].start_sec - expected[k].start_sec) for i, k in same),
    )


def _seam(
    end_sec: float,
    start_sec: float,
    said: Sequence[str],
    right: Mapping[int, float],
    heard: Sequence[Heard],
) -> Seam:
    """`right` are the words of `said` that count, and when they begin."""
    at_sec = (end_sec + start_sec) / 2
    near = [i for i, sec in right.items() if abs(sec - at_sec) <= COMPARED_SEC]
    first, last = near[0], near[-1]
    missing, other = _wrong(
        said[first : last + 1],
        [word.text for word in heard if abs(word.start_sec - at_sec) <= COMPARED_SEC],
    )
    around = [i for i in near if abs(right[i] - at_sec) <= AROUND_SEC]
    close = [word.text for word in heard if abs(word.start_sec - at_sec) <= AROUND_SEC]
    return Seam(
        at_sec=at_sec,
        overlapping=end_sec > start_sec,
        compared=len(around),
        lost=tuple(said[i] for i in around if i - first in missing),
        replaced=tuple(said[i] for i in around if i - first in other),
        doubled=tuple(_doubled(close, said[around[0] : around[-1] + 1])),
    )


def results(listeners: Listeners, *, cuts: int, seed: int) -> Iterator[Result]:
    dice = random.Random(seed)  # noqa: S311
    names = sorted(path.stem for path in LECTURES.glob("*.ogg"))
    done = number = 0
    while done < cuts:
        result = compare(
            listeners,
            names[number % len(names)],
            start_sec=dice.uniform(0, LATEST_START_SEC),
            target_sec=dice.uniform(*SEGMENT_SEC),
        )
        yield result
        done, number = done + len(result.seams), number + 1


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
    parser.add_argument("--seed", type=int, default=11)
    asked = parser.parse_args()
    done = []
    with tempfile.TemporaryDirectory() as cache:
        listeners = Listeners(asked.model, Path(cache))
        for result in results(listeners, cuts=asked.cuts, seed=asked.seed):
            done.append(result)
            print(
                f"{result.recording}: {len(result.seams)} cuts, "
                f"{result.other} of {result.words} words other, "
                f"times up to {result.apart_sec:.2f} s apart",
                flush=True,
            )
            for seam in result.seams:
                if seam.lost or seam.doubled or seam.replaced:
                    print(
                        f"  {seam.at_sec:.2f} s: lost={seam.lost} doubled={seam.doubled} "
                        f"replaced={seam.replaced}",
                        flush=True,
                    )
    seams = [seam for result in done for seam in result.seams]
    lost, replaced, doubled = (
        sum(len(words) for words in each)
        for each in zip(*((s.lost, s.replaced, s.doubled) for s in seams), strict=True)
    )
    other = sum(result.other for result in done)
    print(
        f"{len(seams)} cuts, {sum(seam.overlapping for seam in seams)} of them with an overlap; "
        f"{sum(seam.compared for seam in seams)} words compared: {lost} lost, {doubled} doubled, "
        f"{replaced} replaced; of {sum(result.words for result in done)} words in all "
        f"{other} are not as without cuts, times are up to "
        f"{max(result.apart_sec for result in done):.2f} s apart"
    )
    sys.exit(bool(lost or doubled))


if __name__ == "__main__":
    main()
