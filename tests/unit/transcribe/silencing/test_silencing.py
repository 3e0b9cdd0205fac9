"""What was cut out of a recording is silent in it, and the rest is as it was, on the same clock."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream

from functions.transcribe.audio import SAMPLE_RATE, Samples, decode
from functions.transcribe.audio.recording import decoded_recording
from functions.transcribe.audio.report import DecodingReport
from functions.transcribe.silencing.encoding import Measured, encode, measured, silenced
from functions.transcribe.silencing.recording import require_silent
from shared.errors import RecordingNotSilencedError
from shared.speech.removing import CutSpan
from tests.support.sound.audio import Track, as_file, from_channels, with_tracks
from tests.support.sound.sounds import recorded, tone

SEC = 11.0
SPANS = (CutSpan(2.17, 4.03), CutSpan(8.0, 8.5))
EDGE_SEC = 0.13
"""The window of the encoder, by which what stays reaches into the silence."""
FORMATS = [
    ("wav", "pcm_s16le", 16_000, False),
    ("wav", "pcm_f32le", 96_000, False),
    ("mp3", "mp3", 44_100, False),
    ("mp4", "aac", 44_100, False),
    ("ogg", "libopus", 48_000, False),
    ("flac", "flac", 48_000, False),
    ("webm", "libopus", 48_000, False),
    ("mp4", "aac", 48_000, True),
    ("adts", "aac", 24_000, False),
]


@pytest.fixture(scope="module")
def speech() -> Samples:
    return recorded("speech/jfk-1961.flac")


def _rewritten(
    file: bytes, path: Path, spans: Sequence[CutSpan] = SPANS
) -> tuple[Samples, Measured]:
    """What Pegasus hears of a recording; the silent one is at the path."""

    @contextmanager
    def opened(data: bytes) -> Iterator[IO[bytes]]:
        yield io.BytesIO(data)

    heard: list[Samples] = []

    def noted(blocks: Iterator[Samples]) -> Iterator[Samples]:
        for block in blocks:
            heard.append(block)
            yield block

    before = Measured()
    report = DecodingReport()
    with decoded_recording(partial(opened, file), language=None, report=report) as blocks:
        encode(silenced(measured(noted(blocks), spans, before), spans), path)
    return np.concatenate(heard), before


def _energy(samples: Samples) -> float:
    return float(np.square(samples, dtype=np.float64).mean())


def _at(samples: Samples, start_sec: float, end_sec: float) -> Samples:
    return samples[round(start_sec * SAMPLE_RATE) : round(end_sec * SAMPLE_RATE)]


def _assert_silent(heard: Samples, silent: Samples, spans: Sequence[CutSpan] = SPANS) -> None:
    assert 0 <= len(silent) - len(heard) <= 0.2 * SAMPLE_RATE
    begin = 0.0
    for span in spans:
        assert not _at(silent, span.start_sec + EDGE_SEC, span.end_sec - EDGE_SEC).any()
        for start in np.arange(begin, span.start_sec - 0.5, 0.5):
            was, now = (_energy(_at(each, start, start + 0.5)) for each in (heard, silent))
            assert now == pytest.approx(was, rel=0.1, abs=50), start
        begin = span.end_sec


@pytest.mark.parametrize(("container", "codec", "rate", "video"), FORMATS)
def test_a_span_is_silent_and_the_rest_as_it_was(
    tmp_path: Path, speech: Samples, container: str, codec: str, rate: int, *, video: bool
) -> None:
    file = as_file(speech, container=container, codec=codec, rate=rate, video=video)
    path = tmp_path / "silenced.m4a"

    heard, before = _rewritten(file, path)

    silent = np.concatenate(list(decode(io.BytesIO(path.read_bytes()))))
    _assert_silent(heard, silent)
    after = Measured()
    for _ in measured(iter([silent]), SPANS, after):
        pass
    require_silent(before, after)


def test_the_clock_is_that_of_what_was_heard(tmp_path: Path, speech: Samples) -> None:
    heard, _ = _rewritten(as_file(speech, container="mp3", codec="mp3"), tmp_path / "it.m4a")

    silent = np.concatenate(list(decode(io.BytesIO((tmp_path / "it.m4a").read_bytes()))))

    said = _at(heard, 5, 7).astype(float)
    start = 5 * SAMPLE_RATE
    likeness = {
        shift: float(said @ silent[start + shift : start + shift + len(said)])
        for shift in range(-1200, 1200)
    }
    assert max(likeness, key=lambda shift: likeness[shift]) == 0


def test_every_channel_is_silent(tmp_path: Path) -> None:
    """One microphone has the lecturer, the other a person in the room, in the opposite phase."""
    time = np.arange(round(SEC * 48_000)) / 48_000
    left, right = 0.3 * np.sin(2 * np.pi * 300 * time), -0.3 * np.sin(2 * np.pi * 300 * time)
    file = from_channels(np.stack([left, right]))

    heard, _ = _rewritten(file, tmp_path / "it.m4a")

    _assert_silent(
        heard, np.concatenate(list(decode(io.BytesIO((tmp_path / "it.m4a").read_bytes()))))
    )


def test_one_track_is_written_and_nothing_else_of_the_file(tmp_path: Path, speech: Samples) -> None:
    """Neither a track that is not heard nor the picture, nor what tags say."""
    aside = Track(tone(SEC, hertz=700), language="de")
    file = with_tracks([Track(speech, language="en"), aside], picture_sec=11)

    _rewritten(file, tmp_path / "it.m4a")

    with av.open(str(tmp_path / "it.m4a")) as written:
        assert [type(stream) for stream in written.streams] == [AudioStream]
        assert not {"title", "comment", "language"} & {*written.metadata}
        assert not written.chapters()


def test_it_can_be_played_from_its_first_bytes(tmp_path: Path, speech: Samples) -> None:
    """A player that asks for ranges finds the index before the sound."""
    _rewritten(as_file(speech, container="wav", codec="pcm_s16le"), tmp_path / "it.m4a")

    data = (tmp_path / "it.m4a").read_bytes()

    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(
    ("spans", "what"),
    [
        ((CutSpan(0, 3),), "the beginning"),
        ((CutSpan(9, 60),), "the end and beyond"),
        ((CutSpan(0, 60),), "all of it"),
        ((CutSpan(3, 3.1),), "less than a window"),
        ((CutSpan(29.5, 30.5),), "two blocks"),
    ],
)
def test_spans_anywhere(tmp_path: Path, spans: tuple[CutSpan, ...], what: str) -> None:
    sound = tone(40, hertz=300)
    path = tmp_path / "it.m4a"

    heard, before = _rewritten(as_file(sound, container="wav", codec="pcm_s16le"), path, spans)

    silent, after = np.concatenate(list(decode(io.BytesIO(path.read_bytes())))), Measured()
    for _ in measured(iter([silent]), spans, after):
        pass
    require_silent(before, after)
    _assert_silent(heard, silent, spans)


def _measured(samples: Samples) -> Measured:
    found = Measured()
    for _ in measured(iter([samples]), SPANS, found):
        pass
    return found


@pytest.mark.parametrize("fault", ["audible", "shorter", "longer", "the rest is gone"])
def test_a_recording_that_did_not_become_so_is_refused(speech: Samples, fault: str) -> None:
    before = _measured(speech)
    [good] = silenced(iter([speech]), SPANS)
    bad = {
        "audible": speech,
        "shorter": good[: -SAMPLE_RATE // 10],
        "longer": np.concatenate([good, good[:SAMPLE_RATE]]),
        "the rest is gone": np.zeros_like(good),
    }[fault]
    require_silent(before, _measured(good))

    with pytest.raises(RecordingNotSilencedError):
        require_silent(before, _measured(bad))
