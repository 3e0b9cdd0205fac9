"""A segment without its pauses, in pieces that fit Whisper's 30 s window.

Whisper invents words where nobody speaks, so it is shown speech alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.regions import Region, speech_regions
from functions.transcribe.voice import voice_activity

PIECE_SEC = 30
"""Whisper's window."""


@dataclass(frozen=True)
class Piece:
    """Neighbouring regions played without the pauses between them: up to 30 s."""

    regions: tuple[Region, ...]
    samples: NDArray[np.float32]

    def place(self, start_sec: float, end_sec: float) -> tuple[float, float]:
        """Times in the piece to times in the segment.

        A word across a joint belongs to the region that its middle lies in.
        """
        middle = (start_sec + end_sec) / 2 * SAMPLE_RATE
        begin = 0
        for region in self.regions:
            length = region.end - region.start
            if middle < begin + length or region is self.regions[-1]:
                break
            begin += length
        shift = (region.start - begin) / SAMPLE_RATE
        low, high = region.start / SAMPLE_RATE, region.end / SAMPLE_RATE
        return (
            min(max(start_sec + shift, low), high),
            min(max(end_sec + shift, low), high),
        )


def speech_pieces(samples: NDArray[np.float32]) -> list[Piece]:
    """The speech of a segment (mono, 16 kHz), in order; empty if there is none."""
    pieces: list[Piece] = []
    group: list[Region] = []
    longest = PIECE_SEC * SAMPLE_RATE
    for region in speech_regions(voice_activity(samples), len(samples), longest=longest):
        if group and _length([*group, region]) > longest:
            pieces.append(_piece(samples, group))
            group = []
        group.append(region)
    if group:
        pieces.append(_piece(samples, group))
    return pieces


def _length(regions: list[Region]) -> int:
    return sum(region.end - region.start for region in regions)


def _piece(samples: NDArray[np.float32], regions: list[Region]) -> Piece:
    return Piece(
        regions=tuple(regions),
        samples=np.concatenate([samples[region.start : region.end] for region in regions]),
    )
