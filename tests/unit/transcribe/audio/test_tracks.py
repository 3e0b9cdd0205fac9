"""Of several audio tracks in a file those that carry the lecture are transcribed."""

import io
from contextlib import nullcontext
from functools import cache

import numpy as np
import pytest
from av.stream import Disposition

from functions.transcribe.audio import SAMPLE_RATE, Samples, decode
from functions.transcribe.audio.recording import decoded_recording
from functions.transcribe.audio.report import DecodingReport
from functions.transcribe.audio.tracks import choose_tracks
from tests.support.sound.audio import Track, as_file, with_tracks
from tests.support.sound.sounds import silence, tone
from tests.support.sound.speech import clip

pytestmark = pytest.mark.heavy


SECONDS = 30


@cache
def speech(lecture: str = "economics") -> Samples:
    return np.concatenate(list(decode(io.BytesIO(clip(lecture, seconds=SECONDS)))))


def chosen(*tracks: Track, language: str | None = None, container: str = "mp4") -> tuple[int, ...]:
    file = io.BytesIO(with_tracks(tracks, container=container))
    return choose_tracks(file, language=language).tracks


@pytest.mark.sampled(1)
@pytest.mark.parametrize("container", ["mp4", "matroska"])
@pytest.mark.parametrize("at", [1, 0, 2])
def test_the_track_with_speech_is_chosen_wherever_it_is(at: int, container: str) -> None:
    tracks = [Track(silence(SECONDS)), Track(tone(SECONDS, hertz=200)), Track(silence(SECONDS))]
    tracks[at] = Track(speech())

    assert chosen(*tracks, container=container) == (at,)


def test_speech_that_begins_late_in_its_track_is_found() -> None:
    late = np.concatenate((silence(40), speech()))

    assert chosen(Track(silence(70)), Track(late)) == (1,)


@pytest.mark.slow
def test_two_tracks_that_carry_speech_are_mixed() -> None:
    first, second = Track(speech("economics")), Track(speech("hashing-1"))
    data = with_tracks([first, second])
    report = DecodingReport()

    with decoded_recording(
        lambda: nullcontext(io.BytesIO(data)), language=None, report=report
    ) as blocks:
        mixed = np.concatenate(list(blocks)).astype(float)

    assert (report.tracks, report.tracks_decoded) == (2, (1, 2))
    for track in (first, second):
        alone = np.zeros(len(mixed))
        alone[: len(track.samples)] = track.samples
        assert np.corrcoef(mixed[1024:-2048], alone[1024:-2048])[0, 1] > 0.4 or _delayed(
            mixed, alone
        )


def _delayed(mixed: np.ndarray, alone: np.ndarray) -> bool:
    """The encoder's delay moves the sound by some milliseconds."""
    spectrum = np.fft.irfft(np.fft.rfft(mixed) * np.conj(np.fft.rfft(alone)))
    return float(spectrum.max() / np.linalg.norm(mixed) / np.linalg.norm(alone)) > 0.4


@pytest.mark.slow
def test_a_dubbed_track_is_not_mixed_with_the_original() -> None:
    english = Track(speech("economics"), language="eng")
    german = Track(speech("hashing-1"), language="ger")

    assert chosen(english, german) == (0,)
    assert chosen(english, german, language="de") == (1,)
    assert chosen(english, german, language="fr") == (0,)


def test_a_commentary_is_passed_over_unless_it_is_alone() -> None:
    comment = Track(speech("hashing-1"), disposition=Disposition.comment)

    assert chosen(comment, Track(speech()), container="matroska") == (1,)
    assert chosen(comment, container="matroska") == (0,)


def test_tracks_in_which_no_speech_is_found_are_all_kept() -> None:
    assert chosen(Track(silence(5)), Track(tone(5))) == (0, 1)


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [("mp4", "aac", 48_000), ("webm", "libopus", 48_000), ("wav", "pcm_s16le", 16_000)],
)
def test_a_single_track_is_not_listened_to_twice(container: str, codec: str, rate: int) -> None:
    data = as_file(silence(3), container=container, codec=codec, rate=rate)

    assert choose_tracks(io.BytesIO(data), language="en").of == 1


@pytest.mark.parametrize("container", ["mp4", "matroska"])
@pytest.mark.parametrize("start_sec", [0.5, 5.0, 12.0])
def test_sound_that_begins_after_the_picture_keeps_the_players_clock(
    container: str, start_sec: float
) -> None:
    data = with_tracks(
        [Track(tone(10), start_sec=start_sec)],
        container=container,
        picture_sec=round(12 + start_sec),
    )

    samples = np.concatenate(list(decode(io.BytesIO(data))))

    loud = np.flatnonzero(np.abs(samples) > 3000)[0] / SAMPLE_RATE
    assert loud == pytest.approx(start_sec, abs=0.05)
    assert len(samples) / SAMPLE_RATE == pytest.approx(10 + start_sec, abs=0.1)
