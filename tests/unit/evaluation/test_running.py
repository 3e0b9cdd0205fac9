"""What the evaluation reports of a run."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from functions.generate.drafts import Claim, Cost, Draft, Fault, Repairs, Verdicts
from functions.generate.providers.base import GenerationRequest
from functions.generate.providers.extractive.provider import ExtractiveProvider
from shared.presets import load_preset
from tests.evaluation.__main__ import evaluate, row
from tests.evaluation.lectures import Lecture, heard
from tests.evaluation.model import language_model

LECTURE = Lecture("economics", "heard", heard("economics"), ())


class LyingModel:
    """Writes what the extractive provider writes, with the last card's quote made up."""

    name = "openai"
    model = "liar-1"

    def __init__(self, usd: float | None) -> None:
        self._cost = Cost(calls=3, input_tokens=2000, output_tokens=100, usd=usd)

    def generate(self, request: GenerationRequest) -> Draft:
        draft = ExtractiveProvider().generate(request)
        *honest, last = draft.contents.flashcards.cards
        (cited, *_) = last.citations
        made_up = cited.model_copy(update={"quote": "Nobody in this lecture ever said so at all."})
        lying = last.model_copy(update={"citations": (made_up,)})
        cards = draft.contents.flashcards.model_copy(update={"cards": (*honest, lying)})
        return Draft(replace(draft.contents, flashcards=cards), draft.concepts, self._cost)

    def repair(self, request: GenerationRequest, faults: Sequence[Fault]) -> Repairs:
        return Repairs.none(faults)

    def verify(self, request: GenerationRequest, claims: Sequence[Claim]) -> Verdicts:
        return Verdicts.none(claims)

    def close(self) -> None:
        pass


@pytest.mark.parametrize(("usd", "price"), [(0.0123, "$0.0123"), (None, "price unknown")])
def test_a_models_calls_tokens_and_price_are_in_its_row(usd: float | None, price: str) -> None:
    written = row(evaluate(LyingModel(usd), LECTURE, load_preset("exam")))
    assert written.startswith("| openai (liar-1) | economics | heard | exam |")
    assert f"3 calls, 2000 + 100 tokens, {price}" in written


def test_what_a_model_made_up_is_dropped_before_it_is_judged() -> None:
    run = evaluate(LyingModel(None), LECTURE, load_preset("exam"))
    assert run.material.dropped == 1
    assert run.figures.unsupported == ()


def test_without_a_model_in_the_environment_only_the_extractive_provider_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PLC_LLM_PROVIDER", raising=False)
    assert language_model() is None
    monkeypatch.setenv("PLC_LLM_PROVIDER", "openai")
    monkeypatch.setenv("OPENAI_API_KEY", "a key")
    monkeypatch.setenv("OPENAI_MODEL", "some-model")
    model = language_model()
    assert model is not None
    assert model.model == "some-model"
