"""Marking moments of a lecture, naming the marks and removing them.

A mark is known by its second, so that the same one sent twice is one. Files that show marks are
made again by the lecture's export job, which several changes share.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from functions.ingest.lectures.lookup import no_lecture
from functions.ingest.web.answers import etag_of
from functions.ingest.web.field_problems import FieldProblem, InvalidFieldsError
from shared.courses.marks import BEYOND_SEC, Mark, marks_of
from shared.database.locks import lock_unrestricted
from shared.deletion.siblings import renew_own
from shared.errors import MarkChangedError, NotFoundError, TooManyMarksError
from shared.log import log
from shared.models import Lecture, LectureMark
from shared.runtime import Runtime

MAX_MARKS = 300
"""Of one lecture."""

Change = Callable[[Session, datetime], bool]
"""Whether it changed anything."""


@dataclass(frozen=True)
class NewMark:
    at_sec: float
    label: str | None


@dataclass(frozen=True)
class Marked:
    """What came of a request."""

    marks: tuple[Mark, ...]
    """All that the lecture has now."""
    job_id: uuid.UUID | None
    """The export that makes the files again."""


def etag_of_mark(mark: Mark) -> str:
    """Without quotes."""
    return etag_of(f"{mark.id}\n{mark.at_sec}\n{mark.label}")


def add_marks(rt: Runtime, lecture: Lecture, new: Sequence[NewMark]) -> Marked:
    """Add marks. One at a second that is marked already changes nothing.

    Raises NotFoundError, LectureRestrictedError, TooManyMarksError, and InvalidFieldsError for
    marks after the end of the recording.
    """
    by_time = {round(each.at_sec, 3): each.label for each in reversed(new)}

    def add(session: Session, now: datetime) -> bool:
        end = session.scalar(select(Lecture.duration_sec).where(Lecture.id == lecture.id))
        if end is not None:
            _require_before(end, new)
        added = session.scalars(
            insert(LectureMark)
            .values(
                [
                    {
                        "id": rt.new_id(),
                        "lecture_id": lecture.id,
                        "at_sec": at_sec,
                        "label": label,
                        "created_at": now,
                        "updated_at": now,
                    }
                    for at_sec, label in sorted(by_time.items())
                ]
            )
            .on_conflict_do_nothing(index_elements=[LectureMark.lecture_id, LectureMark.at_sec])
            .returning(LectureMark.id)
        ).all()
        count = select(func.count()).where(LectureMark.lecture_id == lecture.id)
        if added and (session.scalar(count) or 0) > MAX_MARKS:
            raise TooManyMarksError()
        return bool(added)

    return _write(rt, lecture, add)


def name_mark(rt: Runtime, lecture: Lecture, mark_id: str, label: str | None, etag: str) -> Marked:
    """Set a label, or remove it. Raises NotFoundError, LectureRestrictedError,
    MarkChangedError."""

    def name(session: Session, now: datetime) -> bool:
        mark = _find(session, lecture, mark_id, etag)
        if mark.label == label:
            return False
        session.execute(
            update(LectureMark).where(LectureMark.id == mark.id).values(label=label, updated_at=now)
        )
        return True

    return _write(rt, lecture, name)


def remove_mark(rt: Runtime, lecture: Lecture, mark_id: str, etag: str) -> Marked:
    """Raises NotFoundError, LectureRestrictedError, MarkChangedError."""

    def remove(session: Session, _now: datetime) -> bool:
        mark = _find(session, lecture, mark_id, etag)
        session.execute(delete(LectureMark).where(LectureMark.id == mark.id))
        return True

    return _write(rt, lecture, remove)


def _require_before(end_sec: float, new: Sequence[NewMark]) -> None:
    problems = [
        FieldProblem(
            field=f"marks.{place}.atSec",
            code="too_large",
            message=f"is after the end, at {end_sec:.3f}",
        )
        for place, each in enumerate(new)
        if each.at_sec > end_sec + BEYOND_SEC
    ]
    if problems:
        raise InvalidFieldsError(problems=problems)


def _find(session: Session, lecture: Lecture, mark_id: str, etag: str) -> Mark:
    found = next((each for each in marks_of(session, lecture.id) if str(each.id) == mark_id), None)
    if found is None:
        raise NotFoundError(f"The lecture has no mark {mark_id!r}.")
    if etag_of_mark(found) != etag:
        raise MarkChangedError()
    return found


def _write(rt: Runtime, lecture: Lecture, change: Change) -> Marked:
    def write(session: Session) -> Marked:
        if not lock_unrestricted(session, lecture.id):
            raise no_lecture(lecture.slug)
        now, job_id = rt.clock(), None
        if change(session, now):
            session.execute(
                update(Lecture)
                .where(Lecture.id == lecture.id)
                .values(items_edited_at=now, updated_at=now)
            )
            job_id = renew_own(rt, session, lecture.id)
        return Marked(marks_of(session, lecture.id), job_id)

    done = rt.transact(write)
    log.info("lecture.marked", lecture=str(lecture.id), marks=len(done.marks))
    return done
