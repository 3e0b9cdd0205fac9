"""A permission that is missing ends the work at the first attempt, and the work can be replayed."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from functions.export.job import export_lecture
from functions.generate.job import generate_material
from functions.ingest.app import create_app
from functions.ingest.uploads.registration import register_upload
from scripts.local.access import Access, Grants, Use, load_grants
from scripts.local.gcs import StorageServer
from shared.config import Settings
from shared.database.connections import Database
from shared.errors import AccessDeniedError
from shared.messaging.events import JobMessage, UploadFinalized
from shared.models import JobType, Lecture, WorkStatus
from shared.runtime import Runtime, build_runtime
from shared.workers.outcomes import Ending, Outcome
from tests.support.access.object_access import store_of_callers
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    BUCKET,
    OWNER,
    add_lecture,
    enqueue,
    get_dead_letters,
    get_jobs,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.lectures.whole_lecture import add_whole_lecture
from tests.support.sound.audio import tone


def without(*uses: Use) -> Access:
    """What is granted, but for some of it. Names are those of the bucket's root."""
    grants = {
        name: Grants(
            **{
                kind: tuple(each for each in row.of(kind) if Use(name, kind, each) not in uses)
                for kind in ("reads", "creates", "deletes")
            }
        )
        for name, row in load_grants().items()
    }
    return Access(grants)


@dataclass
class Installation:
    """Pegasus on a bucket of its own, whose grants can be changed."""

    rt: Runtime
    server: StorageServer

    def lacks(self, *uses: Use) -> None:
        self.server.set_access(without(*uses))


@pytest.fixture
def installation(
    tmp_path: Path,
    storage_settings: Settings,
    database: Database,
    messages: RecordingMessages,
    clock: HeldClock,
) -> Iterator[Installation]:
    server = StorageServer(
        tmp_path,
        port=0,
        signing_keys={},
        publish=lambda *_: None,
        access=without(),
        access_bucket=BUCKET,
    )
    server.start()
    server.ensure_bucket(BUCKET)
    settings = storage_settings.model_copy(
        update={"storage_emulator_host": server.url, "plc_export_min_summary_sections": 0}
    )
    store = store_of_callers(settings)
    rt = build_runtime(settings, database=database, store=store, messages=messages, clock=clock)
    yield Installation(rt, server)
    server.stop()


WORK: dict[str, tuple[Use, JobType, Callable[[Runtime, JobMessage], Outcome]]] = {
    "export cannot write": (
        Use("export", "creates", "exports"),
        JobType.EXPORT,
        export_lecture,
    ),
    "export cannot read": (
        Use("export", "reads", "artifacts"),
        JobType.EXPORT,
        export_lecture,
    ),
    "generation cannot read": (
        Use("generate", "reads", "transcripts"),
        JobType.GENERATION,
        generate_material,
    ),
}


@pytest.mark.parametrize("case", WORK)
def test_a_job_fails_at_once_and_is_done_by_its_replay(
    installation: Installation, case: str
) -> None:
    lacking, kind, work = WORK[case]
    rt = installation.rt
    whole = add_whole_lecture(rt, owner=OWNER, course="algorithms", slug="hashing", secret="x" * 9)
    job = enqueue(rt, whole.lecture, kind)
    installation.lacks(lacking)

    outcome = work(rt, JobMessage(job_id=job))

    assert (outcome.ending, failure_of(outcome)) == (Ending.FAILED, AccessDeniedError.code)
    [row] = [each for each in get_jobs(rt, whole.lecture, kind) if each.id == job]
    assert (row.status, row.attempt) == (WorkStatus.FAILED, 1)

    installation.lacks()
    answer = create_app(rt).test_client().post(f"/jobs/{job}/replay")
    assert answer.status_code == 202
    replayed = uuid.UUID(answer.get_json()["jobId"])
    assert failure_of(work(rt, JobMessage(job_id=replayed))) != AccessDeniedError.code


def test_an_upload_is_kept_and_registered_once_its_function_may_read(
    installation: Installation,
) -> None:
    rt = installation.rt
    lecture = add_lecture(rt)
    told = arrive(rt, lecture)
    installation.lacks(Use("ingest-on-upload", "reads", "raw"))

    outcome = register_upload(rt, told)

    assert (outcome.ending, failure_of(outcome)) == (Ending.FAILED, AccessDeniedError.code)
    assert rt.store.stat(lecture.source_object) is not None
    [letter] = get_dead_letters(rt)
    installation.lacks()
    answer = create_app(rt).test_client().post(f"/messages/dead-letter/{letter.id}/replay")
    assert answer.status_code in {200, 202}, answer.text
    assert register_upload(rt, told).ending is Ending.DONE


def test_the_api_says_that_it_is_for_the_operator(installation: Installation) -> None:
    rt = installation.rt
    add_whole_lecture(rt, owner=OWNER, course="algorithms", slug="hashing", secret="x" * 9)
    installation.lacks(Use("ingest-api", "reads", "transcripts"))

    answer = create_app(rt).test_client().get("/lectures/hashing/transcript")

    assert (answer.status_code, answer.get_json()["code"]) == (500, AccessDeniedError.code)
    assert "Retry-After" not in answer.headers


def failure_of(outcome: Outcome) -> str | None:
    return outcome.failure.code if outcome.failure else None


def arrive(rt: Runtime, lecture: Lecture) -> UploadFinalized:
    stored = rt.store.create(lecture.source_object, tone(), "audio/wav")
    return UploadFinalized(
        bucket=BUCKET,
        name=stored.name,
        generation=stored.generation,
        size=stored.size,
        content_type=stored.content_type,
        crc32c=stored.crc32c,
    )
