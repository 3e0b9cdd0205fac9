"""A failed job is replayed once, however often and by whichever caller it is requested."""

import json
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug import Request, Response
from werkzeug.serving import make_server

from functions.ingest.app import create_app
from functions.retention.dead_letters import record_dead_letter
from scripts import replay
from scripts.api import Api, ApiError
from scripts.replay import DONE, NOT_REPLAYED, UNABLE, main
from shared.messaging.events import Event
from shared.models import JSON, Job, JobType, WorkStatus
from shared.runtime import Runtime
from shared.work.retry import Failure
from tests.support.access.issuer import Issuer
from tests.support.access.signed_in import signed_in
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    changed,
    complete,
    enqueue,
    failed,
    get_dead_letters,
    get_job,
    uploaded,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.processes.threads import at_once

BATCH_REPLAY = "/jobs/dead-letter/replay"
REASONS = ("no_speech", "model_rejected", "export_failed", "worker_lost")


def params_of(type: JobType, number: int) -> JSON:
    match type:
        case JobType.TRANSCRIPTION:
            return {"model": f"model-{number}", "language": "de" if number % 2 else None}
        case JobType.GENERATION:
            return {"preset_id": ("exam", "research", "seminar")[number % 3], "n": number}
        case JobType.EXPORT:
            return {}


def fail_many(rt: Runtime, count: int) -> dict[uuid.UUID, Job]:
    """Failed jobs of all types, with parameters and reasons of many kinds."""
    types = list(JobType)
    jobs = {}
    for number in range(count):
        if number % len(types) == 0:
            lecture = uploaded(rt, f"lecture-{number}")
        type = types[number % len(types)]
        job_id = enqueue(rt, lecture, type, params=params_of(type, number))
        lease = rt.jobs.claim(job_id, type)
        assert lease is not None
        rt.jobs.fail(lease, Failure(REASONS[number % len(REASONS)], "It went wrong.", True))
        jobs[job_id] = get_job(rt, job_id)
    return jobs


def replays(rt: Runtime, jobs: dict[uuid.UUID, Job]) -> dict[uuid.UUID, Job]:
    """By the job they replay; each has one."""
    new: list[Job] = []
    for lecture in {job.lecture_id for job in jobs.values()}:
        with rt.database.unit_of_work() as session:
            new += session.scalars(
                select(Job).where(Job.lecture_id == lecture, Job.replayed_from.is_not(None))
            )
    counted = Counter(job.replayed_from for job in new)
    assert counted == dict.fromkeys(jobs, 1)
    return {job.replayed_from: job for job in new if job.replayed_from is not None}


def assert_all_complete(rt: Runtime, jobs: dict[uuid.UUID, Job]) -> None:
    """Each replay has its job's parameters, and the function that takes its message does it."""
    for old_id, new in replays(rt, jobs).items():
        old = jobs[old_id]
        assert (new.type, new.lecture_id, new.params) == (old.type, old.lecture_id, old.params)
        assert (new.status, new.attempt) == (WorkStatus.QUEUED, 0)
        lease = rt.jobs.claim(new.id, new.type)
        assert lease is not None
        assert (lease.params, lease.replayed_from) == (old.params, old.id)
        complete(rt, lease)
    for old_id, new in replays(rt, jobs).items():
        assert new.status == WorkStatus.SUCCEEDED
        assert get_job(rt, old_id).status == WorkStatus.FAILED


@pytest.mark.slow
def test_a_hundred_failed_jobs_are_replayed_once_each_by_two_at_once_and_complete(
    runtime: Runtime, messages: RecordingMessages
) -> None:
    jobs = fail_many(runtime, 100)
    messages.sent.clear()
    app = create_app(runtime)

    batches = at_once(
        lambda _: (
            app.test_client().post("/jobs/dead-letter/replay", json={"limit": 200}).get_json()
        ),
        range(2),
    )

    replayed = [each["jobId"] for batch in batches for each in batch["replayed"]]
    assert sorted(replayed) == sorted(map(str, jobs))
    assert len(messages.sent) == 100
    assert_all_complete(runtime, jobs)
    again = app.test_client().post(BATCH_REPLAY, json={"limit": 200}).get_json()
    assert again == {"replayed": [], "skipped": []}


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the script has printed; the API, on the same standard output, logs JSON."""
    return [line for line in capsys.readouterr().out.splitlines() if not line.startswith("{")]


class TestScript:
    @pytest.fixture
    def app(self, runtime: Runtime) -> Flask:
        return create_app(runtime)

    @pytest.fixture
    def url(self, app: Flask) -> Iterator[str]:
        yield from served(app)

    @pytest.mark.slow
    def test_it_replays_what_failed_batch_by_batch_and_says_so(
        self, runtime: Runtime, url: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        jobs = fail_many(runtime, 60)

        assert main(["all", "--api", url]) == DONE

        *lines, end = printed(capsys)
        new = replays(runtime, jobs)
        assert end == "60 replayed, 0 skipped"
        assert [line.split()[0] for line in lines] == [f"{n}/60" for n in range(1, 61)]
        assert {(line.split()[1], line.rpartition("→ job ")[2]) for line in lines} == {
            (str(old), str(job.id)) for old, job in new.items()
        }
        assert "export lecture-0 export_failed" in "".join(lines)
        assert_all_complete(runtime, jobs)

    def test_all_pages_are_read_before_the_first_job_is_replayed(
        self, runtime: Runtime, url: str
    ) -> None:
        jobs = fail_many(runtime, 20)
        api = Api(url, None, page=7)

        assert replay.replay_all(api, type=None, limit=None) == DONE

        api.close()
        replays(runtime, jobs)

    def test_two_people_at_once_replay_each_job_once(
        self, runtime: Runtime, url: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        jobs = fail_many(runtime, 30)

        at_once(lambda _: main(["all", "--api", url]), range(2))

        told = capsys.readouterr().out
        assert told.count("→ job") == 30
        assert_all_complete(runtime, jobs)

    @pytest.mark.slow
    def test_a_job_that_fails_again_is_not_taken_up_again(
        self, runtime: Runtime, app: Flask
    ) -> None:
        """Each batch finds the replays of the one before failed already."""
        jobs = fail_many(runtime, 120)

        @app.after_request
        def _fail(response: Any) -> Any:
            if response.status_code == 202:
                for each in response.get_json()["replayed"]:
                    new = get_job(runtime, uuid.UUID(each["newJobId"]))
                    lease = runtime.jobs.claim(new.id, new.type)
                    assert lease is not None
                    runtime.jobs.fail(lease, Failure("no_speech", "Again.", permanent=True))
            return response

        for url in served(app):
            assert main(["all", "--api", url]) == DONE

        assert {job.status for job in replays(runtime, jobs).values()} == {WorkStatus.FAILED}

    def test_type_and_limit_choose_the_oldest_of_a_kind(
        self, runtime: Runtime, url: str, clock: HeldClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        exports = []
        for number in range(3):
            clock.advance(1)
            lecture = uploaded(runtime, f"l{number}")
            failed(runtime, lecture, JobType.GENERATION)
            exports.append(failed(runtime, lecture, JobType.EXPORT))

        assert main(["list", "--type", "export", "--limit", "2", "--api", url]) == DONE
        listed = [line.split()[0] for line in printed(capsys)]
        assert listed == [str(job.id) for job in (exports[2], exports[1])]

        assert main(["all", "--type", "export", "--limit", "2", "--api", url]) == DONE

        assert printed(capsys)[-1] == "2 replayed, 0 skipped"
        assert set(replays(runtime, {job.id: job for job in exports[:2]})) == {
            job.id for job in exports[:2]
        }

    def test_one_job_is_replayed_once_also_after_its_replay_is_over(
        self, runtime: Runtime, url: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        job = failed(runtime, uploaded(runtime))

        assert main(["job", str(job.id), "--api", url]) == DONE
        new = replays(runtime, {job.id: job})[job.id]
        lease = runtime.jobs.claim(new.id, new.type)
        assert lease is not None
        complete(runtime, lease)
        assert main(["job", str(job.id), "--api", url]) == NOT_REPLAYED
        assert main(["job", str(uuid.uuid4()), "--api", url]) == NOT_REPLAYED

        assert capsys.readouterr().out.count("skipped: replayed before") == 2
        replays(runtime, {job.id: job})

    def test_a_write_whose_answer_was_lost_is_asked_about_and_not_done_again(
        self, runtime: Runtime, app: Flask
    ) -> None:
        jobs = fail_many(runtime, 3)
        lost: list[Any] = []

        @app.after_request
        def _lose(response: Any) -> Any:
            if response.status_code == 202 and not lost:
                lost.append(response)
                return Response(status=503, headers={"Retry-After": "0"})
            return response

        for url in served(app):
            assert main(["all", "--api", url]) == DONE

        assert len(lost) == 1
        assert_all_complete(runtime, jobs)

    def test_too_many_writes_are_waited_for(self, runtime: Runtime, clock: HeldClock) -> None:
        rt = changed(runtime, plc_write_rate_limit_max_requests=1)
        job = failed(rt, uploaded(rt))
        waited: list[float] = []

        def wait(seconds: float) -> None:
            waited.append(seconds)
            clock.advance(seconds)

        for url in served(create_app(rt)):
            api = Api(url, None, wait=wait)
            api.post(BATCH_REPLAY, {"jobIds": [str(uuid.uuid4())]})
            assert replay.replay_job(api, str(job.id)) == DONE
            api.close()

        assert waited == [60]

    def test_the_token_is_sent(
        self,
        runtime: Runtime,
        issuer: Issuer,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        rt = signed_in(
            runtime,
            issuer,
        )
        job = failed(rt, uploaded(rt, owner="user:anna"))
        token = issuer.operator_token()
        for url in served(create_app(rt)):
            monkeypatch.setenv("PLC_API_URL", url)
            assert main(["list"]) == UNABLE
            assert capsys.readouterr().err.startswith("unauthorized: ")
            assert main(["list", "--token", token]) == DONE
            monkeypatch.setenv("PLC_API_TOKEN", token)
            assert main(["list"]) == DONE
        assert capsys.readouterr().out.count(str(job.id)) == 2

    def test_what_is_no_api_or_is_not_there_is_an_error(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        @Request.application
        def something_else(_request: Request) -> Response:
            return Response("<html>", status=200)

        for url in served(something_else):
            assert main(["list", "--api", url]) == UNABLE
        assert "no API" in capsys.readouterr().err
        api = Api("http://127.0.0.1:9", None, wait=lambda _: None)
        with pytest.raises(ApiError, match="does not answer"):
            replay.list_jobs(api, type=None, limit=None)
        api.close()

    def test_messages_are_listed_and_sent_again_once(
        self,
        runtime: Runtime,
        url: str,
        messages: RecordingMessages,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        upload = {"bucket": "lectures", "name": "raw/x", "generation": 5, "size": 10}
        event = Event("17", "uploads-push", json.dumps(upload).encode(), {}, 1)
        record_dead_letter(runtime, event)
        [letter] = get_dead_letters(runtime)

        assert main(["messages", "--api", url]) == DONE
        assert str(letter.id) in capsys.readouterr().out
        assert main(["message", str(letter.id), "--api", url]) == DONE
        assert main(["message", str(letter.id), "--api", url]) == NOT_REPLAYED
        assert main(["message", "nothing", "--api", url]) == NOT_REPLAYED
        assert main(["messages", "--api", url]) == DONE

        assert messages.to("uploads") == [upload]
        assert printed(capsys) == [f"{letter.id} → topic uploads"]


def served(app: Any) -> Iterator[str]:
    """The API on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
