"""faster-whisper tells the same from the same probabilities; it is the reference here."""

from itertools import pairwise

import numpy as np
import pytest
from faster_whisper import vad
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, as_float
from functions.transcribe.audio.voice_activity import WINDOW, voice_activity
from functions.transcribe.speech.regions import PAD, Region, SpeechRegions
from tests.support.sound.sounds import recorded

pytestmark = pytest.mark.heavy


OPTIONS = vad.VadOptions(max_speech_duration_s=30, min_silence_duration_ms=160)
"""Those of its batched pipeline."""


def theirs(probabilities: NDArray[np.float32], length: int) -> list[tuple[int, int]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vad, "get_vad_model", lambda: lambda _: probabilities)
        found = vad.get_speech_timestamps(np.zeros(length, np.float32), OPTIONS)
    return [(int(each["start"]), int(each["end"])) for each in found]


def ours(probabilities: NDArray[np.float32], length: int) -> list[tuple[int, int]]:
    return [(region.start, region.end) for region in regions(probabilities, length)]


def regions(
    probabilities: NDArray[np.float32], length: int, *, overlap: int = 0, portion: int = 10**6
) -> list[Region]:
    stream = SpeechRegions(longest=30 * SAMPLE_RATE, overlap=overlap)
    found = []
    for start in range(0, len(probabilities), portion):
        before = stream.silent_until
        found += (new := stream.add(probabilities[start : start + portion]))
        assert all(region.start >= before for region in new)
    before = stream.silent_until
    found += (new := stream.finish(length))
    assert all(region.start >= before for region in new)
    return found


RUNS = st.tuples(st.sampled_from([0.0, 0.2, 0.349, 0.36, 0.49, 0.5, 0.9]), st.integers(1, 700))
SHORT_RUNS = st.tuples(RUNS.map(lambda run: run[0]), st.integers(1, 7))


@given(st.lists(RUNS | SHORT_RUNS, min_size=1, max_size=60), st.integers(1, WINDOW - 1))
def test_regions_are_those_of_faster_whisper(runs: list[tuple[float, int]], last: int) -> None:
    values, lengths = zip(*runs, strict=True)
    probabilities = np.repeat(values, lengths).astype(np.float32)
    length = (len(probabilities) - 1) * WINDOW + last

    assert ours(probabilities, length) == theirs(probabilities, length)


@pytest.mark.parametrize("seed", range(20))
def test_regions_of_restless_sound_are_those_of_faster_whisper(seed: int) -> None:
    dice = np.random.default_rng(seed)
    steps = dice.normal(0, dice.choice([0.02, 0.1, 0.3]), 20_000)
    probabilities = np.abs(np.mod(np.cumsum(steps) + 1, 2) - 1).astype(np.float32)
    length = len(probabilities) * WINDOW - 100

    assert ours(probabilities, length) == theirs(probabilities, length)


@pytest.mark.parametrize("name", ["lectures/economics.ogg", "speech/librivox-austen-0870.flac"])
def test_regions_of_speech_are_those_of_faster_whisper(name: str) -> None:
    sound = as_float(recorded(name))

    expected = vad.get_speech_timestamps(sound, OPTIONS)

    assert ours(voice_activity(sound), len(sound)) == [(e["start"], e["end"]) for e in expected]


@pytest.mark.parametrize("length", [0, 1, WINDOW, WINDOW + 1])
def test_next_to_nothing_has_no_region(length: int) -> None:
    sound = np.zeros(length, np.float32)

    assert regions(voice_activity(sound), length) == []


@given(
    st.lists(RUNS | SHORT_RUNS, min_size=1, max_size=60),
    st.sampled_from([0, 4 * SAMPLE_RATE]),
    st.integers(1, 2_000),
)
def test_portions_change_nothing(runs: list[tuple[float, int]], overlap: int, portion: int) -> None:
    values, lengths = zip(*runs, strict=True)
    probabilities = np.repeat(values, lengths).astype(np.float32)
    length = len(probabilities) * WINDOW

    at_once = regions(probabilities, length, overlap=overlap)

    assert all(0 <= each.start < each.end <= length for each in at_once)
    assert all(left.end - right.start <= overlap for left, right in pairwise(at_once))
    assert regions(probabilities, length, overlap=overlap, portion=portion) == at_once


def test_a_region_is_told_before_the_next_one_begins() -> None:
    stream = SpeechRegions(longest=30 * SAMPLE_RATE, overlap=0)

    found = stream.add(np.repeat([0.9, 0.0], [100, 40]).astype(np.float32))

    assert found == [Region(0, 100 * WINDOW + PAD)]
    assert stream.silent_until == 140 * WINDOW - PAD


def test_where_nobody_pauses_regions_share_some_seconds() -> None:
    endless = np.full(5_000, 0.9, np.float32)
    shared = 4 * SAMPLE_RATE

    found = regions(endless, 5_000 * WINDOW, overlap=shared)

    assert (found[0].start, found[-1].end) == (0, 5_000 * WINDOW)
    assert len(found) > 4
    assert all(len(region) <= 30 * SAMPLE_RATE for region in found)
    assert {left.end - right.start for left, right in pairwise(found)} == {shared}
