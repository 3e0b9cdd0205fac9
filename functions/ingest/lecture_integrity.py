"""Are a lecture's objects in the bucket what its rows say?"""

from collections.abc import Callable
from typing import Literal

from sqlalchemy import select

from functions.ingest.schemas.material import IntegrityResponse, ObjectCheck
from shared.models import ArtifactRow, ExportRow, Lecture
from shared.runtime import Runtime
from shared.storage import StoredObject

Kind = Literal["recording", "transcript", "artifact", "export"]


def check_lecture(rt: Runtime, lecture: Lecture) -> IntegrityResponse:
    """Looks every object up; reads none."""
    with rt.database.reading() as session:
        artifacts = session.scalars(
            select(ArtifactRow).where(ArtifactRow.lecture_id == lecture.id)
        ).all()
        exports = session.scalars(select(ExportRow).where(ExportRow.lecture_id == lecture.id)).all()
    checks = []
    if lecture.source_generation is not None:
        checks.append(
            _check(
                rt,
                "recording",
                None,
                lecture.source_object,
                lambda stored: (
                    (stored.generation, stored.size, stored.crc32c)
                    == (lecture.source_generation, lecture.source_size, lecture.source_crc32c)
                ),
                expired=lecture.raw_deleted_at is not None,
            )
        )
    if lecture.transcript_object is not None:
        checks.append(_check(rt, "transcript", None, lecture.transcript_object, lambda _: True))
    for artifact in artifacts:
        checks.append(
            _check(rt, "artifact", artifact.type, artifact.object, _has_size(artifact.size))
        )
    for export in exports:
        checks.append(_check(rt, "export", export.type, export.object, _has_size(export.size)))
    return IntegrityResponse(
        lecture_id=lecture.slug,
        ok=all(check.status in ("ok", "expired") for check in checks),
        objects=tuple(checks),
    )


def _has_size(size: int) -> Callable[[StoredObject], bool]:
    return lambda stored: stored.size == size


def _check(
    rt: Runtime,
    kind: Kind,
    type: str | None,
    name: str,
    fits: Callable[[StoredObject], bool],
    *,
    expired: bool = False,
) -> ObjectCheck:
    stored = None if expired else rt.store.stat(name)
    status: Literal["ok", "missing", "differs", "expired"]
    if expired:
        status = "expired"
    elif stored is None:
        status = "missing"
    else:
        status = "ok" if fits(stored) else "differs"
    return ObjectCheck(kind=kind, type=type, path=rt.store.uri(name), status=status)
