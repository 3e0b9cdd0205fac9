"""Sounds to make recordings of, and to recognize: made up, and recorded."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, Samples, as_float, decode
from tests.support.sound.speech import LECTURES

Sound = NDArray[np.float32]

LEVEL = 0.05
"""Of hum, noise and voices against full scale: -26 dB, loud for what is not the lecturer."""


def tone(seconds: float, *, hertz: float = 440, level: float = 0.5) -> Samples:
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (np.sin(2 * np.pi * hertz * t) * level * 32767).astype(np.int16)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), np.int16)


def recorded(name: str) -> Samples:
    """A recording of tests/data, decoded."""
    with (LECTURES.parent / name).open("rb") as stream:
        return np.concatenate(list(decode(stream)))


def loudest_hertz(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64)))
    return float(np.argmax(spectrum)) * SAMPLE_RATE / len(samples)


class _Source(Protocol):
    def __call__(self, length: int, dice: np.random.Generator, /) -> Sound: ...


def not_speech(name: str, length_sec: float, *, seed: int = 7) -> Sound:
    """One of `NOT_SPEECH`: mono, 16 kHz, -1 to 1."""
    return _SOURCES[name](round(length_sec * SAMPLE_RATE), np.random.default_rng(seed))


def _silence(length: int, _: np.random.Generator) -> Sound:
    return np.zeros(length, np.float32)


def _hum(length: int, _: np.random.Generator) -> Sound:
    """Of the mains, with its third harmonic."""
    at = np.arange(length) / SAMPLE_RATE
    sound = np.sin(2 * np.pi * 50 * at) + 0.4 * np.sin(2 * np.pi * 150 * at)
    return (LEVEL * sound).astype(np.float32)


def _noise(length: int, dice: np.random.Generator) -> Sound:
    return dice.normal(0, LEVEL, length).astype(np.float32)


def _music(length: int, dice: np.random.Generator) -> Sound:
    """Two plucked notes a second, out of two octaves."""
    tune = np.zeros(length, np.float32)
    fade = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    for start in range(0, length, SAMPLE_RATE // 2):
        pitch = 220 * 2 ** (int(dice.integers(24)) / 12)
        note = sum(np.sin(2 * np.pi * pitch * k * fade) / k for k in range(1, 6))
        heard = tune[start : start + SAMPLE_RATE]
        heard += (0.2 * note * np.exp(-3 * fade)).astype(np.float32)[: len(heard)]
    return tune


def _voices(count: int, length: int, dice: np.random.Generator) -> Sound:
    """So many at once that none can be followed. Each goes on from anywhere in a lecture."""
    lectures = [_lecture(name) for name in sorted(path.stem for path in LECTURES.glob("*.ogg"))]
    babble = np.zeros(length, np.float32)
    for _ in range(count):
        said = lectures[int(dice.integers(len(lectures)))]
        babble += np.resize(np.roll(said, -int(dice.integers(len(said)))), length)
    return np.asarray(LEVEL * babble / np.abs(babble).max(), np.float32)


def _lecture(name: str) -> Sound:
    return as_float(recorded(f"lectures/{name}.ogg"))


_SOURCES: Mapping[str, _Source] = {
    "silence": _silence,
    "hum": _hum,
    "noise": _noise,
    "music": _music,
    "murmur": lambda length, dice: _voices(8, length, dice),
    "crowd": lambda length, dice: _voices(20, length, dice),
}
NOT_SPEECH = tuple(_SOURCES)
