"""Names of export objects are ids; those of earlier versions are moved without a loss."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select

from functions.export.job import export_lecture
from functions.generate.job import generate_material
from functions.ingest.app import create_app
from functions.retention.repairs.export_names import AGAIN_AFTER, OLD_COPY, move_export_names
from functions.retention.repairs.failures import RowsFailedError
from functions.retention.runs.expiry import expire
from shared.fault_points import listen
from shared.messaging.events import JobMessage
from shared.models import ExportRow, JobType, Lecture, SweepFailure
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.workers.outcomes import DONE
from tests.integration.material.test_generation import queued, transcribed
from tests.integration.retention.test_accounts import die_at
from tests.support.clock import HeldClock
from tests.support.lectures.builders import OWNER, get_jobs
from tests.support.lectures.whole_lecture import WholeLecture, add_whole_lecture
from tests.unit.generate.lectures import lecture as written

TITLE = "marzipan-dialectics"
TYPES = ("markdown", "pdf", "anki")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def unwatched() -> Iterator[None]:
    yield
    listen(None)


@dataclass(frozen=True)
class Old:
    """A lecture whose files an earlier version made."""

    whole: WholeLecture
    objects: dict[str, StoredObject]
    data: dict[str, bytes]


@pytest.fixture
def old(runtime: Runtime) -> Old:
    whole = add_whole_lecture(runtime, owner=OWNER, course="c", slug="l", secret="aether")
    objects, data, job = {}, {}, uuid.uuid4()
    folder = runtime.names.folder("exports", whole.lecture.id)
    with runtime.database.unit_of_work() as session:
        for row in session.scalars(select(ExportRow)):
            session.delete(row)
        session.flush()
        for type in TYPES:
            data[type] = f"{TITLE} {type}".encode()
            stored = runtime.store.create(
                f"{folder}{job}-1/{TITLE}.{type}", data[type], "text/plain"
            )
            objects[type] = stored
            session.add(
                ExportRow(
                    id=uuid.uuid4(),
                    lecture_id=whole.lecture.id,
                    type=type,
                    object=stored.name,
                    file_name=f"{TITLE}.{type}",
                    content_type="text/plain",
                    size=stored.size,
                    sha256="0" * 64,
                    job_id=job,
                    created_at=runtime.clock(),
                )
            )
        session.commit()
    return Old(whole, objects, data)


def rows_of(rt: Runtime) -> dict[str, ExportRow]:
    with rt.database.reading() as session:
        return {row.type: row for row in session.scalars(select(ExportRow))}


def downloads(rt: Runtime, old: Old) -> None:
    """Each file is there, under the name that a person sees."""
    client = create_app(rt).test_client()
    for type in TYPES:
        address = client.get(f"/exports/{old.whole.lecture.slug}/{type}").headers["Location"]
        answer = requests.get(address, timeout=30)
        assert answer.content == old.data[type]
        assert f"{TITLE}.{type}" in answer.headers["Content-Disposition"]


def titled(rt: Runtime) -> list[str]:
    return [each.name for each in rt.store.list(rt.names.folder("exports")) if TITLE in each.name]


def moved_to_the_end(rt: Runtime, clock: HeldClock, old: Old) -> None:
    """The sweep, and retention once the old objects are of no use: none is left, and no file is
    lost on the way."""
    move_export_names(rt)
    downloads(rt, old)
    assert all(row.object.rpartition("/")[2] == type for type, row in rows_of(rt).items())
    # The bucket's own clock is not the one that the test holds.
    clock.now = max(each.created_at for each in old.objects.values()) + 2 * DAY
    with rt.database.unit_of_work() as session:
        from shared.models import Job, Lecture

        for job in session.scalars(select(Job)):
            job.updated_at = clock.now - 2 * DAY
        session.get_one(Lecture, old.whole.lecture.id).created_at = clock.now - 2 * DAY
        session.commit()
    expire(rt, dry_run=False)
    assert titled(rt) == []
    downloads(rt, old)


def test_a_new_export_has_no_title_in_its_name(runtime: Runtime) -> None:
    lecture = transcribed(runtime, written("hashing-1"))
    with runtime.database.unit_of_work() as session:
        session.get_one(Lecture, lecture.id).title = TITLE
        session.commit()
    generate_material(runtime, queued(runtime, lecture))
    [job] = get_jobs(runtime, lecture, JobType.EXPORT)

    assert export_lecture(runtime, JobMessage(job_id=job.id)) == DONE

    rows = rows_of(runtime)
    assert len(rows) >= 8
    folder = runtime.names.folder("exports", lecture.id)
    assert {row.object for row in rows.values()} == {f"{folder}{job.id}-1/{type}" for type in rows}
    assert all(TITLE in row.file_name for row in rows.values())


def test_old_names_are_moved_and_deleted_and_every_file_can_be_fetched_meanwhile(
    runtime: Runtime, clock: HeldClock, old: Old
) -> None:
    downloads(runtime, old)
    moved_to_the_end(runtime, clock, old)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("after", range(len(TYPES)))
@pytest.mark.parametrize("point", ["export_name.copied", "export_name.switched"])
def test_killed_at_any_step_nothing_is_lost(
    runtime: Runtime, clock: HeldClock, old: Old, point: str, after: int
) -> None:
    die_at(runtime, point, after, lambda: move_export_names(runtime))

    downloads(runtime, old)
    moved_to_the_end(runtime, clock, old)


def test_two_sweeps_at_the_same_moment_move_each_once(
    runtime: Runtime, clock: HeldClock, old: Old
) -> None:
    with ThreadPoolExecutor(4) as pool:
        moved = list(pool.map(lambda _: move_export_names(runtime), range(4)))

    assert sum(moved) == len(TYPES)
    moved_to_the_end(runtime, clock, old)


def test_a_file_that_was_made_again_meanwhile_stays(runtime: Runtime, old: Old) -> None:
    newer = runtime.names.export(old.whole.lecture.id, uuid.uuid4(), 1, "pdf")
    runtime.store.create(newer, b"newer", "text/plain")

    moving = str(rows_of(runtime)["pdf"].id)

    def replace(name: str, work: str) -> None:
        if (name, work) == ("export_name.copied", moving):
            with runtime.database.unit_of_work() as session:
                session.scalars(
                    select(ExportRow).where(ExportRow.type == "pdf")
                ).one().object = newer
                session.commit()

    listen(replace)
    move_export_names(runtime)

    assert rows_of(runtime)["pdf"].object == newer


def test_a_copy_that_differs_is_not_taken(runtime: Runtime, old: Old) -> None:
    name = runtime.names.renamed_export(old.objects["pdf"].name, "pdf")
    runtime.store.create(name, b"something else", "text/plain")

    with pytest.raises(RowsFailedError):
        move_export_names(runtime)

    assert rows_of(runtime)["pdf"].object == old.objects["pdf"].name
    downloads(runtime, old)
    with runtime.database.reading() as session:
        [failure] = session.scalars(select(SweepFailure)).all()
    assert (failure.repair, TITLE in str(failure.error)) == ("export_names", False)


def test_a_copy_that_retention_may_be_deleting_is_made_anew(
    runtime: Runtime, clock: HeldClock, old: Old
) -> None:
    die_at(runtime, "export_name.copied", 0, lambda: move_export_names(runtime))
    copies = [runtime.names.renamed_export(each.name, type) for type, each in old.objects.items()]
    [dead] = [stored for name in copies if (stored := runtime.store.stat(name)) is not None]
    clock.now = dead.created_at + OLD_COPY

    move_export_names(runtime)
    assert runtime.store.delete(dead.name, generation=dead.generation) is False

    downloads(runtime, old)


def test_it_goes_through_the_rows_page_by_page_and_again_after_a_day(
    runtime: Runtime, clock: HeldClock, old: Old
) -> None:
    assert [move_export_names(runtime, rows=2) for _ in range(3)] == [2, 1, 0]
    with runtime.database.unit_of_work() as session:
        row: Any = session.scalars(select(ExportRow).where(ExportRow.type == "pdf")).one()
        row.object = old.objects["pdf"].name
        session.commit()
    assert move_export_names(runtime, rows=2) == 0

    clock.now += AGAIN_AFTER
    assert move_export_names(runtime, rows=9) == 1
