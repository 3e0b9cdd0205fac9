"""Cut a lecture into segments at its pauses, while it is being decoded.

The segments tile the lecture exactly. Where they are cut depends on the sound
alone, so a second run over the same recording makes the same segments.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np

from functions.transcribe.audio import SAMPLE_RATE, Samples, decode
from functions.transcribe.cut_points import CutLimits, best_cut
from functions.transcribe.voice import SPEECH, WINDOW, VoiceActivity


@dataclass(frozen=True)
class CutSegment:
    """One piece of a lecture. Times are seconds from its start."""

    index: int
    start_sec: float
    end_sec: float
    samples: Samples
    """int16, mono, 16 kHz."""
    speech_sec: float
    """How much of it sounds like speech; 0 means that there is nothing to recognize."""

    @property
    def span(self) -> tuple[float, float]:
        return self.start_sec, self.end_sec


def cut(stream: IO[bytes], *, target_sec: float) -> Iterator[CutSegment]:
    """Decode a seekable stream and yield its segments as they are found.

    A segment lasts 0.8 to 1.2 of `target_sec` where a pause allows, 0.5 to 1.5 at most;
    a lecture of up to 1.5 is one segment. Memory is that of two segments.

    Raises NotAudioError if the stream is no audio or nothing of it can be decoded.
    """
    return cut_samples(decode(stream), target_sec=target_sec)


def cut_samples(blocks: Iterable[Samples], *, target_sec: float) -> Iterator[CutSegment]:
    """The same for samples that are decoded already, in blocks of any size."""
    limits = CutLimits.around(target_sec)
    voice = VoiceActivity()
    pending = _Pending()
    for block in blocks:
        pending.add(block, voice.add(block))
        while pending.windows > limits.longest:
            yield pending.take(best_cut(pending.speech, pending.samples, limits) * WINDOW)
    pending.add(np.zeros(0, np.int16), voice.finish())
    while pending.windows > limits.longest:
        yield pending.take(best_cut(pending.speech, pending.samples, limits) * WINDOW)
    if len(pending.samples):
        yield pending.take(len(pending.samples))


class _Pending:
    """What is decoded but not yet cut off; starts at a window's edge."""

    def __init__(self) -> None:
        self.samples: Samples = np.zeros(0, np.int16)
        self.speech = np.zeros(0, np.float32)
        self._index = 0
        self._start = 0

    @property
    def windows(self) -> int:
        return len(self.speech)

    def add(self, samples: Samples, speech: np.ndarray) -> None:
        self.samples = np.concatenate((self.samples, samples))
        self.speech = np.concatenate((self.speech, speech))

    def take(self, length: int) -> CutSegment:
        windows = -(-length // WINDOW)
        end = self._start + length
        segment = CutSegment(
            index=self._index,
            start_sec=self._start / SAMPLE_RATE,
            end_sec=end / SAMPLE_RATE,
            samples=self.samples[:length].copy(),
            speech_sec=float(np.count_nonzero(self.speech[:windows] >= SPEECH))
            * WINDOW
            / SAMPLE_RATE,
        )
        self.samples, self.speech = self.samples[length:], self.speech[windows:]
        self._index, self._start = self._index + 1, end
        return segment
