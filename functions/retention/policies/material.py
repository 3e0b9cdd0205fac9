"""Study material that is older than promised: artifacts, files, and what threads say of a lecture.

Files of the course's other lectures repeat it in their threads; they are withdrawn and made again.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, and_, delete, exists, or_, update
from sqlalchemy.orm import Session

from functions.retention.policies.base import Terms
from functions.retention.policies.by_age import AgePolicy, Target
from functions.retention.policies.conditions import older_than
from shared.courses.threads import restate
from shared.database.locks import lock_courses_of
from shared.deletion.siblings import withdraw_repetitions
from shared.models import (
    ArtifactRow,
    Course,
    ExportRow,
    ItemEdit,
    Lecture,
    ThreadAccount,
    ThreadOccurrence,
    ThreadUpdate,
)
from shared.runtime import Runtime

TABLES = (ArtifactRow, ExportRow, ItemEdit, ThreadOccurrence, ThreadUpdate, ThreadAccount)


def _overdue(terms: Terms) -> ColumnElement[bool]:
    return and_(
        or_(
            *(exists().where(table.lecture_id == Lecture.id).correlate(Lecture) for table in TABLES)
        ),
        older_than(terms.as_of, Course.retention_material_days, terms.material_days),
    )


def _targets(rt: Runtime, _session: Session, ids: Sequence[uuid.UUID]) -> Iterator[Target]:
    """Everything in the folders: superseded versions and kept answers hold the same words."""
    for lecture_id in sorted(ids):
        yield Target(lecture_id, rt.names.folder("artifacts", lecture_id))
        yield Target(lecture_id, rt.names.folder("exports", lecture_id))


def _forget(
    rt: Runtime, session: Session, _gone: Collection[str], lectures: Collection[uuid.UUID]
) -> None:
    # An object that could not be deleted has no row from here on: it is deleted as an orphan.
    by_course = defaultdict(list)
    for lecture_id, course_id in lock_courses_of(session, lectures).items():
        by_course[course_id].append(lecture_id)
    for course_id, ids in by_course.items():
        for table in TABLES:
            session.execute(delete(table).where(table.lecture_id.in_(ids)))
        withdraw_repetitions(rt, session, course_id, ids)
        restate(session, course_id)
    session.execute(
        update(Lecture).where(Lecture.id.in_(lectures)).values(material_deleted_at=rt.clock())
    )


MATERIAL = AgePolicy("material", 20, _overdue, _targets, _forget)
