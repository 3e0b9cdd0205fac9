"""Files joined by copying one behind the other are one recording, whatever form each has."""

import io
import itertools
from functools import cache

import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE, Samples, decode
from functions.transcribe.audio.report import DecodingReport
from shared.containers.concatenation import MOST_PARTS, beginnings
from tests.support.sound.audio import as_file
from tests.support.sound.sounds import loudest_hertz, tone

pytestmark = pytest.mark.heavy

FORMS = {
    "ogg": [
        ("vorbis", 44_100, "stereo"),
        ("vorbis", 22_050, "stereo"),
        ("libopus", 48_000, "mono"),
        ("libopus", 48_000, "stereo"),
        ("flac", 22_050, "mono"),
    ],
    "webm": [
        ("libopus", 48_000, "mono"),
        ("libopus", 48_000, "stereo"),
        ("vorbis", 44_100, "stereo"),
    ],
    "matroska": [("aac", 48_000, "mono"), ("flac", 16_000, "stereo"), ("mp3", 44_100, "mono")],
    "wav": [
        ("pcm_s16le", 16_000, "mono"),
        ("pcm_s24le", 48_000, "stereo"),
        ("pcm_f32le", 22_050, "mono"),
    ],
    "flac": [("flac", 16_000, "mono"), ("flac", 48_000, "stereo")],
    "mp4": [("aac", 48_000, "mono"), ("aac", 22_050, "stereo"), ("mp3", 44_100, "mono")],
    "aiff": [("pcm_s16be", 16_000, "mono"), ("pcm_s16be", 44_100, "stereo")],
    "caf": [("pcm_s16be", 16_000, "mono"), ("pcm_s24be", 48_000, "stereo")],
    "asf": [("wmav2", 44_100, "mono"), ("wmav2", 22_050, "stereo")],
    "w64": [("pcm_s16le", 16_000, "mono"), ("pcm_s16le", 44_100, "stereo")],
    "mp3": [("mp3", 44_100, "mono"), ("mp3", 22_050, "stereo")],
    "adts": [("aac", 48_000, "mono"), ("aac", 22_050, "stereo")],
}
PAIRS = [
    (container, first, second)
    for container, forms in FORMS.items()
    for first, second in [(forms[0], forms[0]), *itertools.pairwise([*forms, forms[0]])]
]
"""Each form once before another and once behind one, and one twice."""


@cache
def part(container: str, form: tuple[str, int, str], hertz: float) -> bytes:
    codec, rate, layout = form
    return as_file(tone(4, hertz=hertz), container=container, codec=codec, rate=rate, layout=layout)


def decoded(data: bytes, report: DecodingReport | None = None) -> Samples:
    return np.concatenate(list(decode(io.BytesIO(data), report=report)))


@pytest.mark.sampled(15)
@pytest.mark.parametrize(("container", "first", "second"), PAIRS)
def test_both_of_two_joined_recordings_are_decoded(
    container: str, first: tuple[str, int, str], second: tuple[str, int, str]
) -> None:
    samples = decoded(part(container, first, 400) + part(container, second, 900))

    assert len(samples) / SAMPLE_RATE == pytest.approx(8, abs=0.3)
    assert loudest_hertz(samples[8_000 : 3 * SAMPLE_RATE]) == pytest.approx(400, abs=3)
    assert loudest_hertz(samples[5 * SAMPLE_RATE : 7 * SAMPLE_RATE]) == pytest.approx(900, abs=3)


def test_many_recordings_in_one_file_keep_their_order() -> None:
    pieces = [part("ogg", FORMS["ogg"][index % 4], 300 + 100 * index) for index in range(8)]
    report = DecodingReport()

    samples = decoded(b"".join(pieces), report)

    assert report.parts == 8
    for index in range(8):
        at = round((index * len(samples) / 8) + SAMPLE_RATE)
        heard = loudest_hertz(samples[at : at + 2 * SAMPLE_RATE])
        assert heard == pytest.approx(300 + 100 * index, abs=3)


@pytest.mark.parametrize("container", ["ogg", "wav", "webm", "flac", "mp4"])
def test_a_beginning_with_nothing_behind_it_takes_nothing_from_the_recording(
    container: str,
) -> None:
    whole = part(container, FORMS[container][0], 400)
    noise = np.random.default_rng(4).bytes(20_000)

    samples = decoded(whole + whole[:60] + noise)

    assert len(samples) / SAMPLE_RATE >= 3.9


def test_the_number_of_recordings_is_bounded() -> None:
    page = part("ogg", FORMS["ogg"][2], 400)[:80]

    data = page * 10_000

    assert len(beginnings(io.BytesIO(data), len(data))) <= MOST_PARTS


def test_streams_side_by_side_begin_one_recording() -> None:
    """As the sound and the picture of a video in Ogg do: their first pages follow each other."""
    one = part("ogg", FORMS["ogg"][0], 400)
    two = part("ogg", FORMS["ogg"][2], 400)
    first_page = 27 + one[26] + sum(one[27 : 27 + one[26]])

    data = one[:first_page] + two[:first_page] + one[first_page:]

    assert beginnings(io.BytesIO(data), len(data)) == [0]
