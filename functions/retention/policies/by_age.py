"""Policies that go by a lecture's age: what a recording, a transcript and segments have in common.

Lectures are looked through oldest first, a page at a time. What they name is looked up in the
bucket before anything else is done, in a dry run as in any other.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from functions.retention.concurrently import TimedPool
from functions.retention.policies.base import Found, Left, Page, Terms, Unknown
from functions.retention.policies.conditions import busy, held
from shared.models import Course, Lecture
from shared.redaction.exception_text import reason_of
from shared.runtime import Runtime


@dataclass(frozen=True)
class Target:
    """Where to look: an object, or a whole folder if the name ends with a slash."""

    lecture_id: uuid.UUID
    name: str
    generation: int | None = None
    """The one that is meant, if not whichever there is."""


@dataclass(frozen=True)
class AgePolicy:
    name: str
    batch: int
    """Lectures in one page."""
    overdue: Callable[[Terms], ColumnElement[bool]]
    """Of a lecture and its course."""
    targets: Callable[[Runtime, Session, Sequence[uuid.UUID]], Iterable[Target]]
    forget: Callable[[Runtime, Session, Collection[str], Collection[uuid.UUID]], None]
    waits: bool = True
    """Whether lectures that are past their time and stay are counted."""

    def find(self, rt: Runtime, terms: Terms, after: str, pool: TimedPool) -> Page:
        with rt.database.reading() as session:
            rows = session.execute(
                select(Lecture.id, Lecture.created_at)
                .join(Lecture.course)
                .where(self._due(terms), *_behind(after))
                .order_by(Lecture.created_at, Lecture.id)
                .limit(self.batch)
            ).all()
            ids = [row.id for row in rows]
            targets = list(self.targets(rt, session, ids))
        seen = list(chain.from_iterable(pool.all(partial(_look_up, rt), targets)))
        last = rows[-1] if len(rows) == self.batch else None
        return Page(
            found=[each for each in seen if isinstance(each, Found)],
            unknown=[each for each in seen if isinstance(each, Unknown)],
            lectures=frozenset(ids),
            reached=f"{last.created_at.isoformat()} {last.id}" if last else None,
        )

    def still_due(
        self, rt: Runtime, session: Session, terms: Terms, found: Sequence[Found]
    ) -> Sequence[Found]:
        due = set(
            session.scalars(
                select(Lecture.id)
                .join(Lecture.course)
                .where(Lecture.id.in_({each.lecture_id for each in found}), self._due(terms))
            )
        )
        return [each for each in found if each.lecture_id in due]

    def left(self, session: Session, terms: Terms) -> Left | None:
        if not self.waits:
            return None
        is_held = held(terms.as_of)
        row = session.execute(
            select(
                func.count().filter(is_held).label("held"),
                func.count().filter(~is_held, busy).label("busy"),
            )
            .select_from(Lecture)
            .join(Course, Course.id == Lecture.course_id)
            .where(self.overdue(terms))
        ).one()
        return Left(held=row.held, busy=row.busy)

    def _due(self, terms: Terms) -> ColumnElement[bool]:
        return self.overdue(terms) & ~held(terms.as_of) & ~busy


def _behind(after: str) -> Iterator[ColumnElement[bool]]:
    if after:
        at, _, key = after.partition(" ")
        yield tuple_(Lecture.created_at, Lecture.id) > tuple_(
            datetime.fromisoformat(at), uuid.UUID(key)
        )


def _look_up(rt: Runtime, target: Target) -> list[Found | Unknown]:
    try:
        if target.name.endswith("/"):
            return [
                Found(target.lecture_id, each.name, each.generation, each.size)
                for each in rt.store.list(target.name)
            ]
        stored = rt.store.stat(target.name)
    except Exception as error:
        return [Unknown(target.lecture_id, target.name, reason_of(error))]
    if stored is None or target.generation not in (None, stored.generation):
        return [Found(target.lecture_id, target.name, target.generation, there=False)]
    return [Found(target.lecture_id, target.name, stored.generation, stored.size)]
