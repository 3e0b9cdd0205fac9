"""Sound that is missing from a damaged file is told, compared with the undamaged recording.

FFmpeg's own decoding cannot show this: it passes over such damage without an error. Each
recording is a rising tone, so that the frequency of what was decoded is its place in the original.
"""

import io
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE, Samples, decode
from functions.transcribe.audio.report import CERTAIN_LOSS_SEC, DecodingReport
from functions.transcribe.audio.warnings import warnings_of
from shared.documents.warnings import WarningCode
from shared.errors import NotAudioError
from tests.support.sound.audio import as_file, fragmented

pytestmark = pytest.mark.heavy

Dice = np.random.Generator

SECONDS = 16
LOWEST_HERTZ, HERTZ_PER_SEC = 300, 180
STEP_SEC = 0.1
LOSSES = {WarningCode.RECORDING_INCOMPLETE, WarningCode.RECORDING_DAMAGED}


def rising_tone() -> Samples:
    at = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    phase = 2 * np.pi * (LOWEST_HERTZ * at + HERTZ_PER_SEC / 2 * at**2)
    return (12_000 * np.sin(phase)).astype(np.int16)


def places(samples: Samples) -> dict[int, float]:
    """Which tenths of a second of the original are there, and from which second on."""
    size = round(STEP_SEC * SAMPLE_RATE)
    steps = samples[: len(samples) // size * size].astype(np.float32).reshape(-1, size)
    spectra = np.square(np.abs(np.fft.rfft(steps * np.hanning(size), n=2 * size, axis=1)))
    loudest = spectra.argmax(axis=1)
    found: dict[int, float] = {}
    for index, (peak, spectrum) in enumerate(zip(loudest.tolist(), spectra, strict=True)):
        pure = spectrum[max(0, peak - 12) : peak + 13].sum() > 0.7 * spectrum.sum()
        if pure and np.abs(steps[index]).max() > 1_000:
            hertz = peak * SAMPLE_RATE / (2 * size)
            place = round((hertz - LOWEST_HERTZ) / HERTZ_PER_SEC / STEP_SEC - 0.5)
            found.setdefault(place, index * STEP_SEC)
    return found


def missing(samples: Samples) -> list[int]:
    """Places of the original that are not there; where a step begins may differ by half of one."""
    found = places(samples)
    return [p for p in range(round(SECONDS / STEP_SEC)) if not found.keys() & {p - 1, p, p + 1}]


def decoded(data: bytes) -> tuple[Samples, DecodingReport]:
    report = DecodingReport()
    return np.concatenate(list(decode(io.BytesIO(data), report=report))), report


@cache
def recording(name: str) -> bytes:
    return RECORDINGS[name]()


def made(container: str, codec: str, rate: int = 48_000, *, video: bool = False) -> bytes:
    return as_file(rising_tone(), container=container, codec=codec, rate=rate, video=video)


RECORDINGS: dict[str, Callable[[], bytes]] = {
    "avi": lambda: made("avi", "mp3", 44_100),
    "avi with video": lambda: made("avi", "mp3", 44_100, video=True),
    "asf": lambda: made("asf", "wmav2", 44_100),
    "flac": lambda: made("flac", "flac", 16_000),
    "fragmented mp4": lambda: fragmented(rising_tone(), codec="aac", rate=48_000),
    "matroska with video": lambda: made("matroska", "aac", video=True),
    "mp4 with opus": lambda: made("mp4", "libopus"),
    "mpegts": lambda: made("mpegts", "aac"),
    "mpegts with video": lambda: made("mpegts", "mp2", video=True),
    "ogg with opus": lambda: made("ogg", "libopus"),
    "ogg with flac": lambda: made("ogg", "flac", 16_000),
    "webm": lambda: made("webm", "libopus"),
}


def overwritten(data: bytes, dice: Dice, fill: Callable[[int], bytes]) -> bytes:
    """A fifth to a third of the file; its first tenth stays."""
    length = int(dice.integers(len(data) // 5, len(data) // 3))
    start = int(dice.integers(len(data) // 10, len(data) - length))
    return data[:start] + fill(length) + data[start + length :]


def zeroed(data: bytes, dice: Dice) -> bytes:
    """As a file system leaves blocks that were not written before a crash."""
    return overwritten(data, dice, bytes)


def scrambled(data: bytes, dice: Dice) -> bytes:
    return overwritten(data, dice, dice.bytes)


def bored(data: bytes, dice: Dice) -> bytes:
    """A stretch is gone, and something of the rest follows."""
    length = int(dice.integers(len(data) // 5, len(data) // 3))
    start = int(dice.integers(len(data) // 10, len(data) * 6 // 10))
    return data[:start] + data[start + length :]


def unwritten(data: bytes, dice: Dice) -> bytes:
    """Of the size that was reserved, and zeros from somewhere on."""
    kept = int(dice.integers(len(data) // 4, len(data) * 3 // 4))
    return data[:kept] + bytes(len(data) - kept)


def cut_off(data: bytes, dice: Dice) -> bytes:
    return data[: int(dice.integers(len(data) // 4, len(data) * 3 // 4))]


DAMAGES = (zeroed, scrambled, bored, unwritten)

STATES_LENGTH = ("avi", "avi with video", "asf", "flac", "matroska with video", "webm")
CASES = [
    *((name, damage) for name in RECORDINGS for damage in DAMAGES),
    *((name, cut_off) for name in STATES_LENGTH),
]


@pytest.mark.sampled(8)
@pytest.mark.parametrize(("name", "damage"), CASES)
@pytest.mark.parametrize("seed", range(3))
def test_missing_sound_is_told(
    name: str, damage: Callable[[bytes, Dice], bytes], seed: int
) -> None:
    data = damage(recording(name), np.random.default_rng([seed, len(name)]))

    try:
        samples, report = decoded(data)
    except NotAudioError:
        return  # which is told as well

    lost_sec = STEP_SEC * len(missing(samples))
    told = {warning.code for warning in warnings_of(report)} & LOSSES
    # What a fragment of a second or a page loses beside the damage is more than that.
    assert told or lost_sec <= CERTAIN_LOSS_SEC + 1.0, report


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", RECORDINGS)
def test_an_undamaged_recording_is_complete(name: str) -> None:
    samples, report = decoded(recording(name))

    assert len(missing(samples)) * STEP_SEC < 0.5
    assert report.missing_sec == report.damaged_sec == 0


@pytest.mark.parametrize("name", ["mp4 with opus", "flac"])
@pytest.mark.parametrize("seed", range(3))
def test_what_follows_damage_keeps_its_time(name: str, seed: int) -> None:
    """An Opus packet of zeros decodes to half its length, and FLAC's first frame behind damage has
    no time stamp: the rest came too early by seconds."""
    data = zeroed(recording(name), np.random.default_rng(seed))

    samples, _ = decoded(data)

    late = [at - place * STEP_SEC for place, at in places(samples).items()]
    assert np.abs(late).max() < 0.3
