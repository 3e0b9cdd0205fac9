"""The conditions for deleting data of a lecture, as SQL expressions; and the lectures' locks."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.models import LIVE, Course, Job, Lecture, LectureStatus, unrestricted
from shared.work.lectures import undelivered

DAY = timedelta(days=1)

busy = exists().where(Job.lecture_id == Lecture.id, Job.status.in_(LIVE)).correlate(Lecture)
"""The lecture has a live job."""

turned_away = and_(
    Lecture.status == LectureStatus.FAILED,
    ~exists().where(Job.lecture_id == Lecture.id).correlate(Lecture),
)
"""What was uploaded did not become the lecture's recording."""

undelivered_upload = and_(Lecture.status == LectureStatus.FAILED, undelivered)
"""No function could handle the notification: the upload was never examined, and may be the
only recording there is."""


def held(as_of: datetime) -> ColumnElement[bool]:
    """By a hold of the course, or as the lecture is restricted. Needs the course."""
    by_course = and_(Course.held_until.is_not(None), Course.held_until > as_of)
    return or_(by_course, ~unrestricted)


def older_than(
    as_of: datetime, own_days: InstrumentedAttribute[int | None], default_days: int | None
) -> ColumnElement[bool]:
    """Counted from the lecture's creation; needs the course, whose own rule comes first. Never
    true where neither has days."""
    days = func.coalesce(own_days, default_days)
    # make_interval's fourth argument.
    return Lecture.created_at <= as_of - func.make_interval(0, 0, 0, days)


def quiet(as_of: datetime) -> ColumnElement[bool]:
    """Nothing has moved for a day and nothing is held: what the rows do not refer to now was
    superseded at least that long ago. Needs the course."""
    moved = (
        exists()
        .where(Job.lecture_id == Lecture.id)
        .where(or_(Job.status.in_(LIVE), Job.updated_at > as_of - DAY))
        .correlate(Lecture)
    )
    return and_(~held(as_of), Lecture.updated_at <= as_of - DAY, ~moved)


def lock_lectures(session: Session, which: ColumnElement[bool]) -> None:
    """Until the transaction ends. Locks are taken in order of the ids, as in the deletion of a
    course, which rules out deadlocks."""
    session.execute(select(Lecture.id).where(which).order_by(Lecture.id).with_for_update())
