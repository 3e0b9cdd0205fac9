"""Of which pieces of a batch the language is asked: the rest of decoding is tested with real speech
in tests/integration/transcription/test_speech.py."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from faster_whisper.transcribe import BatchedInferencePipeline

from functions.transcribe.recognizers.whisper.decoding import (
    CLEAN_LOG_PROBABILITY,
    FEW_TOKENS,
    _Pipeline,
)

CLEAN = {"avg_logprob": -0.07, "tokens": list(range(90))}
POOR = {"avg_logprob": CLEAN_LOG_PROBABILITY - 0.1, "tokens": list(range(90))}
SHORT = {"avg_logprob": -0.07, "tokens": list(range(FEW_TOKENS - 1))}


def told(
    monkeypatch: pytest.MonkeyPatch,
    *outputs: Mapping[str, Any],
    hears: str = "en",
    multilingual: bool = True,
    device: str = "cpu",
) -> list[Mapping[str, float]]:
    """What is known of the languages of a batch that was decoded in English with such results."""
    encoded = np.zeros((len(outputs), 2, 3), np.float32)
    model = SimpleNamespace(
        is_multilingual=multilingual,
        device=device,
        detect_language=lambda sound: [[(f"<|{hears}|>", 0.9)]] * np.asarray(sound).shape[0],
    )
    monkeypatch.setattr(
        BatchedInferencePipeline, "generate_segment_batched", lambda *_: (encoded, list(outputs))
    )
    pipeline = _Pipeline(SimpleNamespace(model=model))
    pipeline.generate_segment_batched(None, SimpleNamespace(language_code="en"), None)
    return list(pipeline.languages)


def test_of_clean_speech_one_piece_tells_for_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, CLEAN, CLEAN, CLEAN) == [{"en": 0.9}, {}, {}]


@pytest.mark.parametrize("doubtful", [POOR, SHORT])
def test_of_a_batch_with_something_doubtful_all_are_asked(
    monkeypatch: pytest.MonkeyPatch, doubtful: Mapping[str, Any]
) -> None:
    assert told(monkeypatch, CLEAN, CLEAN, doubtful) == [{"en": 0.9}] * 3


def test_so_they_are_where_the_first_is_in_another_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert told(monkeypatch, CLEAN, CLEAN, hears="de") == [{"de": 0.9}] * 2


def test_and_on_another_device_where_the_output_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, CLEAN, CLEAN, device="cuda") == [{"en": 0.9}] * 2


def test_a_model_that_knows_english_alone_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, CLEAN, multilingual=False) == []
