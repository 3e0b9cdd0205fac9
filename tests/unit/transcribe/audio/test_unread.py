"""What cannot be read of a file is told, also where neither header nor decoder says anything."""

import io
import wave
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE, Samples, decode
from functions.transcribe.audio.report import DecodingReport
from functions.transcribe.audio.warnings import warnings_of
from shared.documents.warnings import WarningCode
from shared.errors import NotAudioError
from tests.support.sound.audio import as_file
from tests.support.sound.sounds import silence, tone

pytestmark = pytest.mark.heavy

LOSSES = {WarningCode.RECORDING_INCOMPLETE, WarningCode.RECORDING_DAMAGED}
SECONDS = 12

RECORDINGS = [
    ("mp3", "mp3", 44_100),
    ("mp3", "mp3", 22_050),
    ("adts", "aac", 48_000),
    ("ogg", "libopus", 48_000),
    ("ogg", "flac", 16_000),
    ("webm", "libopus", 48_000),
    ("matroska", "aac", 48_000),
    ("flac", "flac", 16_000),
    ("asf", "wmav2", 44_100),
    ("avi", "mp3", 44_100),
]


def noise(seconds: int = SECONDS) -> Samples:
    return np.random.default_rng(8).normal(0, 3000, seconds * SAMPLE_RATE).astype(np.int16)


SOUNDS: dict[str, Callable[[], Samples]] = {
    "noise": noise,
    "silence": lambda: silence(SECONDS),
    "tone": lambda: tone(SECONDS),
}


@cache
def recording(container: str, codec: str, rate: int, sound: str = "noise") -> bytes:
    return as_file(SOUNDS[sound](), container=container, codec=codec, rate=rate)


def told(data: bytes) -> tuple[float, dict[str, int]]:
    """Seconds decoded, and the losses with how many seconds they are."""
    report = DecodingReport()
    decoded = sum(map(len, decode(io.BytesIO(data), report=report))) / SAMPLE_RATE
    found = {each.code: each.params.get("seconds") for each in warnings_of(report)}
    return decoded, {code: int(str(sec)) for code, sec in found.items() if code in LOSSES}


@pytest.mark.sampled(10)
@pytest.mark.parametrize("sound", SOUNDS)
@pytest.mark.parametrize(("container", "codec", "rate"), RECORDINGS)
def test_an_undamaged_file_has_lost_nothing(
    container: str, codec: str, rate: int, sound: str
) -> None:
    decoded, losses = told(recording(container, codec, rate, sound))

    assert decoded == pytest.approx(SECONDS, abs=0.2)
    assert losses == {}


def zeroed(data: bytes) -> bytes:
    return data[: len(data) // 2] + bytes(len(data) - len(data) // 2)


def scrambled(data: bytes) -> bytes:
    half = len(data) // 2
    return data[:half] + np.random.default_rng(3).bytes(len(data) - half)


def bored(data: bytes) -> bytes:
    """The middle third is set to ones."""
    third = len(data) // 3
    return data[:third] + b"\xff" * third + data[2 * third :]


@pytest.mark.sampled(9)
@pytest.mark.parametrize("damage", [zeroed, scrambled, bored])
@pytest.mark.parametrize(
    ("container", "codec", "rate"), [each for each in RECORDINGS if each[0] != "asf"]
)
def test_a_part_that_cannot_be_read_is_told(
    container: str, codec: str, rate: int, damage: Callable[[bytes], bytes]
) -> None:
    _, losses = told(damage(recording(container, codec, rate)))

    assert SECONDS / 4 <= sum(losses.values()) <= SECONDS


@pytest.mark.parametrize("rate", [44_100, 22_050])
def test_an_mp3_that_breaks_off_is_told_by_its_first_frame(rate: int) -> None:
    data = recording("mp3", "mp3", rate)

    decoded, losses = told(data[: len(data) // 2])

    assert decoded == pytest.approx(SECONDS / 2, abs=0.5)
    assert losses == {
        WarningCode.RECORDING_INCOMPLETE: pytest.approx(SECONDS / 2, abs=1),
    }


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.8])
@pytest.mark.parametrize(
    ("container", "codec"), [("w64", "pcm_s16le"), ("caf", "pcm_s16be"), ("caf", "pcm_s24be")]
)
def test_a_file_with_sizes_of_eight_bytes_that_breaks_off_is_told(
    container: str, codec: str, kept: float
) -> None:
    data = recording(container, codec, 16_000)
    assert told(data)[1] == {}

    decoded, losses = told(data[: round(kept * len(data))])

    assert decoded == pytest.approx(kept * SECONDS, abs=0.5)
    assert losses == {
        WarningCode.RECORDING_INCOMPLETE: pytest.approx((1 - kept) * SECONDS, abs=1),
    }


def id3(payload: int) -> bytes:
    """A tag with a picture of this size."""
    size = bytes((payload >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\0\0" + size + np.random.default_rng(1).bytes(payload).replace(b"\xff", b"\0")


def ape(payload: int) -> bytes:
    footer = b"APETAGEX" + (2000).to_bytes(4, "little") + (payload + 32).to_bytes(4, "little")
    return bytes(payload) + footer + (1).to_bytes(4, "little") + bytes(12)


@pytest.mark.parametrize("place", ["before", "between", "behind"])
def test_tags_are_no_sound_that_is_missing(place: str) -> None:
    """A cover of half a megabyte is larger than the sound."""
    data = recording("mp3", "mp3", 44_100)[45:]  # without the tag that FFmpeg writes
    tagged = {
        "before": id3(500_000) + data,
        "between": data + id3(500_000) + data,
        "behind": data + ape(500_000),
    }[place]

    decoded, losses = told(tagged)

    assert decoded >= SECONDS - 0.1
    assert losses == {}


def of_thirteen_channels(seconds: int) -> bytes:
    """FFmpeg has no way to mix them."""
    file = io.BytesIO()
    with wave.open(file, "wb") as output:
        output.setnchannels(13)
        output.setsampwidth(2)
        output.setframerate(SAMPLE_RATE)
        output.writeframes(bytes(13 * 2 * seconds * SAMPLE_RATE))
    return file.getvalue()


def test_sound_of_a_form_that_cannot_be_read_costs_no_more_than_itself() -> None:
    """Damaged AAC may name 13 channels; so may a part of a file that was joined."""
    good = as_file(noise(), container="wav", codec="pcm_s16le")

    decoded, losses = told(good + of_thirteen_channels(5) + good)

    assert decoded == pytest.approx(2 * SECONDS + 5, abs=0.1)
    assert losses == {WarningCode.RECORDING_DAMAGED: 5}


def test_a_recording_of_nothing_else_is_refused() -> None:
    with pytest.raises(NotAudioError, match="form that cannot be read"):
        told(of_thirteen_channels(5))
