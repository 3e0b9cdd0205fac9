"""The stages of a lecture: one row for each, with all that other modules need of it.

A job's type names its stage. Its parameters are a model of that stage, kept as JSON in the job's
row; the next stage, the topic, what a stage starts from and what it makes are in `STAGES`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import not_
from types import MappingProxyType
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from shared.documents.artifacts import ArtifactType
from shared.models import JSON, ArtifactRow, Job, JobType, Lecture
from shared.storage.integrity import LectureKind


class Params(BaseModel):
    """A job's parameters. Unknown fields, of another release, are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[JobType]

    @classmethod
    def defaults(cls, lecture: Lecture) -> Self:
        """Of a job that was not asked for in particular."""
        return cls()

    @classmethod
    def of(cls, params: JSON) -> Self:
        """As a job's row has them."""
        return cls.model_validate(params)

    def to_json(self) -> JSON:
        return self.model_dump(mode="json")


class TranscriptionParams(Params):
    type = JobType.TRANSCRIPTION

    model: str | None = None
    """None for the worker's own."""
    language: str | None = None
    """ISO 639-1; None for the one that is heard."""
    strict: bool = Field(default=False, exclude_if=not_)
    """Recognize all in `language`, other languages as well."""
    provider: str | None = Field(default=None, exclude_if=not_)
    """None for the worker's own; another one fails the job."""
    silencing: bool = Field(default=False, exclude_if=not_)
    """Silence what was cut out of the recording, and recognize nothing."""


is_silencing = Job.params.has_key("silencing")
"""Of a transcription job: it makes no transcript (docs/decisions/041-cuts.md)."""


class GenerationParams(Params):
    type = JobType.GENERATION

    preset_id: str

    @classmethod
    def defaults(cls, lecture: Lecture) -> Self:
        return cls(preset_id=lecture.preset_id)


class ExportParams(Params):
    type = JobType.EXPORT

    transcript_only: bool = Field(default=False, exclude_if=not_)
    """Make the files that need the transcript alone, whatever becomes of the material."""


TRANSCRIPT_FILES_PARAMS = ExportParams(transcript_only=True)
"""Of the job that every new transcript brings (docs/decisions/042-files-before-material.md)."""

PARTIAL = ("silencing", "transcript_only")
"""Parameters of jobs that do a part of what their stage does."""

is_transcript_only = Job.params.has_key("transcript_only")
"""Of an export job: it leaves the lecture's status as it is, and does not stand for the export."""


def leaves_status(params: JSON) -> bool:
    """Whether a job of these parameters is `is_transcript_only`."""
    return "transcript_only" in params


@dataclass(frozen=True)
class Missing:
    """What a stage starts from and a lecture does not have."""

    what: str
    purpose: str
    deleted_by_retention: bool

    @property
    def message(self) -> str:
        if self.deleted_by_retention:
            return f"The {self.what} has been deleted as retention promises."
        return f"There is no {self.what} to {self.purpose}."


@dataclass(frozen=True)
class Stage:
    topic: str
    """Wakes the function that does the stage's jobs."""
    params: type[Params]
    then: JobType | None
    """The stage that works on what this one has made; None after the last."""
    makes: LectureKind
    """Objects that a job of this stage makes again."""
    beside: Params | None
    """A job that works on it beside that stage."""
    missing: Callable[[Session, Lecture], Missing | None]
    """What the stage starts from and the lecture, which is locked, does not have."""


def _recording(session: Session, lecture: Lecture) -> Missing | None:
    # An upload that was accepted has a job since then; one that was rejected has none.
    accepted = session.scalar(select(exists().where(Job.lecture_id == lecture.id)))
    deleted = lecture.raw_deleted_at is not None
    if accepted and not deleted:
        return None
    return Missing("recording", "transcribe", deleted)


def _transcript(_session: Session, lecture: Lecture) -> Missing | None:
    if lecture.transcript_object is not None:
        return None
    deleted = lecture.transcript_deleted_at is not None
    return Missing("transcript", "generate from", deleted)


def _material(session: Session, lecture: Lecture) -> Missing | None:
    made = session.scalar(select(func.count()).where(ArtifactRow.lecture_id == lecture.id))
    return None if made == len(ArtifactType) else Missing("study material", "export", False)


STAGES: Mapping[JobType, Stage] = MappingProxyType(
    {
        JobType.TRANSCRIPTION: Stage(
            topic="transcribe",
            params=TranscriptionParams,
            then=JobType.GENERATION,
            beside=TRANSCRIPT_FILES_PARAMS,
            makes="transcript",
            missing=_recording,
        ),
        JobType.GENERATION: Stage(
            topic="generate",
            params=GenerationParams,
            then=JobType.EXPORT,
            beside=None,
            makes="artifact",
            missing=_transcript,
        ),
        JobType.EXPORT: Stage(
            topic="export",
            params=ExportParams,
            then=None,
            beside=None,
            makes="export",
            missing=_material,
        ),
    }
)
"""In their order."""

FIRST = next(iter(STAGES))
