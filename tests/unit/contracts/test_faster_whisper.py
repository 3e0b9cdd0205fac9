"""What is relied on of faster-whisper and CTranslate2, neither of which declares types."""

import inspect
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import ctranslate2
import faster_whisper
import numpy as np
import pytest
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.vad import get_vad_model

from functions.transcribe.audio import SAMPLE_RATE, as_float
from functions.transcribe.weights.package import from_package
from tests.support.sound.sounds import recorded

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> WhisperModel:
    folder = from_package("tiny.en", cache_dir=tmp_path_factory.mktemp("weights"))
    assert folder is not None
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)


def speech() -> np.ndarray:
    """Two stretches of three seconds."""
    return as_float(recorded("speech/jfk-1961.flac")[: 6 * SAMPLE_RATE])


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (WhisperModel.__init__, {"device", "compute_type", "cpu_threads"}),
        (
            WhisperModel.transcribe,
            {
                "language",
                "beam_size",
                "temperature",
                "best_of",
                "without_timestamps",
                "condition_on_previous_text",
                "word_timestamps",
            },
        ),
        (
            BatchedInferencePipeline.transcribe,
            {
                "language",
                "beam_size",
                "batch_size",
                "word_timestamps",
                "hotwords",
                "clip_timestamps",
            },
        ),
        (
            BatchedInferencePipeline.generate_segment_batched,
            {"features", "tokenizer", "options"},
        ),
        (WhisperModel.encode, {"features"}),
        (faster_whisper.download_model, {"revision", "cache_dir"}),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_arguments_have_these_names(function: Callable[..., Any], names: set[str]) -> None:
    assert names <= set(inspect.signature(function).parameters)


def test_the_model_knows_whether_it_is_multilingual_and_its_languages(
    whisper: WhisperModel,
) -> None:
    assert isinstance(whisper.model, ctranslate2.models.Whisper)
    assert whisper.model.is_multilingual is False
    assert "en" in whisper.supported_languages


def test_batches_are_told_by_where_their_clips_start(whisper: WhisperModel) -> None:
    edges = [0.00003, 3.00003, 6.00003]
    results, _ = BatchedInferencePipeline(whisper).transcribe(
        speech(),
        language="en",
        beam_size=1,
        batch_size=2,
        word_timestamps=True,
        hotwords=None,
        clip_timestamps=[{"start": start, "end": end} for start, end in pairwise(edges)],
    )
    found = list(results)

    assert {result.seek for result in found} == {0, 300}
    for result in found:
        assert len(result.tokens) > 0
        assert result.avg_logprob < 0
        assert 0 <= result.no_speech_prob <= 1
        assert result.compression_ratio > 0
        for word in result.words:
            assert word.word.strip()
            assert result.seek / 100 - 0.1 <= word.start <= word.end
            assert 0 <= float(word.probability) <= 1


def test_one_window_is_decoded_again_at_rising_temperature(whisper: WhisperModel) -> None:
    results, _ = whisper.transcribe(
        speech(),
        language="en",
        beam_size=1,
        temperature=(0.2, 0.4),
        best_of=1,
        without_timestamps=True,
        condition_on_previous_text=False,
        word_timestamps=True,
    )

    assert "americans" in " ".join(result.text for result in results).lower()


def test_silero_session_keeps_its_state_outside() -> None:
    session = get_vad_model().session

    assert [each.name for each in session.get_inputs()] == ["input", "h", "c"]
    found, hidden, cell = session.run(
        None,
        {
            "input": np.zeros((3, 64 + 512), np.float32),
            "h": np.zeros((1, 1, 128), np.float32),
            "c": np.zeros((1, 1, 128), np.float32),
        },
    )
    assert np.size(found) == 3
    assert hidden.shape == cell.shape == (1, 1, 128)


def test_an_unknown_model_is_a_value_error_without_asking_the_hub(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no-such-size"):
        faster_whisper.download_model("no-such-size", cache_dir=str(tmp_path))
