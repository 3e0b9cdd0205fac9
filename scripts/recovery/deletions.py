"""Repeats, in a restored database, the deletions made after its state.

The audit outlives what was deleted. Read from the latest state there is, it records which of the
lectures and courses that a restored database has again their owners had deleted since, what they
had cut out of lectures, and which they had restricted.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from functions.ingest.corrections.cuts import cut_lecture, spans_in
from shared.database.connections import Database
from shared.database.locks import lock_lecture
from shared.deletion import audit, takedowns
from shared.deletion.lectures import delete_course, delete_lecture
from shared.deletion.restricting import restrict_lecture
from shared.errors import NotFoundError, RequestError
from shared.models import (
    LIVE,
    Course,
    DeletionAuditEvent,
    DeletionOutcome,
    Job,
    JobType,
    Lecture,
    unrestricted,
)
from shared.runtime import Runtime
from shared.speech.removing import CutSpan

SLACK = timedelta(hours=1)
"""Entries carry the time of the function that wrote them, a restored moment the database's."""


class Deletion(BaseModel):
    """An entry of the audit, as it is."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: uuid.UUID
    subject: str
    generation: int | None
    lecture_id: uuid.UUID | None
    actor: str
    outcome: str
    run_id: uuid.UUID | None
    size: int | None
    created_at: datetime

    @property
    def course_id(self) -> uuid.UUID | None:
        """The course, if one was deleted."""
        kind, _, key = self.subject.partition(":")
        return uuid.UUID(key) if kind == "course" and self._by_owner else None

    @property
    def of_lecture(self) -> bool:
        """Whether a lecture was deleted, and not only one of its objects."""
        return self._by_owner and self.subject == f"lecture:{self.lecture_id}"

    @property
    def _by_owner(self) -> bool:
        ways = (DeletionOutcome.DELETED, DeletionOutcome.OBJECTS_KEPT)
        return self.actor == audit.OWNER and self.outcome in ways


@dataclass(frozen=True)
class DoneAgain:
    lectures: int
    courses: int
    kept_courses: int
    """Deleted, and kept: they have lectures again that were moved out of them before."""
    cut: int
    """Lectures out of which something had been cut, and is again."""
    restricted: int
    """Lectures that their owners had restricted, or operators had taken down, and that are so
    again."""
    entries: int
    """Of the audit, that it had not."""


def deletions_since(database: Database, since: datetime) -> list[Deletion]:
    """The oldest first."""
    with database.reading() as session:
        return [
            Deletion.model_validate(row)
            for row in session.scalars(
                select(DeletionAuditEvent)
                .where(DeletionAuditEvent.created_at >= since - SLACK)
                .order_by(DeletionAuditEvent.created_at, DeletionAuditEvent.id)
            )
        ]


def write_deletions(path: Path, deletions: Iterable[Deletion]) -> None:
    """One JSON object a line."""
    path.write_text("".join(f"{each.model_dump_json()}\n" for each in deletions))


def read_deletions(path: Path) -> list[Deletion]:
    """Raises ValueError if the file is something else."""
    return [Deletion.model_validate_json(line) for line in path.read_text().splitlines()]


def returned(rt: Runtime, deletions: Sequence[Deletion]) -> tuple[list[Deletion], list[Deletion]]:
    """Of these, the lectures and the courses that are there again."""
    with rt.database.reading() as session:
        lectures = set(session.scalars(select(Lecture.id)))
        courses = set(session.scalars(select(Course.id)))
    return (
        [each for each in deletions if each.of_lecture and each.lecture_id in lectures],
        [each for each in deletions if each.course_id in courses],
    )


def delete_again(rt: Runtime, deletions: Sequence[Deletion]) -> DoneAgain:
    """Delete what is there again, rows and objects, and add what the audit lacks.

    Ids are never given twice, so whatever has one of these was deleted after the restored moment.
    The lectures of a deleted course have entries of their own. One that has none was moved to
    another course, after the restored moment: its course stays.
    May be cut off anywhere and called again. Raises TransientError.
    """
    lectures, courses = returned(rt, deletions)
    for each in lectures:
        with rt.database.reading() as session:
            lecture = session.get(Lecture, each.lecture_id)
        if lecture is not None:
            _gone(rt, lecture, keep_until=_kept_until(rt, each))
    kept = 0
    for each in courses:
        with rt.database.reading() as session:
            course = session.get(Course, each.course_id)
            has_lectures = session.scalar(
                select(exists().where(Lecture.course_id == each.course_id))
            )
        if course is not None and has_lectures:
            kept += 1
        elif course is not None:
            _gone(rt, course)
    cut = _cut_again(rt, deletions)
    restricted = _restrict_again(rt, deletions) + _take_down_again(rt, deletions)
    return DoneAgain(
        lectures=len(lectures),
        courses=len(courses) - kept,
        kept_courses=kept,
        cut=cut,
        restricted=restricted,
        entries=_add_entries(rt, deletions),
    )


def deletion_of(rt: Runtime, lecture_id: uuid.UUID) -> Deletion:
    """As if from the audit, for a deletion that only the log still records."""
    return Deletion(
        id=rt.new_id(),
        subject=f"lecture:{lecture_id}",
        generation=None,
        lecture_id=lecture_id,
        actor=audit.OWNER,
        outcome=DeletionOutcome.DELETED,
        run_id=None,
        size=None,
        created_at=rt.clock(),
    )


def _kept_until(rt: Runtime, deletion: Deletion) -> datetime | None:
    """The audit does not record until when an operator kept the objects: the longest time."""
    if deletion.outcome != DeletionOutcome.OBJECTS_KEPT:
        return None
    return deletion.created_at + timedelta(days=rt.settings.plc_retention_hold_days_max)


def _gone(rt: Runtime, what: Lecture | Course, *, keep_until: datetime | None = None) -> None:
    try:
        if isinstance(what, Lecture):
            delete_lecture(rt, what, keep_until=keep_until)
        else:
            delete_course(rt, what, keep_until=keep_until)
    except NotFoundError:
        return  # deleted concurrently


def _cut_again(rt: Runtime, entries: Sequence[Deletion]) -> int:
    """Before restrictions are repeated: a restricted lecture is not cut. One that cannot be cut is
    restricted, so that it is neither read nor heard before an operator has looked at it."""
    spans: defaultdict[uuid.UUID, list[CutSpan]] = defaultdict(list)
    for each in entries:
        outcome, _, detail = each.outcome.partition(": ")
        if outcome == DeletionOutcome.CUT and each.lecture_id is not None:
            spans[each.lecture_id] += spans_in(detail)
    with rt.database.reading() as session:
        lectures = session.scalars(select(Lecture).where(Lecture.id.in_(spans), unrestricted)).all()
    for lecture in lectures:
        rt.transact(partial(_stop_transcribing, rt, lecture.id))
        try:
            cut_lecture(rt, lecture, spans[lecture.id])
        except RequestError:
            with suppress(NotFoundError):
                restrict_lecture(rt, lecture)
    return len(lectures)


def _stop_transcribing(rt: Runtime, lecture_id: uuid.UUID, session: Session) -> None:
    """What it recognizes would have the words again; the silent recording may be transcribed."""
    lock_lecture(session, lecture_id)
    live = select(Job).where(
        Job.lecture_id == lecture_id, Job.type == JobType.TRANSCRIPTION, Job.status.in_(LIVE)
    )
    for job in session.scalars(live.with_for_update()).all():
        rt.jobs.cancel(session, job)


def _restrict_again(rt: Runtime, entries: Sequence[Deletion]) -> int:
    """A restriction that was lifted since is left to the owner, who may lift it again."""
    last = {
        each.lecture_id: each.outcome
        for each in entries
        if each.actor == audit.OWNER
        and each.outcome in (DeletionOutcome.RESTRICTED, DeletionOutcome.UNRESTRICTED)
    }
    ids = [
        lecture_id for lecture_id, outcome in last.items() if outcome == DeletionOutcome.RESTRICTED
    ]
    with rt.database.reading() as session:
        lectures = session.scalars(select(Lecture).where(Lecture.id.in_(ids), unrestricted)).all()
    for lecture in lectures:
        restrict_lecture(rt, lecture)
    return len(lectures)


def _take_down_again(rt: Runtime, entries: Sequence[Deletion]) -> int:
    """A takedown that was lifted since is not repeated, and one that is in force stays."""
    references: dict[uuid.UUID, str] = {}
    for each in entries:
        if each.actor != takedowns.OPERATOR or each.lecture_id is None:
            continue
        outcome, _, reference = each.outcome.partition(": ")
        references.pop(each.lecture_id, None)
        if outcome == DeletionOutcome.TAKEN_DOWN:
            references[each.lecture_id] = reference
    missing = select(Lecture).where(
        Lecture.id.in_(references.keys()), Lecture.taken_down_at.is_(None)
    )
    with rt.database.reading() as session:
        lectures = session.scalars(missing).all()
    for lecture in lectures:
        takedowns.take_down(rt, lecture, references[lecture.id])
    return len(lectures)


def _add_entries(rt: Runtime, deletions: Sequence[Deletion]) -> int:
    with rt.transaction() as tx:
        added = audit.copy_missing(tx.session, [each.model_dump() for each in deletions])
        tx.commit()
    return added
