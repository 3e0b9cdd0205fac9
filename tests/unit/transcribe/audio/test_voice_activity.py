import numpy as np
import pytest
from faster_whisper.vad import get_vad_model

from functions.transcribe.audio import as_float
from functions.transcribe.audio.voice_activity import WINDOW, VoiceActivity
from tests.support.sound.sounds import recorded


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
