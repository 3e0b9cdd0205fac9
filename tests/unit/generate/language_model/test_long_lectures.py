"""A lecture that does not fit the model's context is read in parts and written from notes."""

import json
from typing import Any

import openai
import pytest

from functions.generate.grounding.grounding import GroundedDraft, ground
from functions.generate.providers.base import GenerationRequest
from functions.generate.providers.chat.openai_compatible import OpenAICompatible
from functions.generate.providers.language_model.provider import LanguageModelProvider
from functions.generate.providers.language_model.windows import estimate_tokens
from shared.documents.transcript import Transcript, Utterance
from shared.errors import ModelRejectedError
from tests.support.lectures.writing_model import WritingModel, data_in
from tests.unit.generate.language_model.chat_server import (
    ChatServer,
    Json,
    Reply,
    failure,
    form_of,
    serving,
)
from tests.unit.generate.lectures import NAMES, lecture, request

pytestmark = pytest.mark.heavy


CONTEXT = 8_000


def long_lecture(rounds: int) -> Transcript:
    """The four lectures one after the other, each round in other words' numbers."""
    utterances: list[Utterance] = []
    now = 0.0
    for turn in range(rounds):
        for name in NAMES:
            said = lecture(name)
            for each in said.utterances:
                text = each.text if not turn else f"In part {turn + 1}: {each.text}"
                moved = {
                    "id": len(utterances),
                    "start_sec": now + each.start_sec,
                    "end_sec": now + each.end_sec,
                    "text": text,
                    "words": (),
                }
                utterances.append(each.model_copy(update=moved))
            now += said.duration_sec
    return lecture(NAMES[0]).model_copy(
        update={"utterances": tuple(utterances), "duration_sec": now}
    )


def made(server: ChatServer, asked: GenerationRequest, *, context: int = CONTEXT) -> GroundedDraft:
    with openai.OpenAI(api_key="sk", base_url=server.url, timeout=10, max_retries=0) as client:
        provider = LanguageModelProvider(
            OpenAICompatible(client, model="gpt-5-mini"), context_tokens=context
        )
        return ground(provider.generate(asked), asked, provider)


def tokens_of(body: Json) -> int:
    return sum(estimate_tokens(message["content"]) for message in body["messages"])


def shown(server: ChatServer, form: str = "WireNotes") -> list[Json]:
    return [body for body in server.requests if form_of(body) == form]


def test_what_fits_is_read_whole_and_without_notes() -> None:
    transcript = lecture("economics")
    with serving(WritingModel()) as server:
        draft = made(server, request(transcript), context=64_000)
        assert len(server.requests) == draft.cost.calls == 6
    assert not shown(server)
    assert len(data_in(server.requests[0], "transcript")) == len(transcript.utterances)


def test_a_long_one_is_noted_in_windows_that_together_are_all_of_it() -> None:
    transcript = long_lecture(2)
    with serving(WritingModel()) as server:
        draft = made(server, request(transcript))
    noted = [line for body in shown(server) for line in data_in(body, "transcript")]
    assert sorted(line["id"] for line in noted) == [u.id for u in transcript.utterances]
    assert all(tokens_of(body) <= CONTEXT for body in server.requests)
    assert draft.cost.calls == len(server.requests) > 7
    assert draft.cost.usd is not None
    assert draft.cost.usd > 0
    # Of the last quarter as of the first.
    cited = [
        citation.start_sec for term in draft.contents.key_terms.terms for citation in term.citations
    ]
    assert min(cited) < 0.25 * transcript.duration_sec
    assert max(cited) > 0.75 * transcript.duration_sec


def test_what_is_written_from_notes_quotes_the_transcript() -> None:
    with serving(WritingModel()) as server:
        draft = made(server, request(long_lecture(2)))
    for grounding in draft.grounding.values():
        assert grounding.dropped == 0
        assert grounding.verified > 0
    assert shown(server, "WireSummary")
    for body in shown(server, "WireSummary"):
        assert data_in(body, "notes")
        assert not data_in(body, "transcript")


def test_a_note_that_nothing_said_supports_is_not_built_on() -> None:
    def lying(form: str, answer: Json) -> Json:
        if form == "WireNotes":
            invented = [{"utterance": 1, "quote": "Nobody ever said these words in here."}]
            answer["notes"].append({"text": "Invented", "term": None, "evidence": invented})
        return answer

    with serving(WritingModel(lying)) as server:
        made(server, request(long_lecture(2)))
    told = json.dumps(shown(server, "WireSummary")[0])
    assert "Nobody ever said" not in told
    assert "Invented" not in told


@pytest.mark.slow
def test_notes_that_are_too_long_are_condensed() -> None:
    def wordy(form: str, answer: Json) -> Json:
        if form == "WireNotes":
            answer["notes"] = [
                {**note, "text": note["text"] + " and so on" * 40} for note in answer["notes"]
            ]
        return answer

    with serving(WritingModel(wordy)) as server:
        made(server, request(long_lecture(6)))
    condensing = [body for body in shown(server) if data_in(body, "notes")]
    assert condensing
    assert all(tokens_of(body) <= CONTEXT for body in server.requests)


@pytest.mark.parametrize("rounds", [1, pytest.param(6, marks=pytest.mark.slow)])
def test_an_endpoint_that_counts_more_tokens_gets_less_at_once(rounds: int) -> None:
    limit = 5_000

    def strict(body: Json, before: int) -> Reply:
        if tokens_of(body) > limit:
            return failure(400, "context_length_exceeded")
        return WritingModel()(body, before)

    transcript = long_lecture(rounds)
    with serving(strict) as server:
        draft = made(server, request(transcript), context=16_000)
    assert all(grounding.verified for grounding in draft.grounding.values())
    accepted = [body for body in shown(server) if tokens_of(body) <= limit]
    noted = {line["id"] for body in accepted for line in data_in(body, "transcript")}
    assert noted == {utterance.id for utterance in transcript.utterances}


def test_an_endpoint_that_takes_nothing_is_given_up_on() -> None:
    with (
        serving(lambda _body, _before: failure(400, "context_length_exceeded")) as server,
        pytest.raises(ModelRejectedError, match="context"),
    ):
        made(server, request(lecture("economics")))
    assert len(server.requests) < 100


@pytest.mark.slow
def test_calls_and_tokens_grow_with_the_length_and_not_faster() -> None:
    def spent(rounds: int) -> tuple[int, int]:
        with serving(WritingModel()) as server:
            made(server, request(long_lecture(rounds)))
        return len(server.requests), sum(map(tokens_of, server.requests))

    (calls, tokens), (twice_calls, twice_tokens) = spent(3), spent(6)
    assert twice_calls <= 2 * calls
    assert twice_tokens <= 2.1 * tokens


@pytest.mark.slow
def test_one_utterance_longer_than_the_context_is_read_in_pieces() -> None:
    words: list[Any] = [f"word{n}" for n in range(12_000)]
    only = Utterance(id=0, start_sec=0, end_sec=5_000, text=" ".join(words), confidence=1, words=())
    transcript = lecture("economics").model_copy(
        update={"utterances": (only,), "duration_sec": 5_000.0}
    )
    with serving(WritingModel()) as server:
        made(server, request(transcript))
    read = [line["text"] for body in shown(server) for line in data_in(body, "transcript")]
    assert sorted(" ".join(read).split()) == sorted(words)
