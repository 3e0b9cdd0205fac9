"""Lectures with objects in the bucket that retention is to look after, and what it says it did."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from functions.retention.runs.expiry import run_through
from functions.retention.runs.reports import RetentionReport
from shared.errors import TransientError
from shared.models import DeletionAuditEvent, ExportRow, Lecture, LectureStatus
from shared.runtime import Runtime
from shared.storage.bucket import ObjectStore, StoredObject
from tests.support.lectures.builders import running, uploaded


def recorded(rt: Runtime, slug: str = "hashing", **values: Any) -> Lecture:
    """A lecture whose recording lies in the bucket."""
    lecture = uploaded(rt, slug, **values)
    stored = rt.store.create(lecture.source_object, b"sound", "audio/wav")
    with rt.database.unit_of_work() as session:
        row = session.get_one(Lecture, lecture.id)
        row.source_generation = stored.generation
        row.source_size = stored.size
        session.commit()
        return row


def transcribed(
    rt: Runtime, slug: str = "hashing", *, times: int = 1, **values: Any
) -> tuple[Lecture, list[str]]:
    """A completed lecture, and the objects of its transcriptions; the last one counts."""
    lecture = recorded(rt, slug, **values)
    names = []
    for _ in range(times):
        lease = running(rt, lecture)
        name = rt.names.transcript(lecture.id, lease.job_id, lease.attempt)
        put(rt, name)
        names.append(name)
        with rt.database.unit_of_work() as session:
            rt.jobs.complete(session, lease, result={})
            row = session.get_one(Lecture, lecture.id)
            row.transcript_object = name
            row.status = LectureStatus.COMPLETED
            session.commit()
    return lecture, names


def exported(
    rt: Runtime,
    lecture: Lecture,
    type: str,
    *,
    job: uuid.UUID | None = None,
    object_name: str | None = None,
) -> str:
    """The lecture's file of a kind, made now; `object_name` is that of an earlier version."""
    job_id = job or uuid.uuid4()
    name = rt.names.export(lecture.id, job_id, 1, object_name or type)
    stored = put(rt, name)
    with rt.database.unit_of_work() as session:
        session.add(
            ExportRow(
                id=uuid.uuid4(),
                lecture_id=lecture.id,
                type=type,
                object=name,
                file_name=f"{lecture.slug}.{type}",
                content_type="text/plain",
                size=stored.size,
                sha256="0" * 64,
                job_id=job_id,
                sources=[],
                created_at=rt.clock(),
            )
        )
        session.commit()
    return name


def put(rt: Runtime, name: str, data: bytes = b"{}") -> StoredObject:
    return rt.store.create(name, data, "application/json")


def retain(rt: Runtime, *, dry_run: bool = False) -> RetentionReport:
    """A whole run."""
    report = run_through(rt, dry_run=dry_run)
    assert report is not None
    return report


def there(rt: Runtime, name: str) -> bool:
    return rt.store.stat(name) is not None


def objects(rt: Runtime) -> set[tuple[str, int]]:
    """All objects there are, but for reports."""
    reports = f"{rt.names.root}reports/"
    listed = rt.store.list(rt.names.root)
    return {(o.name, o.generation) for o in listed if not o.name.startswith(reports)}


def audit(rt: Runtime) -> list[DeletionAuditEvent]:
    with rt.database.unit_of_work() as session:
        return list(
            session.scalars(select(DeletionAuditEvent).order_by(DeletionAuditEvent.subject))
        )


def outcomes(rt: Runtime) -> Mapping[str, str]:
    """By subject, what the audit says."""
    return {event.subject: event.outcome for event in audit(rt)}


class Refusing(ObjectStore):
    """The bucket, except that some objects cannot be deleted just now."""

    def __init__(self, inner: ObjectStore, *refused: str) -> None:
        self._inner = inner
        self._refused = set(refused)

    def uri(self, name: str) -> str:
        return self._inner.uri(name)

    def stat(self, name: str) -> StoredObject | None:
        return self._inner.stat(name)

    def list(self, prefix: str, *, start: str = "") -> Iterator[StoredObject]:
        return self._inner.list(prefix, start=start)

    def create(self, name: str, data: bytes, content_type: str) -> StoredObject:
        return self._inner.create(name, data, content_type)

    def delete(self, name: str, *, generation: int | None = None) -> bool:
        if name in self._refused:
            raise TransientError("storage: away") from PermissionError()
        return self._inner.delete(name, generation=generation)
