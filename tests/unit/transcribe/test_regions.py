"""faster-whisper tells the same from the same probabilities; it is the reference here."""

import numpy as np
import pytest
from faster_whisper import vad
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, as_float
from functions.transcribe.regions import speech_regions
from functions.transcribe.voice import WINDOW, voice_activity
from tests.support.sounds import recorded

OPTIONS = vad.VadOptions(max_speech_duration_s=30, min_silence_duration_ms=160)
"""Those of its batched pipeline."""


def theirs(probabilities: NDArray[np.float32], length: int) -> list[tuple[int, int]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vad, "get_vad_model", lambda: lambda _: probabilities)
        found = vad.get_speech_timestamps(np.zeros(length, np.float32), OPTIONS)
    return [(int(each["start"]), int(each["end"])) for each in found]


def ours(probabilities: NDArray[np.float32], length: int) -> list[tuple[int, int]]:
    found = speech_regions(probabilities, length, longest=30 * SAMPLE_RATE)
    return [(region.start, region.end) for region in found]


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
    found = speech_regions(voice_activity(sound), len(sound), longest=30 * SAMPLE_RATE)

    expected = vad.get_speech_timestamps(sound, OPTIONS)

    assert [(r.start, r.end) for r in found] == [(e["start"], e["end"]) for e in expected]


@pytest.mark.parametrize("length", [0, 1, WINDOW, WINDOW + 1])
def test_next_to_nothing_has_no_region(length: int) -> None:
    sound = np.zeros(length, np.float32)

    assert speech_regions(voice_activity(sound), length, longest=30 * SAMPLE_RATE) == []
