import io
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, Samples, as_float, decode
from functions.transcribe.audio.voice_activity import WINDOW, VoiceActivity
from functions.transcribe.speech.cutting import CutSegment, cut
from functions.transcribe.speech.pieces import OVERLAP_SEC, Speech, speech_in, speech_pieces
from functions.transcribe.speech.regions import Region
from tests.support.sound.audio import as_file
from tests.support.sound.sounds import recorded, silence, tone

pytestmark = pytest.mark.heavy


SENTENCES = ("jfk-1961", "librivox-austen-0870", "librivox-austen-0890", "librivox-austen-0920")


@pytest.fixture(scope="module")
def lecture() -> Samples:
    """Two minutes of people speaking, 0.8 s of silence between their sentences."""
    spoken = [recorded(f"speech/{name}.flac") for name in SENTENCES]
    parts = [part for one in spoken * 3 for part in (one, silence(0.8))]
    return np.concatenate(parts)[: 120 * SAMPLE_RATE]


def blocks(samples: Samples, size: int) -> Iterator[Samples]:
    for start in range(0, len(samples), size):
        yield samples[start : start + size]


def cut_all(
    samples: Samples, *, target_sec: float, block: int = 30 * SAMPLE_RATE
) -> list[CutSegment]:
    return list(cut(blocks(samples, block), target_sec=target_sec))


def assert_tiles(segments: list[CutSegment], samples: Samples) -> None:
    assert [segment.index for segment in segments] == list(range(len(segments)))
    assert segments[0].start_sec == 0
    assert segments[-1].end_sec == len(samples) / SAMPLE_RATE
    assert all(a.end_sec == b.start_sec for a, b in pairwise(segments))
    assert np.array_equal(np.concatenate([segment.samples for segment in segments]), samples)


def pieces_of(segments: list[CutSegment]) -> list[list[Region]]:
    """What Whisper is shown of all segments, on the lecture's clock."""
    return [
        [region.moved(round(segment.start_sec * SAMPLE_RATE)) for region in piece.regions]
        for segment in segments
        for piece in speech_pieces(Speech(as_float(segment.samples), segment.regions))
    ]


def test_segments_tile_the_lecture_exactly(lecture: Samples) -> None:
    segments = cut_all(lecture, target_sec=20)

    assert len(segments) > 4
    assert_tiles(segments, lecture)
    # At the multiples of the length asked for: deviations do not add up.
    for number, segment in enumerate(segments[:-1], start=1):
        assert abs(segment.end_sec - number * 20) <= 0.4 * 20 + 0.1


def test_cuts_lie_in_silence(lecture: Samples) -> None:
    loudness = np.abs(lecture.astype(np.int32))

    for segment in cut_all(lecture, target_sec=20)[:-1]:
        at = round(segment.end_sec * SAMPLE_RATE)
        around = loudness[at - SAMPLE_RATE // 20 : at + SAMPLE_RATE // 20]
        assert around.max() < loudness.max() / 20


@pytest.mark.parametrize(
    "target_sec", [30, *(pytest.param(sec, marks=pytest.mark.slow) for sec in (45, 60, 100))]
)
def test_whisper_is_shown_what_it_is_shown_of_the_whole(
    lecture: Samples, target_sec: float
) -> None:
    long = np.tile(lecture, 3)
    whole = speech_pieces(speech_in(as_float(long)))

    segments = cut_all(long, target_sec=target_sec)

    assert len(segments) > 2
    assert pieces_of(segments) == [list(piece.regions) for piece in whole]


class Hearing(VoiceActivity):
    """Takes each window's first sample for how likely it is speech, in percent."""

    def add_windows(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.round(samples.reshape(-1, WINDOW)[:, 0] * 32768) / np.float32(100)


SOUNDS = st.lists(
    st.tuples(st.sampled_from([0, 40, 90]), st.sampled_from([1, 3, 6, 20, 200, 1_000, 4_000])),
    min_size=1,
    max_size=40,
)


@pytest.mark.slow
@given(SOUNDS, st.integers(0, WINDOW - 1), st.sampled_from([30, 50, 150]), st.data())
def test_of_any_sound_whisper_is_shown_what_it_is_shown_of_the_whole(
    runs: list[tuple[int, int]], extra: int, target_sec: float, data: st.DataObject
) -> None:
    values, lengths = zip(*runs, strict=True)
    sound = np.repeat(values, np.asarray(lengths) * WINDOW).astype(np.int16)
    sound = np.concatenate((sound, sound[:extra]))
    block = data.draw(st.integers(len(sound) // 50 + 1, len(sound)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("functions.transcribe.speech.cutting.VoiceActivity", Hearing)
        patch.setattr("functions.transcribe.audio.voice_activity.VoiceActivity", Hearing)
        whole = speech_pieces(speech_in(as_float(sound)))
        segments = cut_all(sound, target_sec=target_sec, block=block)

    assert pieces_of(segments) == [list(piece.regions) for piece in whole]
    assert segments[0].start_sec == 0
    assert segments[-1].end_sec == len(sound) / SAMPLE_RATE
    for left, right in pairwise(segments):
        assert left.start_sec < right.start_sec <= left.end_sec
        assert left.end_sec - right.start_sec <= OVERLAP_SEC + 1e-6
    for segment in segments:
        there = sound[round(segment.start_sec * SAMPLE_RATE) :][: len(segment.samples)]
        assert np.array_equal(segment.samples, there)
        # A piece, with its pauses, is a minute at most.
        assert segment.end_sec - segment.start_sec <= 1.5 * target_sec + 2 * 60


@pytest.mark.parametrize("block", [4_001, 16_000, 1_000_000, 10_000_000])
def test_the_same_recording_is_always_cut_at_the_same_places(lecture: Samples, block: int) -> None:
    def places(segments: list[CutSegment]) -> list[tuple[float, float, float]]:
        return [(one.start_sec, one.end_sec, one.speech_sec) for one in segments]

    expected = places(cut_all(lecture, target_sec=15))

    assert places(cut_all(lecture, target_sec=15, block=block)) == expected


@pytest.mark.parametrize("extra", [1, 511, 512, 513, 7_000, 100_000])
def test_a_tail_however_short_is_never_lost(lecture: Samples, extra: int) -> None:
    samples = lecture[: 45 * SAMPLE_RATE + extra]

    assert_tiles(cut_all(samples, target_sec=10), samples)


@pytest.mark.parametrize("length", [1, 511, 512, 16_000, 100_000])
def test_a_lecture_shorter_than_a_segment_is_one_segment(lecture: Samples, length: int) -> None:
    segments = cut_all(lecture[:length], target_sec=300)

    assert len(segments) == 1
    assert_tiles(segments, lecture[:length])


def test_the_last_segment_is_no_scrap(lecture: Samples) -> None:
    for seconds in range(31, 60, 4):
        segments = cut_all(lecture[: seconds * SAMPLE_RATE], target_sec=20)
        assert segments[-1].end_sec - segments[-1].start_sec >= 5


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_lecture_of_n_times_the_length_has_n_segments(lecture: Samples, count: int) -> None:
    assert len(cut_all(lecture[: count * 20 * SAMPLE_RATE], target_sec=20)) == count


class Speaking(VoiceActivity):
    """Detects speech without a pause."""

    def add(self, samples: Samples) -> NDArray[np.float32]:
        return np.full_like(super().add(samples), 0.9)


def test_where_nobody_ever_pauses_segments_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.transcribe.speech.cutting.VoiceActivity", Speaking)
    endless = tone(200)

    segments = cut_all(endless, target_sec=50)

    assert (segments[0].start_sec, segments[-1].end_sec) == (0, 200)
    for before, after in pairwise(segments):
        assert before.end_sec - after.start_sec == OVERLAP_SEC
    for segment in segments:
        there = endless[round(segment.start_sec * SAMPLE_RATE) :][: len(segment.samples)]
        assert np.array_equal(segment.samples, there)


def test_a_sound_that_is_no_speech_is_cut_like_silence() -> None:
    hum = tone(60)

    segments = cut_all(hum, target_sec=10)

    assert_tiles(segments, hum)
    assert len(segments) == 6


@pytest.mark.parametrize("minutes", [15, pytest.param(60, marks=pytest.mark.slow)])
def test_silence_is_not_kept_until_somebody_speaks(minutes: int) -> None:
    taken = []

    def quiet() -> Iterator[Samples]:
        for _ in range(2 * minutes):
            taken.append(block := silence(30))
            yield block

    lengths = []
    for segment in cut(quiet(), target_sec=300):
        lengths.append(segment.end_sec - segment.start_sec)
        assert len(taken) * 30 - segment.end_sec <= 0.25 * 300 + 30

    assert lengths == [300] * (minutes // 5)


def test_a_segment_is_there_before_the_rest_of_the_recording_is_decoded(lecture: Samples) -> None:
    taken = []

    def watched() -> Iterator[Samples]:
        for block in blocks(np.tile(lecture, 3), 5 * SAMPLE_RATE):
            taken.append(block)
            yield block

    next(cut(watched(), target_sec=100))

    assert sum(map(len, taken)) <= 2 * 100 * SAMPLE_RATE


def test_a_segment_in_which_nobody_speaks_says_so(lecture: Samples) -> None:
    samples = np.concatenate((lecture[: 30 * SAMPLE_RATE], silence(60)))

    segments = cut_all(samples, target_sec=20)

    assert segments[0].speech_sec > 10
    assert segments[-1].speech_sec == 0


def test_a_file_is_cut_as_its_samples_are(lecture: Samples) -> None:
    file = io.BytesIO(as_file(lecture, container="flac", codec="flac"))

    assert_tiles(list(cut(decode(file), target_sec=20)), lecture)
