"""Headers that name less than there is, files that lack their index, and what is no recording."""

import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE, decode
from functions.transcribe.audio.report import DecodingReport
from shared.errors import NotAudioError, RecordingIncompleteError
from tests.support.sound.audio import as_file
from tests.support.sound.sounds import tone

pytestmark = pytest.mark.heavy


def seconds(data: bytes, report: DecodingReport | None = None) -> float:
    return sum(map(len, decode(io.BytesIO(data), report=report))) / SAMPLE_RATE


def wav(length_sec: float = 20, *, codec: str = "pcm_s16le") -> bytes:
    return as_file(tone(length_sec), container="wav", codec=codec)


def claiming(data: bytes, size: int) -> bytes:
    """The same WAV file with another size of its data chunk, as in the header of the file."""
    at = data.index(b"data")
    riff = size.to_bytes(4, "little") if size else bytes(4)
    return b"RIFF" + riff + data[8 : at + 4] + size.to_bytes(4, "little") + data[at + 8 :]


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_s24le", "pcm_mulaw", "pcm_f32le"])
@pytest.mark.parametrize("named", [0, 2, 1_000, 160_000, 160_001, 0xFFFFFFFF, 0x7FFFFFFF])
def test_all_sound_of_a_wav_is_decoded_whatever_its_header_names(codec: str, named: int) -> None:
    assert seconds(claiming(wav(codec=codec), named)) == pytest.approx(20, abs=0.01)


def test_chunks_behind_the_sound_are_not_decoded_as_sound() -> None:
    tail = b"LIST" + (26).to_bytes(4, "little") + b"INFOISFT" + (14).to_bytes(4, "little")
    tail += b"Lavf62.0.100\0\0" + b"id3 " + (4).to_bytes(4, "little") + b"abcd"

    assert seconds(wav(3) + tail) == pytest.approx(3, abs=0.001)
    assert seconds(wav(3) + tail + bytes(5)) == pytest.approx(3, abs=0.001)


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.95])
def test_an_mp4_without_its_index_says_that_it_is_incomplete(kept: float) -> None:
    data = as_file(tone(20), container="mp4", codec="aac", rate=48_000)

    with pytest.raises(RecordingIncompleteError, match="export it again"):
        seconds(data[: round(len(data) * kept)])


def zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("lecture.mp3", data)
    return file.getvalue()


def tarred(data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo("lecture.mp3")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return file.getvalue()


@pytest.mark.parametrize("archive", [zipped, tarred, gzip.compress, lzma.compress])
@pytest.mark.parametrize(
    ("container", "codec"), [("mp3", "mp3"), ("adts", "aac"), ("flac", "flac"), ("ogg", "libopus")]
)
def test_an_archive_is_no_recording(
    archive: Callable[[bytes], bytes], container: str, codec: str
) -> None:
    data = archive(as_file(tone(5), container=container, codec=codec, rate=48_000))

    with pytest.raises(NotAudioError, match="archive"):
        seconds(data)


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [("wav", "pcm_s16le", 16_000), ("flac", "flac", 16_000), ("matroska", "aac", 48_000)],
)
def test_a_file_that_breaks_off_is_reported(container: str, codec: str, rate: int) -> None:
    noise = np.random.default_rng(1).integers(-9000, 9000, 40 * SAMPLE_RATE).astype(np.int16)
    data = as_file(noise, container=container, codec=codec, rate=rate)
    whole, half = DecodingReport(), DecodingReport()

    seconds(data, whole)
    seconds(data[: len(data) // 2], half)

    assert whole.missing_sec == 0
    assert half.missing_sec == pytest.approx(20, abs=2)
