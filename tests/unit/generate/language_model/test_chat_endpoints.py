"""Language models at other addresses, held to their forms in other ways."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Annotated, Any

import google.auth
import openai
import pytest
from pydantic import BaseModel, Field

from functions.generate.drafts import Cost
from functions.generate.providers.chat.deadline import Deadline
from functions.generate.providers.chat.endpoints import ENDPOINTS, gemini, vertex
from functions.generate.providers.chat.kept_answers import NoAnswers, question_of
from functions.generate.providers.chat.model import (
    ContextTooLongError,
    DeadlinePassedError,
    Message,
    Question,
)
from functions.generate.providers.chat.model import Reply as Reply_
from functions.generate.providers.chat.openai_compatible import HeldBy, OpenAICompatible
from functions.generate.providers.chat.prices import cost_usd, price_of
from shared.config import ConfigurationError, Settings, load_settings
from shared.errors import (
    AnswerUnusableError,
    GenerationInvalidError,
    GenerationRefusedError,
    ModelRejectedError,
    TransientError,
)
from tests.unit.generate.language_model.chat_server import (
    ChatServer,
    Json,
    Reply,
    completion,
    ended,
    failure,
    refusal,
    serving,
)

ENVIRONMENT = {
    "GCS_BUCKET": "bucket",
    "GOOGLE_CLOUD_PROJECT": "project",
    "DATABASE_URL": "postgresql://user@127.0.0.1/name",
}


class Capital(BaseModel):
    name: str
    people: int


PARIS = Capital(name="Paris", people=2_000_000)
GOOD = completion(PARIS.model_dump())
QUESTION = Question((Message("system", "Be brief."), Message("user", "France?")), Capital)


def settings(**values: str) -> Settings:
    return load_settings({**ENVIRONMENT, **values})


@contextmanager
def asking(server: ChatServer, held_by: HeldBy = "schema") -> Iterator[OpenAICompatible]:
    client = openai.OpenAI(api_key="sk", base_url=server.url, timeout=2, max_retries=1)
    with closing(OpenAICompatible(client, model="gpt-5-mini", held_by=held_by)) as chat:
        yield chat


def ask(server: ChatServer, held_by: HeldBy = "schema") -> Reply_[Capital]:
    with asking(server, held_by) as chat:
        return chat.ask(QUESTION)


# --- forms ---


@pytest.mark.parametrize(
    ("held_by", "format"),
    [("schema", "json_schema"), ("json", "json_object"), ("text", None)],
)
def test_an_endpoint_is_held_to_the_form_as_the_settings_say(
    held_by: HeldBy, format: str | None
) -> None:
    with serving(lambda _body, _before: GOOD) as server:
        assert ask(server, held_by).answer == PARIS
        (asked,) = server.requests
    assert asked.get("response_format", {}).get("type") == format
    words = [message["content"] for message in asked["messages"]]
    assert any('"people"' in text for text in words) is (held_by != "schema")


def test_one_that_refuses_a_schema_is_asked_in_json_mode_from_then_on() -> None:
    def without_schemas(body: Json, _before: int) -> Reply:
        if body["response_format"]["type"] == "json_schema":
            return Reply(
                400,
                json.dumps({"error": {"message": "'response_format' json_schema is unknown"}}),
            )
        return GOOD

    with serving(without_schemas) as server:
        with asking(server) as chat:
            assert chat.ask(QUESTION).answer == PARIS
            assert chat.ask(QUESTION).answer == PARIS
        kinds = [body["response_format"]["type"] for body in server.requests]
    # With the lengths of texts, without them, and no schema at all.
    assert kinds == ["json_schema", "json_schema", "json_object", "json_object"]


def test_one_that_refuses_lengths_is_sent_a_schema_without_them() -> None:
    class Named(BaseModel):
        names: Annotated[list[Annotated[str, Field(max_length=9)]], Field(max_length=3)]

    def without_lengths(body: Json, _before: int) -> Reply:
        if "maxLength" in json.dumps(body["response_format"]):
            message = "Invalid schema for response_format: 'maxLength' is not permitted."
            return Reply(400, json.dumps({"error": {"message": message}}))
        return completion({"names": ["Paris"]})

    with serving(without_lengths) as server:
        with asking(server) as chat:
            for _ in range(2):
                assert chat.ask(Question(QUESTION.messages, Named)).answer.names == ["Paris"]
        sent = [json.dumps(body["response_format"]) for body in server.requests]
    assert ["maxLength" in each for each in sent] == [True, False, False]
    assert all('"maxItems": 3' in each for each in sent)


@pytest.mark.parametrize("known", ["max_tokens", "max_completion_tokens", None])
def test_an_answer_is_limited_by_the_parameter_that_the_endpoint_knows(known: str | None) -> None:
    def picky(body: Json, _before: int) -> Reply:
        for name in ("max_tokens", "max_completion_tokens"):
            if name in body and name != known:
                error = {"message": f"Unsupported parameter: '{name}'", "param": name}
                return Reply(400, json.dumps({"error": error}))
        return GOOD

    with serving(picky) as server:
        with asking(server) as chat:
            limited = replace(QUESTION, answer_tokens=700)
            assert chat.ask(limited).answer == PARIS
            assert chat.ask(limited).answer == PARIS
        sent = server.requests[-1]
    assert {name: sent[name] for name in sent if name.startswith("max_")} == (
        {known: 700} if known else {}
    )


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"name": "Paris", "people": 2000000}\n```',
        ' {"name": "Paris", "people": 2000000}\n',
    ],
)
def test_a_fence_around_the_answer_does_no_harm(text: str) -> None:
    with serving(lambda _body, _before: completion(text)) as server:
        assert ask(server, "text").answer == PARIS


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('{"name": "Paris"}', "people: Field required"),
        ('{"name": "Paris", "people": "many"}', "people: Input should be a valid integer"),
        ('{"name": "Par', "the whole answer: Invalid JSON"),
        ("I think it is Paris.", "the whole answer: Invalid JSON"),
    ],
)
def test_an_answer_of_another_form_is_asked_for_once_more_with_what_was_wrong(
    wrong: str, told: str
) -> None:
    replies = [completion(wrong), GOOD]
    with serving(lambda _body, _before: replies.pop(0)) as server:
        reply = ask(server, "json")
        again = server.requests[1]["messages"]
    assert reply.answer == PARIS
    assert again[-2] == {"role": "assistant", "content": wrong}
    assert told in again[-1]["content"]
    # Both answers were paid for.
    assert (reply.cost.calls, reply.cost.input_tokens) == (2, 200)


def test_a_second_answer_of_another_form_is_unusable() -> None:
    with serving(lambda _body, _before: completion("Paris!")) as server:
        with pytest.raises(AnswerUnusableError):
            ask(server, "json")
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusal("No."), GenerationRefusedError),
        (ended("length"), GenerationInvalidError),
        (ended("content_filter"), GenerationInvalidError),
        (completion(""), AnswerUnusableError),
        (Reply(200, '{"choices": []}'), AnswerUnusableError),
        (Reply(200, "<html>busy</html>", {"content-type": "text/html"}), AnswerUnusableError),
        (failure(400, "context_length_exceeded"), ContextTooLongError),
        (failure(403), ModelRejectedError),
        (failure(429), TransientError),
        (failure(503), TransientError),
    ],
)
@pytest.mark.parametrize("held_by", ["schema", "json", "text"])
def test_whatever_goes_wrong_has_a_name(
    held_by: HeldBy, reply: Reply, error: type[Exception]
) -> None:
    with serving(lambda _body, _before: reply) as server, pytest.raises(error):
        ask(server, held_by)


TOO_LONG: dict[str, tuple[int, Json | str]] = {
    "openai": (
        400,
        {
            "error": {
                "message": "This model's maximum context length is 8192 tokens. "
                "However, your messages resulted in 9001 tokens.",
                "code": "context_length_exceeded",
            }
        },
    ),
    "azure": (
        400,
        {
            "error": {
                "message": "This model's maximum context length is 16385 tokens",
                "type": "invalid_request_error",
                "code": "context_length_exceeded",
            }
        },
    ),
    "llama.cpp": (
        400,
        {
            "error": {
                "code": 400,
                "type": "exceed_context_size_error",
                "message": "request (7486 tokens) exceeds the available context size (2048 "
                "tokens), try increasing it",
                "n_prompt_tokens": 7486,
                "n_ctx": 2048,
            }
        },
    ),
    "vllm": (
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 4096 "
            "tokens. However, you requested 20000 tokens (4000 in the messages, 16000 in the "
            "completion).",
            "type": "BadRequestError",
            "code": 400,
        },
    ),
    "vllm, later": (
        400,
        {
            "error": {
                "message": "The decoder prompt (length 5000) is longer than "
                "the maximum model length of 4096.",
                "type": "BadRequestError",
                "code": 400,
            }
        },
    ),
    "ollama": (400, {"error": {"message": "the input length exceeds the context length"}}),
    "ollama, runner": (500, {"error": {"message": "input exceeds context length"}}),
    "sglang": (
        400,
        {
            "object": "error",
            "message": "The input (61709 tokens) is longer than the "
            "model's context length (40960 tokens).",
            "type": "BadRequestError",
            "code": 400,
        },
    ),
    "tgi": (
        422,
        {
            "error": "Input validation error: `inputs` tokens + `max_new_tokens` must be "
            "<= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`",
            "error_type": "validation",
        },
    ),
    "gemini": (
        400,
        {
            "error": {
                "message": "The input token count (1100000) exceeds the maximum "
                "number of tokens allowed (1048575).",
                "code": 400,
                "status": "INVALID_ARGUMENT",
            }
        },
    ),
    "bedrock": (400, {"message": "Input is too long for requested model."}),
    "bedrock, anthropic": (
        400,
        {
            "error": {
                "message": "prompt is too long: 204800 tokens > 200000 maximum",
                "type": "invalid_request_error",
            }
        },
    ),
    "litellm": (
        413,
        {"error": {"message": "Please reduce the length of the messages or completion."}},
    ),
}


@pytest.mark.parametrize("server", TOO_LONG)
def test_a_prompt_that_is_too_long_is_recognized_however_it_is_worded(server: str) -> None:
    status, body = TOO_LONG[server]
    reply = Reply(status, json.dumps(body), {"content-type": "application/json"})
    with serving(lambda _body, _before: reply) as chat, pytest.raises(ContextTooLongError):
        ask(chat)


@pytest.mark.parametrize(
    "message",
    [
        "Invalid model name: context-pro",
        "The request was rejected by the content management policy",
        "max_tokens must be at least 1",
    ],
)
def test_no_other_refusal_is_taken_for_a_prompt_that_is_too_long(message: str) -> None:
    reply = Reply(400, json.dumps({"error": {"message": message}}))
    with serving(lambda _body, _before: reply) as chat, pytest.raises(ModelRejectedError) as told:
        ask(chat)
    assert not isinstance(told.value, ContextTooLongError)


def test_an_endpoint_that_read_only_a_part_of_the_question_is_noticed() -> None:
    def truncating(body: Json, _before: int) -> Reply:
        answer = json.loads(GOOD.body)
        read = sum(len(message["content"]) for message in body["messages"]) // 4
        answer["usage"]["prompt_tokens"] = min(2_048, read)
        return Reply(200, json.dumps(answer))

    def of(words: int) -> Question[Capital]:
        said = " ".join(f"spoken{n}" for n in range(words))
        return Question((Message("system", "Be brief."), Message("user", said)), Capital)

    with serving(truncating) as server, asking(server) as chat:
        assert chat.ask(of(500)).answer == PARIS
        with pytest.raises(ContextTooLongError, match="a part"):
            chat.ask(of(2_000))


def test_a_wait_that_the_endpoint_asks_for_is_kept() -> None:
    busy = Reply(429, "{}", {"content-type": "application/json", "retry-after": "0.2"})
    replies = [busy, GOOD]
    with serving(lambda _body, _before: replies.pop(0)) as server:
        assert ask(server).answer == PARIS


# --- addresses and keys ---


def test_every_provider_of_the_settings_has_an_endpoint() -> None:
    offered = Settings.model_fields["plc_llm_provider"].annotation.__args__  # type: ignore[union-attr]
    assert {*ENDPOINTS, "extractive"} == set(offered)


def test_an_endpoint_of_ones_own_needs_no_key() -> None:
    with serving(lambda _body, _before: GOOD) as server:
        own = settings(PLC_LLM_PROVIDER="openai", OPENAI_BASE_URL=server.url)
        with closing(ENDPOINTS["openai"](own, NoAnswers())) as chat:
            assert chat.ask(QUESTION).answer == PARIS


def test_openais_own_needs_one_and_so_does_gemini() -> None:
    for provider, key in (("openai", "OPENAI_API_KEY"), ("gemini", "GEMINI_API_KEY")):
        with pytest.raises(ConfigurationError, match=f"{key}: PLC_LLM_PROVIDER={provider} needs"):
            settings(PLC_LLM_PROVIDER=provider)


def test_gemini_is_asked_with_its_own_key_and_model() -> None:
    with serving(lambda _body, _before: GOOD) as server:
        own = settings(PLC_LLM_PROVIDER="gemini", GEMINI_API_KEY="g-key\n", GEMINI_MODEL="gem")
        with closing(gemini.connect(own, NoAnswers(), base_url=server.url)) as chat:
            assert chat.ask(QUESTION).answer == PARIS
            assert (chat.name, chat.model) == ("gemini", "gem")
        assert server.keys == ["Bearer g-key"]
        assert server.requests[0]["model"] == "gem"
    assert gemini.BASE_URL.startswith("https://generativelanguage.googleapis.com/")


class Credentials(SimpleNamespace):
    """What google-auth gives: a token, and whether it still holds."""

    token: str | None = None
    valid = False
    renewed = 0

    def renew(self, _: object) -> None:
        self.renewed += 1
        self.token, self.valid = f"token-{self.renewed}", True


def vertex_chat(server: ChatServer, credentials: Credentials, **values: str) -> OpenAICompatible:
    token = vertex.AccessToken(credentials, credentials.renew)
    return vertex.with_token(settings(**values), NoAnswers(), token, base_url=server.url)


def test_vertex_is_asked_for_the_model_that_is_set() -> None:
    asked: list[Json] = []

    def note(body: Json, _before: int) -> Reply:
        asked.append(body)
        return GOOD

    with (
        serving(note) as server,
        closing(vertex_chat(server, Credentials(), VERTEX_MODEL="google/another")) as chat,
    ):
        chat.ask(QUESTION)

    assert [body["model"] for body in asked] == ["google/another"]


@pytest.mark.parametrize("name", ["openai", "gemini"])
def test_all_calls_of_an_attempt_have_the_time_that_is_set(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []

    def over(seconds: float) -> Deadline:
        given.append(seconds)
        return Deadline(0)

    monkeypatch.setattr("functions.generate.providers.chat.endpoints.connecting.Deadline", over)
    values = {"OPENAI_BASE_URL": "http://127.0.0.1:1", "GEMINI_API_KEY": "k"}

    with (
        closing(ENDPOINTS[name](settings(PLC_LLM_ATTEMPT_SEC="77", **values), NoAnswers())) as chat,
        pytest.raises(DeadlinePassedError),
    ):
        chat.ask(QUESTION)

    assert given == [77]


def test_vertex_is_asked_with_a_token_that_is_fetched_when_the_last_has_run_out() -> None:
    credentials = Credentials()
    with serving(lambda _body, _before: GOOD) as server:
        with closing(vertex_chat(server, credentials)) as chat:
            chat.ask(QUESTION)
            chat.ask(QUESTION)
            credentials.valid = False  # an hour later
            chat.ask(QUESTION)
        assert server.keys == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_a_token_that_is_not_taken_is_replaced_once() -> None:
    credentials = Credentials()

    def strict(_body: Json, _before: int) -> Reply:
        return GOOD if credentials.renewed > 1 else failure(401)

    with serving(strict) as server:
        with closing(vertex_chat(server, credentials)) as chat:
            assert chat.ask(QUESTION).answer == PARIS
        assert server.keys == ["Bearer token-1", "Bearer token-2"]
    with serving(lambda _body, _before: failure(401)) as server:
        with (
            closing(vertex_chat(server, Credentials())) as chat,
            pytest.raises(ModelRejectedError),
        ):
            chat.ask(QUESTION)
        assert len(server.keys) == 2


def test_a_token_service_that_is_away_is_a_transient_error() -> None:
    no_route = google.auth.exceptions.TransportError("no route")  # type: ignore[no-untyped-call]

    def away(_: object) -> None:
        raise no_route

    token = vertex.AccessToken(Credentials(), away)
    with pytest.raises(TransientError):
        token()


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("global", "aiplatform.googleapis.com"),
        ("europe-west1", "europe-west1-aiplatform.googleapis.com"),
    ],
)
def test_vertex_is_at_the_address_of_its_location(location: str, host: str) -> None:
    assert vertex.address(settings(VERTEX_LOCATION=location)) == (
        f"https://{host}/v1/projects/project/locations/{location}/endpoints/openapi"
    )


def test_vertex_is_in_the_installations_region_unless_another_is_named() -> None:
    assert vertex.address(settings(PLC_REGION="europe-west3")).startswith(
        "https://europe-west3-aiplatform.googleapis.com/"
    )


# --- what a vendor is asked not to keep ---


@pytest.mark.parametrize("held_by", ["schema", "json", "text"])
@pytest.mark.parametrize("unkept", [True, False])
def test_openai_is_asked_not_to_store_and_no_other_is(held_by: HeldBy, unkept: bool) -> None:
    with serving(lambda _request, _before: GOOD) as server:
        client = openai.OpenAI(api_key="sk", base_url=server.url, timeout=2, max_retries=0)
        with closing(OpenAICompatible(client, model="m", held_by=held_by, unkept=unkept)) as chat:
            assert chat.ask(QUESTION).answer == PARIS

    [request] = server.requests
    assert request.get("store", "not sent") == (False if unkept else "not sent")


@pytest.mark.parametrize(
    ("base_url", "unkept"),
    [
        (None, True),
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://notapi.openai.com/v1", False),
        ("https://api.openai.com.example/v1", False),
        ("http://127.0.0.1:11434/v1", False),
    ],
)
def test_only_openais_own_endpoint_knows_the_field(base_url: str | None, unkept: bool) -> None:
    values = {"OPENAI_BASE_URL": base_url} if base_url else {}
    chat = ENDPOINTS["openai"](settings(OPENAI_API_KEY="sk", **values), NoAnswers())

    assert isinstance(chat, OpenAICompatible)
    with closing(chat):
        assert chat._extra == ({"store": False} if unkept else {})


# --- money ---


def test_a_call_costs_what_the_table_says() -> None:
    price = price_of("gpt-5-mini")
    assert price is not None
    assert cost_usd(
        "gpt-5-mini", input_tokens=1_000_000, cached_tokens=400_000, output_tokens=100_000
    ) == pytest.approx(0.6 * price.input + 0.4 * price.cached_input + 0.1 * price.output)


@pytest.mark.parametrize(
    "edition", ["gpt-5-mini-2025-08-07", "google/gemini-2.5-flash", "gemini-2.5-flash-001"]
)
def test_an_edition_of_a_model_costs_what_the_model_costs(edition: str) -> None:
    assert price_of(edition) is not None


@pytest.mark.parametrize("unknown", ["llama3.2", "gpt-5-mini-fine-tuned", ""])
def test_nobody_guesses_a_price(unknown: str) -> None:
    assert cost_usd(unknown, input_tokens=9, cached_tokens=0, output_tokens=9) is None


def test_a_sum_with_an_unknown_price_has_none() -> None:
    known, unknown = Cost(1, 10, 10, 0.5), Cost(1, 10, 10, None)
    assert Cost.total([known, known]).usd == 1.0
    assert Cost.total([known, unknown]).usd is None
    assert Cost.total([]).usd == 0.0


def test_what_the_provider_had_in_its_cache_is_cheaper() -> None:
    body = json.loads(GOOD.body)
    body["usage"]["prompt_tokens_details"] = {"cached_tokens": 90}
    cached = Reply(200, json.dumps(body))
    with serving(lambda _body, _before: GOOD) as server:
        fresh = ask(server).cost.usd
    with serving(lambda _body, _before: cached) as server:
        again = ask(server).cost.usd
    assert fresh is not None
    assert again is not None
    assert again < fresh


# --- what an answer is kept under ---


def test_another_model_prompt_or_form_is_another_question() -> None:
    base: tuple[Any, ...] = ("openai", "gpt-5", [{"role": "user", "content": "a"}], {"a": 1})
    others = [
        ("gemini", *base[1:]),
        (base[0], "gpt-5-mini", *base[2:]),
        (*base[:2], [{"role": "user", "content": "b"}], base[3]),
        (*base[:3], {"a": 2}),
    ]
    names = {question_of(*each) for each in (base, *others)}
    assert len(names) == len(others) + 1
    assert question_of(*base) == question_of(*base)
