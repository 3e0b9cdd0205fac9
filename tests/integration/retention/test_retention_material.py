"""Study material has an age as well: artifacts, files and threads are deleted together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from functions.export.formats.registry import FORMATS
from functions.export.renderer import EVERYTHING
from functions.ingest.app import create_app
from functions.retention.runs.expiry import expire
from functions.retention.sweep import sweep
from shared.models import (
    EXPORT_TYPES,
    REPEATS_TRANSCRIPT,
    ArtifactRow,
    ExportRow,
    JobType,
    Lecture,
    LectureStatus,
    Thread,
    ThreadOccurrence,
    WorkStatus,
)
from shared.runtime import Runtime
from shared.workers.outcomes import DONE
from tests.support.clock import HeldClock
from tests.support.lectures.builders import changed, enqueue, get_jobs, get_lecture
from tests.support.lectures.retention import (
    Refusing,
    audit,
    exported,
    objects,
    retain,
    there,
    transcribed,
)
from tests.support.lectures.whole_lecture import add_whole_lecture

COURSE = "algorithms"
DAYS = 100


@pytest.fixture
def clock() -> HeldClock:
    """The bucket has a clock of its own: at the start both tell the same time."""
    return HeldClock(datetime.now(UTC))


@pytest.fixture
def rt(runtime: Runtime) -> Runtime:
    return changed(runtime, plc_retention_material_days=DAYS)


@pytest.fixture
def client(rt: Runtime) -> FlaskClient:
    return create_app(rt).test_client()


def whole(rt: Runtime, slug: str = "hashing", *, course: str = COURSE) -> Lecture:
    lecture = add_whole_lecture(rt, owner="local", course=course, slug=slug, secret=slug).lecture
    with rt.database.unit_of_work() as session:
        row = session.get_one(Lecture, lecture.id)
        row.status, row.error = LectureStatus.COMPLETED, None
        session.commit()
    return lecture


def rows(rt: Runtime, lecture: Lecture) -> int:
    with rt.database.reading() as session:
        return sum(
            len(session.scalars(select(table).where(table.lecture_id == lecture.id)).all())
            for table in (ArtifactRow, ExportRow, ThreadOccurrence)
        )


def made_of(rt: Runtime, lecture: Lecture) -> set[str]:
    folders = tuple(rt.names.folder(kind, lecture.id) for kind in ("artifacts", "exports"))
    return {name for name, _ in objects(rt) if name.startswith(folders)}


def show(client: FlaskClient, slug: str = "hashing") -> dict[str, Any]:
    shown: dict[str, Any] = client.get(f"/lectures/{slug}").get_json()
    return shown


def code(client: FlaskClient, path: str) -> tuple[int, str | None]:
    answer = client.get(path)
    return answer.status_code, (answer.get_json(silent=True, force=True) or {}).get("code")


GONE = (410, "deleted_by_retention")


def test_it_is_deleted_when_it_is_due_and_not_before(rt: Runtime, clock: HeldClock) -> None:
    lecture = whole(rt)
    superseded = rt.names.answer(lecture.id, lecture.id, "0")
    rt.store.create(superseded, b"{}", "application/json")
    clock.advance(-1, days=DAYS)
    expire(rt)
    assert rows(rt, lecture) == 7
    assert len(made_of(rt, lecture)) == 6

    clock.advance(1)
    report = retain(rt)

    assert rows(rt, lecture) == 0
    assert made_of(rt, lecture) == set()
    assert report.policies["material"].deleted == 6
    assert report.terms.material_days == DAYS
    with rt.database.reading() as session:
        assert session.scalars(select(Thread)).all() == []
    assert get_lecture(rt, lecture).material_deleted_at == clock.now
    assert {each.outcome for each in audit(rt) if each.actor == "policy:material"} == {"deleted"}


def test_without_the_setting_it_is_kept_unless_a_course_has_days_of_its_own(
    runtime: Runtime, clock: HeldClock
) -> None:
    usual, short = whole(runtime), whole(runtime, "short", course="logic")
    client = create_app(runtime).test_client()
    assert client.put("/courses/logic/retention", json={"materialDays": 40}).status_code == 200
    clock.advance(days=40)

    retain(runtime)
    assert (rows(runtime, usual), rows(runtime, short)) == (7, 0)
    clock.advance(days=4000)
    retain(runtime)
    assert rows(runtime, usual) > 0


def test_a_hold_and_live_work_keep_it(rt: Runtime, client: FlaskClient, clock: HeldClock) -> None:
    held, busy = whole(rt), whole(rt, "busy", course="logic")
    until = (clock.now + timedelta(days=DAYS + 1)).isoformat()
    client.put(f"/courses/{COURSE}/retention", json={"hold": {"until": until}})
    enqueue(rt, busy, JobType.GENERATION, params={"preset_id": "exam"})
    clock.advance(days=DAYS)

    report = retain(rt)

    assert (report.policies["material"].lectures_held, rows(rt, held)) == (1, 7)
    assert (report.policies["material"].lectures_busy, rows(rt, busy)) == (1, 7)


def test_files_of_other_lectures_that_repeat_it_are_withdrawn_and_made_again(
    rt: Runtime, clock: HeldClock
) -> None:
    old = whole(rt)
    clock.advance(days=1)
    young = whole(rt, "young")
    stale = exported(rt, young, "pdf")
    with rt.database.unit_of_work() as session:
        session.execute(update(ExportRow).where(ExportRow.object == stale).values(sources=[old.id]))
        session.commit()
    clock.advance(days=DAYS - 1)

    expire(rt)

    with rt.database.reading() as session:
        types = session.scalars(select(ExportRow.type).where(ExportRow.lecture_id == young.id))
        assert types.all() == ["markdown"]
    [job] = get_jobs(rt, young, JobType.EXPORT)
    assert job.status is WorkStatus.QUEUED
    assert get_jobs(rt, old, JobType.EXPORT) == []


def test_what_the_bucket_refuses_is_deleted_as_an_orphan_later(
    rt: Runtime, clock: HeldClock
) -> None:
    lecture = whole(rt)
    stuck = sorted(made_of(rt, lecture))[0]
    clock.advance(days=DAYS)
    refusing = replace(rt, store=Refusing(rt.store, stuck))

    report = retain(refusing)

    assert report.policies["material"].refused == 1
    assert rows(rt, lecture) == 0
    clock.advance(days=2)
    retain(rt)
    assert not there(rt, stuck)


class TestTheApi:
    def test_dates_of_deletion_are_shown_and_held_dates_are_later(
        self, rt: Runtime, client: FlaskClient, clock: HeldClock
    ) -> None:
        lecture = whole(rt)
        created = get_lecture(rt, lecture).created_at

        def after(days: int) -> str:
            return (created + timedelta(days=days)).isoformat().replace("+00:00", "Z")

        shown = show(client)
        assert (
            shown["recordingDeletesAt"],
            shown["transcriptDeletesAt"],
            shown["materialDeletesAt"],
        ) == (after(30), after(14), after(DAYS))
        assert {shown[f"{kind}DeletedAt"] for kind in ("recording", "transcript", "material")} == {
            None
        }
        client.put(
            f"/courses/{COURSE}/retention",
            json={"materialDays": 5, "hold": {"until": after(20)}},
        )
        assert (show(client)["recordingDeletesAt"], show(client)["materialDeletesAt"]) == (
            after(30),
            after(20),
        )

    def test_without_a_policy_there_is_no_date(self, runtime: Runtime) -> None:
        whole(runtime)

        assert show(create_app(runtime).test_client())["materialDeletesAt"] is None

    def test_what_retention_has_deleted_is_gone_and_what_never_was_is_not_found(
        self, rt: Runtime, client: FlaskClient, clock: HeldClock
    ) -> None:
        with rt.database.unit_of_work() as session:
            lecture = session.get_one(Lecture, whole(rt).id)
            stored = rt.store.stat(lecture.source_object)
            assert stored is not None
            lecture.source_generation = stored.generation
            session.commit()
        clock.advance(days=14)
        retain(rt)
        for path in (
            "/lectures/hashing/transcript",
            "/lectures/hashing/transcript/revisions",
            "/exports/hashing/srt",
            "/exports/hashing/json",
        ):
            assert code(client, path) == GONE, path
        assert code(client, "/exports/hashing/docx") == (404, "not_found")
        assert client.get("/lectures/hashing/summary").status_code == 200
        assert client.post("/lectures/hashing/generate").status_code == 410
        shown = show(client)
        assert (shown["transcriptDeletesAt"], shown["transcriptDeletedAt"]) == (
            None,
            clock.now.isoformat().replace("+00:00", "Z"),
        )

        clock.advance(days=DAYS)
        retain(rt)
        for path in (
            "/lectures/hashing/summary",
            "/lectures/hashing/artifacts/flashcards",
            "/exports/hashing/docx",
            "/exports/hashing/markdown",
        ):
            assert code(client, path) == GONE, path
        assert code(client, "/lectures/hashing/artifacts/poems") == (404, "not_found")
        assert code(client, "/exports/hashing/poems") == (404, "not_found")
        assert client.get("/lectures/hashing/exports").get_json()["exports"] == []
        assert client.post("/lectures/hashing/transcribe").status_code == 410
        shown = show(client)
        assert shown["recordingDeletedAt"] == shown["materialDeletedAt"] is not None
        assert shown["recordingDeletesAt"] is shown["materialDeletesAt"] is None


def test_the_types_of_files_are_those_that_are_made() -> None:
    assert {*FORMATS, EVERYTHING} == EXPORT_TYPES
    assert {each.type for each in FORMATS.values() if each.needs_transcript} <= REPEATS_TRANSCRIPT


def test_the_sweep_deletes_what_an_unfinished_run_has_left(rt: Runtime, clock: HeldClock) -> None:
    lecture, [transcript] = transcribed(rt, "transcribed")
    material = whole(rt)
    clock.advance(days=DAYS)
    expire(rt, budget_sec=0)
    assert there(rt, transcript)

    assert sweep(rt) == DONE

    assert not there(rt, transcript)
    assert not there(rt, lecture.source_object)
    assert rows(rt, material) == 0
