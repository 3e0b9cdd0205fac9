"""Files of a course's other lectures that repeat a deleted one: withdrawn, and made again once."""

from collections.abc import Sequence
from contextlib import suppress

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

from functions.retention.runs.expiry import expire
from shared.courses.vocabulary import learn_terms
from shared.database.transactions import is_aborted
from shared.deletion.lectures import delete_lecture
from shared.errors import LeaseLostError
from shared.models import CourseTerm, ExportRow, JobType, Lecture, WorkStatus
from shared.runtime import Runtime
from tests.support.clock import HeldClock
from tests.support.database.invariants import violations
from tests.support.lectures.builders import (
    changed,
    complete,
    get_job,
    get_jobs,
    get_lecture,
    running,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.lectures.retention import exported, there
from tests.support.lectures.whole_lecture import add_whole_lecture
from tests.support.processes.threads import at_once

COURSE = "algorithms"


def whole(rt: Runtime, slug: str) -> Lecture:
    """Completed, with study material and one file, which repeats no other lecture."""
    lecture = add_whole_lecture(
        rt, owner="local", course=COURSE, slug=slug, secret=f"secret of {slug}"
    ).lecture
    with rt.database.unit_of_work() as session:
        session.execute(
            update(Lecture).where(Lecture.id == lecture.id).values(status="completed", error=None)
        )
        session.commit()
    return lecture


def repeating(rt: Runtime, lecture: Lecture, *others: Lecture | None, type: str = "pdf") -> str:
    """A file of a lecture that repeats others; None for one that does not say which."""
    name = exported(rt, lecture, type)
    sources = None if None in others else [each.id for each in others if each]
    with rt.database.unit_of_work() as session:
        session.execute(update(ExportRow).where(ExportRow.object == name).values(sources=sources))
        session.commit()
    return name


def files(rt: Runtime, lecture: Lecture) -> Sequence[str]:
    with rt.database.reading() as session:
        return session.scalars(
            select(ExportRow.type)
            .where(ExportRow.lecture_id == lecture.id)
            .order_by(ExportRow.type)
        ).all()


def exports(rt: Runtime, lecture: Lecture) -> list[WorkStatus]:
    return [job.status for job in get_jobs(rt, lecture, JobType.EXPORT)]


def test_files_that_repeat_a_deleted_lecture_are_withdrawn_and_ordered_again(
    runtime: Runtime, messages: RecordingMessages
) -> None:
    gone, repeats, plain = (whole(runtime, slug) for slug in ("gone", "repeats", "plain"))
    stale = repeating(runtime, repeats, gone)
    kept = repeating(runtime, plain, repeats)

    delete_lecture(runtime, gone)

    assert files(runtime, repeats) == ["markdown"]
    assert files(runtime, plain) == ["markdown", "pdf"]
    assert (there(runtime, stale), there(runtime, kept)) == (False, True)
    assert (exports(runtime, repeats), exports(runtime, plain)) == ([WorkStatus.QUEUED], [])
    [job] = get_jobs(runtime, repeats, JobType.EXPORT)
    assert messages.to("export") == [{"jobId": str(job.id)}]
    assert get_lecture(runtime, repeats).status == "processing"


def test_a_file_that_does_not_say_what_it_repeats_is_withdrawn(runtime: Runtime) -> None:
    gone, old = whole(runtime, "gone"), whole(runtime, "old")
    repeating(runtime, old, None)

    delete_lecture(runtime, gone)

    assert files(runtime, old) == ["markdown"]
    assert exports(runtime, old) == [WorkStatus.QUEUED]


def test_superseded_files_of_a_lecture_that_repeated_it_are_deleted_as_well(
    runtime: Runtime,
) -> None:
    gone, repeats = whole(runtime, "gone"), whole(runtime, "repeats")
    lease = running(runtime, repeats, JobType.EXPORT)
    superseded = runtime.names.export(repeats.id, lease.job_id, lease.attempt, "notes.pdf")
    runtime.store.create(superseded, b"words", "application/pdf")
    complete(runtime, lease)
    repeating(runtime, repeats, gone)

    delete_lecture(runtime, gone)

    assert not there(runtime, superseded)


def test_deletions_one_after_the_other_order_one_export(runtime: Runtime) -> None:
    gone = [whole(runtime, f"gone-{number}") for number in range(3)]
    repeats = whole(runtime, "repeats")
    for type, each in zip(("pdf", "docx", "json"), gone, strict=True):
        repeating(runtime, repeats, each, type=type)

    for each in gone:
        delete_lecture(runtime, each)

    assert files(runtime, repeats) == ["markdown"]
    assert exports(runtime, repeats) == [WorkStatus.QUEUED]


def test_an_export_that_has_read_a_deleted_lecture_records_nothing_and_runs_again(
    runtime: Runtime,
) -> None:
    gone, exporting = whole(runtime, "gone"), whole(runtime, "exporting")
    lease = running(runtime, exporting, JobType.EXPORT)
    late = runtime.names.export(exporting.id, lease.job_id, lease.attempt, "notes.pdf")
    runtime.store.create(late, b"words of both", "application/pdf")

    delete_lecture(runtime, gone)

    with pytest.raises(LeaseLostError):
        complete(runtime, lease)
    assert not there(runtime, late)
    job = get_job(runtime, lease.job_id)
    assert (job.status, job.error) == (WorkStatus.QUEUED, None)
    again = runtime.jobs.claim(job.id, JobType.EXPORT)
    assert again is not None
    assert again.max_attempts - again.attempt == lease.max_attempts - lease.attempt
    assert list(violations(runtime)) == []


def test_terms_are_deleted_with_the_last_lecture_whose_correction_put_them_in(
    runtime: Runtime, clock: HeldClock
) -> None:
    first, second = whole(runtime, "first"), whole(runtime, "second")
    for lecture, terms in ((first, {"Euler", "Gauss"}), (second, {"Gauss", "Noether"})):
        with runtime.database.unit_of_work() as session:
            learn_terms(
                session,
                lecture.course_id,
                lecture.id,
                put_in=terms,
                taken_out=(),
                now=clock.now,
            )
            session.commit()
    with runtime.database.unit_of_work() as session:
        session.add(
            CourseTerm(course_id=first.course_id, term="Unknown origin", corrected_at=clock.now)
        )
        session.commit()

    delete_lecture(runtime, first)
    assert terms_of(runtime) == {"Gauss", "Noether"}

    delete_lecture(runtime, second)
    assert terms_of(runtime) == set()


def terms_of(rt: Runtime) -> set[str]:
    with rt.database.reading() as session:
        return set(session.scalars(select(CourseTerm.term)))


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(4))
def test_deletions_exports_and_retention_of_a_course_do_not_wait_for_each_other(
    runtime: Runtime, clock: HeldClock, round_: int
) -> None:
    rt = changed(runtime, plc_retention_material_days=1)
    old = whole(rt, "old")
    clock.advance(days=1)
    first, second, stays = (whole(rt, slug) for slug in ("first", "second", "stays"))
    for type, each in (("pdf", first), ("docx", second), ("json", old)):
        repeating(rt, stays, each, type=type)
    lease = running(rt, stays, JobType.EXPORT)
    refused: list[str] = []

    def note(context: ExceptionContext) -> None:
        error = context.sqlalchemy_exception
        if isinstance(error, DBAPIError) and is_aborted(error):
            refused.append(str(error))

    def finish() -> None:
        with suppress(LeaseLostError):
            complete(rt, lease)

    event.listen(rt.database.engine, "handle_error", note)
    at_once(
        lambda act: act(),
        [
            lambda: delete_lecture(rt, first),
            lambda: delete_lecture(rt, second),
            lambda: expire(rt),
            finish,
        ],
    )

    assert refused == []
    assert files(rt, stays) == ["markdown"]
    assert exports(rt, stays)[-1] is WorkStatus.QUEUED
    assert len([each for each in exports(rt, stays) if each is WorkStatus.QUEUED]) == 1
    assert list(violations(rt)) == []
