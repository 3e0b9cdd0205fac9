"""Whatever a language model does, a lecture gets its material, in bounded time."""

import json
import threading
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import ClassVar

import pytest

from functions.generate.grounding.grounding import GroundedDraft, ground
from functions.generate.providers.chat.deadline import Deadline
from functions.generate.providers.chat.model import AnswerLateError, Message, Question
from functions.generate.providers.chat.openai_compatible import OpenAICompatible
from functions.generate.providers.extractive.provider import ExtractiveProvider
from functions.generate.providers.language_model.provider import LanguageModelProvider
from functions.generate.providers.language_model.wire import WireTerms
from shared.documents.artifacts import ArtifactType
from shared.errors import ModelRejectedError, TransientError
from shared.vendors.openai_client import connect
from tests.support.lectures.writing_model import WritingModel
from tests.unit.generate.language_model.chat_server import (
    ChatServer,
    Json,
    Reply,
    completion,
    ended,
    failure,
    form_of,
    refusal,
    serving,
)
from tests.unit.generate.lectures import lecture, request

pytestmark = pytest.mark.heavy

TRANSCRIPT = lecture("hashing-1").model_copy(
    update={"utterances": lecture("hashing-1").utterances[:16]}
)
ANSWERS = Path(__file__).parents[3] / "data" / "answers"
FORMS = {
    "WireSummary": ArtifactType.SUMMARY,
    "WireOutline": ArtifactType.OUTLINE,
    "WireTerms": ArtifactType.KEY_TERMS,
    "WireCards": ArtifactType.FLASHCARDS,
    "WireQuestions": ArtifactType.EXAM_QUESTIONS,
}
Answering = Callable[[Json, int], Reply]


def made(
    server: ChatServer,
    *,
    is_last: bool = False,
    timeout: float = 10,
    deadline: Deadline | None = None,
    max_retries: int = 0,
    context: int = 64_000,
) -> GroundedDraft:
    asked = request(TRANSCRIPT)
    client = connect(api_key="sk", base_url=server.url, timeout=timeout, max_retries=max_retries)
    with client:
        provider = LanguageModelProvider(
            OpenAICompatible(client, model="m", deadline=deadline),
            is_last_attempt=is_last,
            context_tokens=context,
        )
        return ground(provider.generate(asked), asked, provider, ExtractiveProvider())


def but(reply: Callable[[Json], Reply | None]) -> Answering:
    """A model that writes honestly, except where `reply` answers."""
    honest = WritingModel()
    return lambda body, before: reply(body) or honest(body, before)


def no_evidence(body: Json) -> Reply | None:
    """As a small model answered: all items with an empty list of evidence."""
    if form_of(body) != "WireTerms":
        return None
    answer = json.loads(
        json.loads(WritingModel()(body, 0).body)["choices"][0]["message"]["content"]
    )
    return completion({"terms": [{**term, "evidence": []} for term in answer["terms"]]})


@cache
def drawn() -> GroundedDraft:
    """What the lecture's own words give."""
    provider = ExtractiveProvider()
    return ground(provider.generate(request(TRANSCRIPT)), request(TRANSCRIPT), provider)


def is_whole(draft: GroundedDraft) -> bool:
    contents = draft.contents
    return bool(
        contents.summary.overview
        and contents.summary.sections
        and contents.outline.nodes
        and contents.key_terms.terms
        and contents.flashcards.cards
        and contents.exam_questions.questions
        and draft.concepts
    )


@pytest.mark.sampled(5)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (refusal("I would rather not."), "generation_refused"),
        (ended("length"), "generation_invalid"),
        (ended("content_filter"), "generation_invalid"),
        (completion("As a language model, I cannot."), "answer_unusable"),
    ],
    ids=["refused", "cut off", "filtered", "nonsense"],
)
def test_an_artifact_that_fails_is_drawn_from_the_lecture_and_the_others_stay(
    form: str, reply: Reply, code: str
) -> None:
    with serving(but(lambda body: reply if form_of(body) == form else None)) as server:
        draft = made(server)
    assert draft.substituted == {FORMS[form]: code}
    assert is_whole(draft)
    own = drawn()
    name = FORMS[form].value.replace("-", "_")
    assert getattr(draft.contents, name) == getattr(own.contents, name)
    assert draft.grounding[FORMS[form]] == own.grounding[FORMS[form]]
    others = {kind for kind in ArtifactType if kind is not FORMS[form]}
    assert all(
        getattr(draft.contents, kind.value.replace("-", "_"))
        != getattr(own.contents, kind.value.replace("-", "_"))
        for kind in others
    )


def test_items_without_evidence_that_no_repair_mends_are_replaced() -> None:
    def stubborn(body: Json) -> Reply | None:
        if form_of(body) == "RepairedTerms":
            return completion({"items": []})
        return no_evidence(body)

    with serving(but(stubborn)) as server:
        draft = made(server)
        assert "RepairedTerms" in server.forms()
    assert draft.substituted == {ArtifactType.KEY_TERMS: "generation_invalid"}
    assert is_whole(draft)


def test_items_without_evidence_are_repaired_first() -> None:
    with serving(but(no_evidence)) as server:
        draft = made(server)
    assert draft.substituted == {}
    assert draft.grounding[ArtifactType.KEY_TERMS].repaired > 0


@pytest.mark.parametrize(
    "file",
    sorted([*ANSWERS.glob("loop*.txt"), *ANSWERS.glob("nothing/*.txt")]),
    ids=lambda file: file.stem,
)
def test_a_model_that_answers_everything_badly_costs_no_lecture(file: Path) -> None:
    text = file.read_text()
    with serving(lambda _body, _before: completion(text)) as server:
        draft = made(server)
        # Each question once, and once more with what was wrong; and a repair.
        assert len(server.requests) <= 2 * 6 + 1
    assert set(draft.substituted) >= set(ArtifactType) - {ArtifactType.KEY_TERMS}
    assert is_whole(draft)


def test_concepts_that_fail_are_those_of_the_lectures_own_words() -> None:
    with serving(
        but(lambda body: refusal("No.") if form_of(body) == "WireConcepts" else None)
    ) as server:
        draft = made(server)
    assert draft.substituted == {}
    assert draft.concepts


@pytest.mark.parametrize("status", [429, 503])
def test_an_endpoint_that_is_away_is_asked_by_the_next_attempt_and_replaced_in_the_last(
    status: int,
) -> None:
    with serving(lambda _body, _before: failure(status)) as server:
        with pytest.raises(TransientError):
            made(server)
        draft = made(server, is_last=True)
    assert set(draft.substituted) == set(ArtifactType)
    assert is_whole(draft)


def test_a_configuration_that_cannot_work_fails_the_job_in_the_last_attempt_as_well() -> None:
    with serving(lambda _body, _before: failure(401)) as server, pytest.raises(ModelRejectedError):
        made(server, is_last=True)


# --- time ---


def test_a_server_that_hangs_is_asked_each_question_once() -> None:
    done = threading.Event()

    def hanging(_body: Json, _before: int) -> Reply:
        done.wait(30)
        return failure(500)

    with serving(hanging) as server:
        try:
            draft = made(server, timeout=0.2, max_retries=4)
            assert sorted(server.forms()) == sorted([*FORMS, "WireConcepts"])
        finally:
            done.set()
    assert set(draft.substituted.values()) == {"answer_late"}
    assert is_whole(draft)


def ticking(seconds: float) -> Callable[[], float]:
    """A clock that goes on by so much whenever it is looked at."""
    looks = count()
    return lambda: next(looks) * seconds


def test_after_the_deadline_no_call_begins_and_the_next_attempt_goes_on() -> None:
    with serving(WritingModel()) as server:
        with pytest.raises(TransientError) as told:
            made(server, deadline=Deadline(0, clock=ticking(1)))
        assert told.value.code == "generation_deadline"
        assert server.requests == []


def test_what_was_answered_before_the_deadline_is_kept_in_the_last_attempt() -> None:
    with serving(WritingModel()) as server:
        # Looked at once for the end, once before each call.
        draft = made(server, deadline=Deadline(3.5, clock=ticking(1)), is_last=True)
        assert len(server.requests) == 2
    assert set(draft.substituted.values()) == {"generation_deadline"}
    assert 3 <= len(draft.substituted) <= 4
    assert is_whole(draft)


# --- small contexts ---


@pytest.mark.parametrize("context", [2_000, 3_000, 4_096])
def test_a_small_context_is_kept_to(context: int) -> None:
    with serving(WritingModel(most=3)) as server:
        draft = made(server, context=context)
        for body in server.requests:
            asked = sum(len(message["content"]) for message in body["messages"]) / 4
            assert asked + body["max_tokens"] <= context
    assert is_whole(draft)


def test_a_smaller_context_than_the_settings_say_is_found() -> None:
    limit = 3_000

    def strict(body: Json, before: int) -> Reply:
        asked = sum(len(message["content"]) for message in body["messages"]) // 4
        if asked + body["max_tokens"] > limit:
            error = {"type": "exceed_context_size_error", "message": "request exceeds the context"}
            return Reply(400, json.dumps({"error": error}))
        return WritingModel(most=3)(body, before)

    with serving(strict) as server:
        draft = made(server)
    assert is_whole(draft)
    assert set(draft.substituted) < set(ArtifactType)


# --- a body that never ends ---


class Endless(BaseHTTPRequestHandler):
    """Answers with white space, as gateways do while a model is at work, until it is left."""

    left: ClassVar[threading.Event]

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        try:
            while not self.left.wait(0.01):
                self.wfile.write(b" ")
                self.wfile.flush()
        except OSError:
            self.left.set()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_body_that_goes_on_past_the_time_limit_is_a_call_that_timed_out() -> None:
    Endless.left = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        with connect(api_key="sk", base_url=url, timeout=0.3, max_retries=3) as client:
            chat = OpenAICompatible(client, model="m")
            question = Question((Message("user", "What was said?"),), WireTerms)
            with pytest.raises(AnswerLateError):
                chat.ask(question)
        assert Endless.left.wait(10)
    finally:
        Endless.left.set()
        server.shutdown()
        thread.join()
        server.server_close()
