"""Long recordings out of short ones, whose text is known.

The four test lectures in turn: each round is played at another speed, the breaks between
them differ, and a quiet room is heard all through.
"""

import random
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, Samples, decode
from functions.transcribe.audio.flac import encode_flac
from tests.support.sound.speech import LECTURES

SPEEDS = (1.0, 1.06, 0.94)
"""Of playing. Faster is also higher, as with a tape: other voices for the recognizer."""

BREAKS_SEC = (0.8, 2.0, 5.0, 20.0)
ROOM = 10 ** (-50 / 20)
"""Noise of the room against full scale: -50 dB, of a phone on a desk."""


@dataclass(frozen=True)
class Recording:
    flac: bytes
    text: str
    """What is said in it."""
    duration_sec: float


def long_recording(minutes: float, *, seed: int = 1) -> Recording:
    """Whole lectures until `minutes` are reached: it lasts a little longer than that."""
    dice = random.Random(seed)  # noqa: S311
    names = sorted(path.stem for path in LECTURES.glob("*.ogg"))
    parts: list[Samples] = []
    texts: list[str] = []
    length = number = 0
    while length < minutes * 60 * SAMPLE_RATE:
        name = names[number % len(names)]
        speed = SPEEDS[number // len(names) % len(SPEEDS)]
        pause = np.zeros(round(dice.choice(BREAKS_SEC) * SAMPLE_RATE), np.int16)
        parts += [played(name, speed), pause]
        texts.append((LECTURES / f"{name}.txt").read_text())
        length += len(parts[-2]) + len(pause)
        number += 1
    sound = with_room(np.concatenate(parts), seed=seed)
    return Recording(encode_flac(sound), " ".join(texts), len(sound) / SAMPLE_RATE)


def played(name: str, speed: float) -> Samples:
    sound = _lecture(name)
    if speed == 1.0:
        return sound
    at = np.arange(0, len(sound) - 1, speed)
    faster: Samples = np.interp(at, np.arange(len(sound)), sound).astype(np.int16)
    return faster


def with_room(sound: Samples, *, seed: int) -> Samples:
    noise: NDArray[np.float32] = np.random.default_rng(seed).standard_normal(
        len(sound), dtype=np.float32
    )
    loud = np.clip(sound + noise * np.float32(ROOM * 32768), -32768, 32767)
    heard: Samples = loud.astype(np.int16)
    return heard


@cache
def _lecture(name: str) -> Samples:
    with (LECTURES / f"{name}.ogg").open("rb") as stream:
        return np.concatenate(list(decode(stream)))
