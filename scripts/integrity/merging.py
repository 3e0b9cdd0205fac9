"""Rows and objects side by side, lecture by lecture, in memory for one lecture at a time.

Both are read in order: the bucket lists by name, the tables are read by key, and a folder's
name is the key, so their orders are the same.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.models import Job, JobType, Lecture
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.storage.integrity import Expected, expected_of_jobs, expected_of_lectures
from shared.storage.object_names import Kind

BATCH = 200
"""Rows read at a time."""

LECTURE_FOLDERS: tuple[Kind, ...] = ("raw", "silenced", "transcripts", "artifacts", "exports")

Entity = TypeVar("Entity", Lecture, Job)
_Item = tuple[uuid.UUID, Expected | StoredObject]


@dataclass(frozen=True)
class Group:
    """All that there should be, and all that there is, of one lecture or of one job's segments."""

    key: uuid.UUID
    of_job: bool
    expected: Sequence[Expected]
    stored: Sequence[StoredObject]


def groups(rt: Runtime) -> Iterator[Group]:
    """First the lectures, then the segments, each by key. Raises TransientError."""
    listed = [_objects(rt, folder) for folder in LECTURE_FOLDERS]
    yield from _groups(merge(_rows_of_lectures(rt), *listed, key=_key), of_job=False)
    segments = merge(_rows_of_jobs(rt), _objects(rt, "segments"), key=_key)
    yield from _groups(segments, of_job=True)


def _groups(items: Iterator[_Item], *, of_job: bool) -> Iterator[Group]:
    for key, group in groupby(items, _key):
        expected: list[Expected] = []
        stored: list[StoredObject] = []
        for _, item in group:
            if isinstance(item, Expected):
                expected.append(item)
            else:
                stored.append(item)
        yield Group(key, of_job, expected, stored)


def _key(item: _Item) -> uuid.UUID:
    return item[0]


def _objects(rt: Runtime, folder: Kind) -> Iterator[_Item]:
    key = uuid.UUID(int=0)
    for stored in rt.store.list(rt.names.folder(folder)):
        # An object in no owner's folder comes with its neighbours, which do not expect it either.
        key = rt.names.key_of(stored.name) or key
        yield key, stored


def _rows_of_lectures(rt: Runtime) -> Iterator[_Item]:
    return _rows(rt, Lecture.id, _of_lectures)


def _rows_of_jobs(rt: Runtime) -> Iterator[_Item]:
    return _rows(rt, Job.id, _of_jobs)


def _rows(
    rt: Runtime,
    id: InstrumentedAttribute[uuid.UUID],
    expected_of: Callable[[Session, Sequence[uuid.UUID]], Iterator[Expected]],
) -> Iterator[_Item]:
    after = uuid.UUID(int=0)
    while True:
        with rt.database.reading() as session:
            ids = session.scalars(select(id).where(id > after).order_by(id).limit(BATCH)).all()
            expected = sorted(expected_of(session, ids), key=lambda each: each.key)
        if not ids:
            return
        after = ids[-1]
        for each in expected:
            yield each.key, each


def _of_lectures(session: Session, ids: Sequence[uuid.UUID]) -> Iterator[Expected]:
    lectures = session.scalars(select(Lecture).where(Lecture.id.in_(ids))).all()
    return expected_of_lectures(session, lectures)


def _of_jobs(session: Session, ids: Sequence[uuid.UUID]) -> Iterator[Expected]:
    jobs = session.scalars(
        select(Job).where(Job.id.in_(ids), Job.type == JobType.TRANSCRIPTION)
    ).all()
    return expected_of_jobs(session, jobs)
