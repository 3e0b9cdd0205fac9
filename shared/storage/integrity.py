"""Which objects a lecture's rows say there are, and whether an object is what its row says.

Used for one lecture by the API and for the whole bucket by `scripts/integrity`.
"""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.documents.artifacts import Artifact
from shared.documents.transcript import Transcript
from shared.models import (
    ArtifactRow,
    ExportRow,
    Job,
    Lecture,
    Segment,
    TranscriptRevision,
    WorkStatus,
)
from shared.storage.bucket import StoredObject

LectureKind = Literal["recording", "transcript", "revision", "artifact", "export"]
Kind = LectureKind | Literal["segment"]
Status = Literal["ok", "missing", "differs", "expired"]
"""`differs`: size, checksum, generation or content is not what was recorded. `expired`: it has
been deleted, as promised."""

_ARTIFACT: TypeAdapter[Artifact] = TypeAdapter(Artifact)


@dataclass(frozen=True)
class Expected:
    """An object that a row refers to, with what the row says of it; None where it says nothing."""

    kind: Kind
    type: str | None
    """Of an artifact or export; of a revision its number."""
    name: str
    key: uuid.UUID
    """The lecture; for a segment the job."""
    generation: int | None = None
    size: int | None = None
    """Bytes."""
    crc32c: str | None = None
    sha256: str | None = None
    expired: bool = False
    """Must be gone."""
    optional: bool = False
    """May be gone: it is not read again."""

    def compared_with(self, stored: StoredObject | None) -> Status:
        """By what the bucket says of the object; nothing is read."""
        if self.expired:
            return "expired"
        if stored is None:
            return "expired" if self.optional else "missing"
        recorded = (
            (self.generation, stored.generation),
            (self.size, stored.size),
            (self.crc32c, stored.crc32c),
        )
        return "ok" if all(said in (None, found) for said, found in recorded) else "differs"

    def holds(self, data: bytes) -> bool:
        """Whether these bytes are the object: by its checksum, or because they can be read.

        Recordings and the audio of segments are taken on trust: the bucket itself compares
        their checksum with their bytes.
        """
        if self.sha256 is not None:
            return hashlib.sha256(data).hexdigest() == self.sha256
        try:
            if self.kind in {"transcript", "revision"}:
                Transcript.model_validate_json(data)
            elif self.kind == "artifact":
                return _ARTIFACT.validate_json(data).artifact_type == self.type
        except ValidationError:
            return False
        return True


def expected_of_lectures(session: Session, lectures: Sequence[Lecture]) -> Iterator[Expected]:
    """What should be there of some lectures, without the segments of their jobs."""
    for lecture in lectures:
        if lecture.source_generation is not None:
            yield Expected(
                "recording",
                None,
                lecture.source_object,
                lecture.id,
                generation=lecture.source_generation,
                size=lecture.source_size,
                crc32c=lecture.source_crc32c,
                expired=lecture.raw_deleted_at is not None,
            )
        if lecture.transcript_object is not None:
            yield Expected("transcript", None, lecture.transcript_object, lecture.id)
    ids = [lecture.id for lecture in lectures]
    current = {lecture.transcript_object for lecture in lectures}
    for revision in session.scalars(
        select(TranscriptRevision)
        .where(TranscriptRevision.lecture_id.in_(ids))
        .order_by(TranscriptRevision.lecture_id, TranscriptRevision.number)
    ):
        if revision.object not in current:
            yield Expected("revision", str(revision.number), revision.object, revision.lecture_id)
    for artifact in session.scalars(
        select(ArtifactRow)
        .where(ArtifactRow.lecture_id.in_(ids))
        .order_by(ArtifactRow.lecture_id, ArtifactRow.type)
    ):
        yield Expected(
            "artifact", artifact.type, artifact.object, artifact.lecture_id, size=artifact.size
        )
    for export in session.scalars(
        select(ExportRow)
        .where(ExportRow.lecture_id.in_(ids))
        .order_by(ExportRow.lecture_id, ExportRow.type)
    ):
        yield Expected(
            "export",
            export.type,
            export.object,
            export.lecture_id,
            size=export.size,
            sha256=export.sha256,
        )


def expected_of_jobs(session: Session, jobs: Sequence[Job]) -> Iterator[Expected]:
    """What should be there of some jobs' segments. Once a job has succeeded, its lecture's
    transcript is made of them, and retention takes them after a day."""
    succeeded = {job.id for job in jobs if job.status == WorkStatus.SUCCEEDED}
    for segment in session.scalars(
        select(Segment)
        .where(Segment.job_id.in_([job.id for job in jobs]))
        .order_by(Segment.job_id, Segment.index)
    ):
        for name in (segment.audio_object, segment.transcript_object):
            if name is not None:
                yield Expected(
                    "segment", None, name, segment.job_id, optional=segment.job_id in succeeded
                )
