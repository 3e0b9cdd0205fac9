import io

import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE, decode
from shared.errors import NotAudioError, TransientError
from tests.support.sound.audio import as_file, video_only, without_packets
from tests.support.sound.sounds import loudest_hertz, tone

pytestmark = pytest.mark.heavy

FORMATS = [
    ("mp4", "aac", 44_100),
    ("mp3", "mp3", 44_100),
    ("ogg", "libopus", 48_000),
    ("webm", "libopus", 48_000),
    ("wav", "pcm_s16le", 8_000),
    ("wav", "pcm_s24le", 48_000),
    ("flac", "flac", 96_000),
    ("adts", "aac", 32_000),
    ("mpegts", "aac", 48_000),
    ("asf", "wmav2", 44_100),
]


def decoded(data: bytes) -> np.ndarray:
    return np.concatenate(list(decode(io.BytesIO(data))))


@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize(("container", "codec", "rate"), FORMATS)
def test_any_usual_recording_becomes_16_khz_mono(
    container: str, codec: str, rate: int, layout: str
) -> None:
    data = as_file(tone(4), container=container, codec=codec, rate=rate, layout=layout)

    samples = decoded(data)

    assert samples.dtype == np.int16
    # Lossy encoders add up to a few frames of padding.
    assert len(samples) / SAMPLE_RATE == pytest.approx(4, abs=0.15)
    assert loudest_hertz(samples) == pytest.approx(440, abs=2)


def test_a_video_is_heard_and_not_watched() -> None:
    data = as_file(tone(3), container="mp4", codec="aac", rate=48_000, video=True)

    assert loudest_hertz(decoded(data)) == pytest.approx(440, abs=2)


def test_blocks_have_the_size_that_was_asked_for_and_lose_nothing() -> None:
    sound = tone(7.3)
    data = as_file(sound, container="flac", codec="flac")

    blocks = list(decode(io.BytesIO(data), block_sec=2))

    assert [len(block) for block in blocks[:-1]] == [2 * SAMPLE_RATE] * 3
    assert np.array_equal(np.concatenate(blocks), sound)


@pytest.mark.parametrize(
    ("container", "codec"), [("wav", "pcm_s16le"), ("mp3", "mp3"), ("ogg", "libopus")]
)
def test_of_a_file_that_breaks_off_everything_before_is_kept(container: str, codec: str) -> None:
    rate = 48_000 if codec == "libopus" else 16_000
    data = as_file(tone(20), container=container, codec=codec, rate=rate)

    samples = decoded(data[: len(data) // 2])

    assert len(samples) / SAMPLE_RATE == pytest.approx(10, abs=1.5)
    assert loudest_hertz(samples) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("container", ["webm", "mp4"])
def test_lost_packets_become_silence_so_that_later_words_keep_their_time(container: str) -> None:
    codec, rate = ("libopus", 48_000) if container == "webm" else ("aac", 48_000)
    whole = np.concatenate((tone(5, hertz=300), tone(5, hertz=900)))
    data = without_packets(
        as_file(whole, container=container, codec=codec, rate=rate),
        container=container,
        first=50,
        count=50,
    )

    samples = decoded(data)

    assert len(samples) / SAMPLE_RATE == pytest.approx(10, abs=0.15)
    after = samples[round(5.2 * SAMPLE_RATE) : round(9.5 * SAMPLE_RATE)]
    assert loudest_hertz(after) == pytest.approx(900, abs=2)


def test_damage_in_the_middle_costs_only_the_damaged_part() -> None:
    data = bytearray(as_file(tone(20), container="mp4", codec="aac", rate=48_000))
    middle = len(data) // 2
    data[middle : middle + len(data) // 20] = np.random.default_rng(5).bytes(len(data) // 20)

    samples = decoded(bytes(data))

    assert len(samples) / SAMPLE_RATE == pytest.approx(20, abs=0.3)
    assert loudest_hertz(samples[-5 * SAMPLE_RATE :]) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(("container", "codec"), [("mp3", "mp3"), ("adts", "aac")])
def test_recordings_of_different_format_in_one_file_are_one_recording(
    container: str, codec: str
) -> None:
    parts = [
        as_file(tone(3), container=container, codec=codec, rate=rate, layout=layout)
        for rate, layout in ((44_100, "mono"), (48_000, "stereo"), (22_050, "mono"))
    ]

    samples = decoded(b"".join(parts))

    assert len(samples) / SAMPLE_RATE == pytest.approx(9, abs=0.3)
    for start in (0.5, 3.5, 6.5):
        part = samples[round(start * SAMPLE_RATE) : round((start + 2) * SAMPLE_RATE)]
        assert loudest_hertz(part) == pytest.approx(440, abs=2)


def test_a_recorder_may_append_to_its_ogg_file() -> None:
    part = as_file(tone(3), container="ogg", codec="libopus", rate=48_000)

    assert len(decoded(part * 3)) / SAMPLE_RATE == pytest.approx(9, abs=0.1)


def test_a_video_without_sound_is_refused_with_the_reason() -> None:
    with pytest.raises(NotAudioError, match="video without sound"):
        decoded(video_only(2))


def test_a_container_without_a_single_sample_is_refused() -> None:
    header = as_file(tone(1), container="wav", codec="pcm_s16le").partition(b"data")

    with pytest.raises(NotAudioError):
        decoded(header[0] + header[1] + bytes(4))


class FailingStorage(io.BytesIO):
    def __init__(self, data: bytes, *, reads: int) -> None:
        super().__init__(data)
        self._left = reads

    def read(self, size: int | None = -1) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise TransientError("storage went away")
        return super().read(size)


@pytest.mark.parametrize(("container", "codec", "rate"), FORMATS)
def test_a_storage_outage_never_passes_for_the_end_of_the_lecture(
    container: str, codec: str, rate: int
) -> None:
    noise = np.random.default_rng(1).integers(-9000, 9000, 20 * SAMPLE_RATE).astype(np.int16)
    data = as_file(noise, container=container, codec=codec, rate=rate)

    for reads in (0, 1, 2, 5):
        with pytest.raises(TransientError):
            list(decode(FailingStorage(data, reads=reads)))
