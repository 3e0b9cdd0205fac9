"""Locking rows in the one order that every transaction uses."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.models import Lecture


def lock_lectures(session: Session, which: ColumnElement[bool]) -> None:
    """Until the transaction ends. Locks are taken in order of the ids, as in the deletion of a
    course, which rules out deadlocks."""
    session.execute(select(Lecture.id).where(which).order_by(Lecture.id).with_for_update())
