"""The generation job with a language model that dies, lies and is paid."""

import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from functions.generate.job import generate_material
from functions.ingest.app import create_app
from shared.documents.transcript import Transcript
from shared.messaging.events import JobMessage
from shared.models import ArtifactRow, JobType, Lecture
from shared.presets import list_presets
from shared.runtime import Runtime
from shared.storage.bucket import ObjectStore, StoredObject
from shared.workers.outcomes import DONE, Ending
from tests.evaluation.evidence import JSON, unsupported
from tests.support.clock import HeldClock
from tests.support.lectures.builders import changed, enqueue, get_job, uploaded
from tests.support.lectures.writing_model import WritingModel
from tests.unit.generate.language_model.chat_server import (
    ChatServer,
    Json,
    Reply,
    completion,
    failure,
    form_of,
    serving,
)
from tests.unit.generate.lectures import NAMES, lecture

PRESETS = [preset.id for preset in list_presets()]
VERIFIED = "WireVerdicts"
"""The form in which a model says whether items follow from their passages."""


class Killed(BaseException):
    """The process dies: nothing catches it, and nothing is cleaned up."""


def asking(rt: Runtime, server: ChatServer, **settings: Any) -> Runtime:
    return changed(
        rt,
        plc_llm_provider="openai",
        openai_base_url=server.url,
        openai_model="gpt-5-mini",
        **settings,
    )


def transcribed(rt: Runtime, said: Transcript, slug: str = "hashing", **values: Any) -> Lecture:
    row = uploaded(rt, slug, **values)
    name = rt.names.transcript(row.id, uuid.uuid4(), 1)
    rt.store.create(name, said.to_json(), "application/json")
    with rt.database.unit_of_work() as session:
        session.get_one(Lecture, row.id).transcript_object = name
        session.commit()
    return row


def queued(rt: Runtime, row: Lecture, preset: str = "exam") -> JobMessage:
    params = {"preset_id": preset}
    return JobMessage(job_id=enqueue(rt, row, JobType.GENERATION, params=params))


def artifacts(rt: Runtime, row: Lecture) -> list[JSON]:
    with rt.database.unit_of_work() as session:
        names = session.scalars(
            select(ArtifactRow.object).where(ArtifactRow.lecture_id == row.id)
        ).all()
    return [json.loads(rt.store.read(name)) for name in names]


# --- dying ---


class DyingStore:
    """A bucket; the process dies as soon as this many answers are kept in it."""

    def __init__(self, store: ObjectStore, answers: int) -> None:
        self._store = store
        self._left = answers
        self._lock = threading.Lock()

    def create(self, name: str, *rest: Any) -> StoredObject:
        stored = self._store.create(name, *rest)
        if "/answers/" in name:
            with self._lock:
                self._left -= 1
                if self._left <= 0:
                    raise Killed
        return stored

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def dying_after(rt: Runtime, answers: int) -> Runtime:
    store: Any = DyingStore(rt.store, answers)
    return replace(rt, store=store)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kept", [1, 2, 5, 6, 8])
@pytest.mark.parametrize("context", [64_000, 8_000], ids=["whole", "in windows"])
def test_what_was_paid_for_before_a_crash_is_not_paid_for_again(
    runtime: Runtime, clock: HeldClock, kept: int, context: int
) -> None:
    said = lecture("hashing-1")
    if context < 64_000:
        parts = range(8)
        utterances = tuple(
            each.model_copy(
                update={"id": len(said.utterances) * part + each.id, "text": f"{part}: {each.text}"}
            )
            for part in parts
            for each in said.utterances
        )
        said = said.model_copy(update={"utterances": utterances})
    settings = {"plc_llm_context_tokens": context, "plc_llm_concurrency": 1}
    with serving(WritingModel()) as undisturbed:
        rt = asking(runtime, undisturbed, **settings)
        # Of another course, whose threads do not take part in the prompts.
        calm = transcribed(rt, said, "calm", course="others")
        assert generate_material(rt, queued(rt, calm)) == DONE
    calls = len(undisturbed.requests)
    writing = len([body for body in undisturbed.requests if form_of(body) != VERIFIED])
    assert writing == 6 if context == 64_000 else writing > 8
    assert calls > writing

    with serving(WritingModel()) as server:
        rt = asking(runtime, server, **settings)
        message = queued(rt, transcribed(rt, said))
        with pytest.raises(Killed):
            generate_material(dying_after(rt, kept), message)
        assert len(server.requests) == kept
        clock.advance(seconds=2 * rt.settings.plc_lease_sec)  # the lease is not renewed
        assert generate_material(rt, message) == DONE

        assert len(server.requests) == calls
        cost = get_job(rt, message.job_id).cost
        assert cost["calls"] == calls
        assert cost["usd"] == pytest.approx(calls * (100 * 0.25 + 20 * 2.0) / 1e6, abs=1e-6)


def test_with_calls_side_by_side_only_those_under_way_are_lost(
    runtime: Runtime, clock: HeldClock
) -> None:
    with serving(WritingModel()) as server:
        rt = asking(runtime, server, plc_llm_concurrency=3)
        message = queued(rt, transcribed(rt, lecture("hashing-1")))
        with pytest.raises(Killed):
            generate_material(dying_after(rt, 2), message)
        clock.advance(seconds=2 * rt.settings.plc_lease_sec)
        assert generate_material(rt, message) == DONE
        asked = [json.dumps(body["messages"]) for body in server.requests]
        # Whatever was answered and kept was asked once.
        assert len(asked) <= len({*asked}) + 2


# --- lying ---


class Liar:
    """Every third item quotes what was never said, every fourth says that it was said elsewhere;
    and of each form the first answer lacks a field and the second breaks off."""

    def __init__(self) -> None:
        self._model = WritingModel(self._lie, most=8)
        self._asked: dict[str, int] = {}
        self._lock = threading.Lock()

    def __call__(self, body: Json, before: int) -> Reply:
        form = form_of(body)
        with self._lock:
            self._asked[form] = turn = self._asked.get(form, 0) + 1
        honest = self._model(body, before)
        text = json.loads(honest.body)["choices"][0]["message"]["content"]
        if form == VERIFIED:
            return honest
        if turn == 1:
            broken = json.loads(text)
            broken.pop(next(iter(broken)))
            return completion(broken)
        if turn == 3:
            return completion(text[: len(text) // 2])
        return honest

    def _lie(self, form: str, answer: Json) -> Json:
        # Of what it is to write again, the first is a lie again.
        shift = 2 if form.startswith("Repaired") else 0
        for number, item in enumerate(_items(answer), start=shift):
            evidence = item["evidence"]
            if number % 3 == 2:
                invented = "Nobody in this lecture has ever said a word of this sentence."
                item["evidence"] = [{**evidence[0], "quote": invented}]
            elif number % 4 == 3:
                item["evidence"] = [{**evidence[0], "utterance": 0}]
        return answer


def _items(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        if "evidence" in value:
            yield value
        for inner in value.values():
            yield from _items(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _items(inner)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", NAMES)
def test_of_what_a_lying_model_writes_only_the_true_is_stored(
    runtime: Runtime, name: str, preset: str
) -> None:
    said = lecture(name)
    with serving(_discussing(Liar()) if preset == "seminar" else Liar()) as server:
        # A model that does not keep to schemas: it is corrected by words.
        rt = asking(runtime, server, plc_llm_answers="json")
        row = transcribed(rt, said)
        message = queued(rt, row, preset)
        for _ in range(rt.settings.plc_job_max_attempts):
            outcome = generate_material(rt, message)
            if outcome.ending != Ending.RETRY:
                break
        assert outcome == DONE, outcome
    stored = artifacts(rt, row)
    assert len(stored) == 5
    transcript = json.loads(said.to_json())
    for artifact in stored:
        assert unsupported(artifact, transcript) == []
    dropped = sum(artifact["grounding"]["dropped"] for artifact in stored)
    repaired = sum(artifact["grounding"]["repaired"] for artifact in stored)
    assert repaired > 0
    assert dropped > 0


def _discussing(model: Liar) -> Any:
    """The summary's one section is a discussion, told truthfully."""
    roles = ["claim", "support", "counterargument", "critique", "question"]

    def answer(body: Json, before: int) -> Reply:
        if form_of(body) != "WireSummary":
            return model(body, before)
        written = json.loads(
            json.loads(WritingModel()(body, before).body)["choices"][0]["message"]["content"]
        )
        point = written["sections"][0]["bullets"][0]
        written["sections"][0]["bullets"] = [{**point, "role": role} for role in roles]
        return completion(written)

    return answer


@pytest.mark.sampled(6)
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_drawn_from_the_lecture_is_true_to_it(
    runtime: Runtime, name: str, preset: str
) -> None:
    said = lecture(name)
    row = transcribed(runtime, said)
    assert generate_material(runtime, queued(runtime, row, preset)) == DONE
    stored = artifacts(runtime, row)
    transcript = json.loads(said.to_json())
    assert [problem for each in stored for problem in unsupported(each, transcript)] == []
    assert sum(artifact["grounding"]["dropped"] for artifact in stored) == 0


def test_a_model_that_never_tells_the_truth_leaves_what_the_lecturer_said(
    runtime: Runtime,
) -> None:
    def false(_form: str, answer: Json) -> Json:
        for item in _items(answer):
            item["evidence"] = [{"utterance": 0, "quote": "This was never said by anybody here."}]
        return answer

    said = lecture("economics")
    with serving(WritingModel(false)) as server:
        rt = asking(runtime, server)
        row = transcribed(rt, said)
        message = queued(rt, row)
        assert generate_material(rt, message) == DONE
    job = get_job(rt, message.job_id)
    stored = artifacts(rt, row)
    assert {each["provider"] for each in stored} == {"extractive"}
    assert [each["warnings"][0]["code"] for each in stored] == ["made_without_model"] * 5
    assert job.result is not None
    assert set(job.result["substituted"].values()) == {"generation_invalid"}
    assert job.cost is not None
    assert job.cost["provider"] == "openai"
    transcript = json.loads(said.to_json())
    assert [problem for each in stored for problem in unsupported(each, transcript)] == []
    shown = create_app(rt).test_client().get(f"/lectures/{row.slug}/summary").get_json()
    assert shown["provider"] == "extractive"
    assert "language model" in shown["warnings"][0]["message"]


def test_in_the_last_attempt_an_endpoint_that_is_away_costs_no_lecture(runtime: Runtime) -> None:
    with serving(lambda _body, _before: failure(503)) as server:
        rt = asking(runtime, server, plc_job_max_attempts=2)
        row = transcribed(rt, lecture("economics"))
        message = queued(rt, row)
        assert generate_material(rt, message).ending == Ending.RETRY
        assert artifacts(rt, row) == []
        assert generate_material(rt, message) == DONE
    assert {each["provider"] for each in artifacts(rt, row)} == {"extractive"}


# --- being paid ---


def test_what_a_lecture_cost_is_told_job_by_job_and_in_all(runtime: Runtime) -> None:
    with serving(WritingModel()) as server:
        rt = asking(runtime, server)
        row = transcribed(rt, lecture("hashing-1"))
        for preset in ("exam", "research"):
            assert generate_material(rt, queued(rt, row, preset)) == DONE
        told = create_app(rt).test_client().get(f"/lectures/{row.slug}/jobs?limit=50").get_json()
        calls = len(server.requests)
    paid = [job["cost"] for job in told["jobs"] if job["cost"]]
    assert [(cost["provider"], cost["model"]) for cost in paid] == [("openai", "gpt-5-mini")] * 2
    assert told["cost"] == {
        "calls": calls,
        "inputTokens": 100 * calls,
        "outputTokens": 20 * calls,
        "audioSec": 0,
        "usd": pytest.approx(sum(cost["usd"] for cost in paid)),
    }


def test_where_a_price_is_not_known_there_is_no_sum(runtime: Runtime) -> None:
    with serving(WritingModel()) as server:
        rt = changed(asking(runtime, server), openai_model="somebodys-own")
        row = transcribed(rt, lecture("hashing-1"))
        assert generate_material(rt, queued(rt, row)) == DONE
        told = create_app(rt).test_client().get(f"/lectures/{row.slug}/jobs").get_json()
        assert told["cost"]["calls"] == len(server.requests)
    assert told["cost"]["usd"] is None
    # Drawn from the lecture's words, it costs nothing, and that is known.
    free = transcribed(runtime, lecture("economics"), "free")
    assert generate_material(runtime, queued(runtime, free)) == DONE
    told = create_app(runtime).test_client().get(f"/lectures/{free.slug}/jobs").get_json()
    assert told["cost"] == {
        "calls": 0,
        "inputTokens": 0,
        "outputTokens": 0,
        "audioSec": 0,
        "usd": 0,
    }


# --- being measured ---


def test_the_log_says_how_long_the_student_waited_and_only_the_first_time(
    runtime: Runtime, clock: HeldClock
) -> None:
    row = transcribed(runtime, lecture("hashing-1"))
    # The recording's acceptance: its transcription is the lecture's first job.
    enqueue(runtime, row)
    clock.advance(240)
    waited = []
    for _ in range(2):
        with capture_logs() as lines:
            generate_material(runtime, queued(runtime, row))
        waited += [each["since_upload_sec"] for each in lines if each["event"] == "generation.done"]
        clock.advance(60)

    assert waited == [240, None]
