import numpy as np
import pytest
from faster_whisper.vad import get_vad_model
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, as_float
from functions.transcribe.audio.voice_activity import (
    BEGINS,
    CERTAIN,
    SPEECH,
    WINDOW,
    VoiceActivity,
    voice_activity,
)
from tests.support.sound.sounds import NOT_SPEECH, Sound, not_speech, recorded


@pytest.mark.parametrize("portion", [100, 512, 5_000, 10**6])
def test_portions_do_not_change_the_answer(portion: int) -> None:
    samples = recorded("speech/jfk-1961.flac")
    padded = np.pad(as_float(samples), (0, -len(samples) % WINDOW))
    at_once = get_vad_model()(padded).reshape(-1)

    voice = VoiceActivity()
    found = [voice.add(samples[i : i + portion]) for i in range(0, len(samples), portion)]
    streamed = np.concatenate([*found, voice.finish()])

    assert len(streamed) == len(at_once)
    # The first and the last window see other neighbours than in one call.
    assert np.allclose(streamed[:-1], at_once[:-1], atol=1e-3)


BREAKS = st.tuples(
    st.sampled_from([name for name in NOT_SPEECH if name != "murmur"]),
    st.floats(6, 40),
    st.sampled_from([0.1, 0.4, 1.0]),
    st.integers(0, 10**6),
)
"""A murmur is eight voices: it is taken for speech, so no pause."""


def opening(name: str) -> Sound:
    return as_float(recorded(f"speech/{name}.flac"))[: 10 * SAMPLE_RATE]


def begins_at(probabilities: NDArray[np.float32]) -> int:
    return int(np.flatnonzero(probabilities >= BEGINS)[0])


@pytest.mark.heavy
@pytest.mark.parametrize("opening_of", ["jfk-1961", "librivox-austen-0880"])
@settings(max_examples=8, deadline=None)
@given(a_break=BREAKS)
def test_after_any_break_speech_is_heard_from_its_beginning(
    opening_of: str, a_break: tuple[str, float, float, int]
) -> None:
    name, length_sec, gain, seed = a_break
    spoken = opening(opening_of)
    pause = not_speech(name, length_sec, seed=seed) * gain
    pause = pause[: len(pause) // WINDOW * WINDOW]
    alone = voice_activity(spoken)

    after = voice_activity(np.concatenate((pause, spoken)))[len(pause) // WINDOW :]

    # Eight windows, 0.26 s; without the second network up to 5.6 s.
    assert begins_at(after) <= begins_at(alone) + 8
    assert np.mean(after >= SPEECH) >= 0.8 * np.mean(alone >= SPEECH)


@pytest.mark.heavy
@pytest.mark.parametrize("portion", [100, 512, 4_000, 70_000])
@pytest.mark.parametrize("name", ["music", "crowd"])
def test_nor_do_portions_after_a_break(name: str, portion: int) -> None:
    spoken = recorded("speech/jfk-1961.flac")
    pause = np.round(not_speech(name, 31) * 32767).astype(np.int16)
    samples = np.concatenate((pause, spoken, pause, spoken, pause))
    whole = voice_activity(as_float(samples))

    voice = VoiceActivity()
    found = [voice.add(samples[i : i + portion]) for i in range(0, len(samples), portion)]
    streamed = np.concatenate([*found, voice.finish()])

    assert len(streamed) == len(whole)
    assert np.allclose(streamed, whole, atol=1e-3)


@settings(max_examples=20, deadline=None)
@given(length_sec=st.floats(4.5, 14), portion=st.integers(1, 9_000))
def test_each_window_of_a_pause_has_one_probability(length_sec: float, portion: int) -> None:
    samples = np.zeros(round(length_sec * SAMPLE_RATE), np.int16)

    voice = VoiceActivity()
    known = sum(len(voice.add(samples[i : i + portion])) for i in range(0, len(samples), portion))

    assert len(samples) // WINDOW - CERTAIN <= known <= len(samples) // WINDOW
    assert known + len(voice.finish()) == -(-len(samples) // WINDOW)
