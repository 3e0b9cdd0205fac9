"""Writes a recording again with silence in place of what was cut.

What is written is what Pegasus hears: the tracks that carry the lecture, mixed, at 16 kHz, on the
clock of the transcript. No other track, picture, chapter, tag or cover of the file is kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from functions.transcribe.audio import SAMPLE_RATE, Samples
from shared.speech.removing import CutSpan

CONTENT_TYPE = "audio/mp4"
"""AAC in MP4 with its index in front: every browser and phone plays it by range requests. Of the
formats that PyAV encodes on every platform no other does (docs/decisions/041-cuts.md)."""
BITS_PER_SEC = 48_000
EDGE_SEC = 0.2
"""At each edge the encoder spreads what stays by its window, an eighth of a second, into the
silence. It is not measured."""


@dataclass
class Measured:
    """Of a recording, in samples of 16 kHz."""

    samples: int = 0
    energy: float = 0.0
    """Sum of the squares of what stays, without the edges."""
    loudest: int = 0
    """In the spans, without the edges."""

    @property
    def duration_sec(self) -> float:
        return self.samples / SAMPLE_RATE


def silenced(blocks: Iterable[Samples], spans: Sequence[CutSpan]) -> Iterator[Samples]:
    """The blocks with zeros in the spans."""
    at = 0
    for block in blocks:
        quiet = block.copy()
        for span in spans:
            quiet[_within(span, at, len(block))] = 0
        at += len(block)
        yield quiet


def measured(
    blocks: Iterable[Samples], spans: Sequence[CutSpan], found: Measured
) -> Iterator[Samples]:
    """Pass the blocks on; `found` is complete when they end."""
    for block in blocks:
        inside, outside = np.zeros(len(block), bool), np.ones(len(block), bool)
        for span in spans:
            inside[_within(span, found.samples, len(block), narrower_sec=EDGE_SEC)] = True
            outside[_within(span, found.samples, len(block), narrower_sec=-EDGE_SEC)] = False
        found.energy += float(np.square(block[outside], dtype=np.float64).sum())
        if inside.any():
            found.loudest = max(found.loudest, int(np.abs(block[inside].astype(np.int32)).max()))
        found.samples += len(block)
        yield block


def encode(blocks: Iterable[Samples], path: Path) -> None:
    """int16 mono samples at 16 kHz as an MP4 file. It is written twice: its index comes first."""
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        assert isinstance(stream, AudioStream)  # noqa: S101  # narrows the type for mypy
        stream.bit_rate = BITS_PER_SEC
        at = 0
        for block in blocks:
            frame = AudioFrame.from_ndarray(
                np.ascontiguousarray(block.reshape(1, -1)), "s16", "mono"
            )
            frame.sample_rate = SAMPLE_RATE
            frame.pts = at
            at += len(block)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _within(span: CutSpan, at: int, length: int, *, narrower_sec: float = 0.0) -> slice:
    """The part of a block that is in the span; the block begins at sample `at`."""
    start = int(np.floor((span.start_sec + narrower_sec) * SAMPLE_RATE)) - at
    end = int(np.ceil((span.end_sec - narrower_sec) * SAMPLE_RATE)) - at
    start = min(max(start, 0), length)
    return slice(start, min(max(end, start), length))
