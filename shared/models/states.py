"""The states that rows go through."""

from collections.abc import Sequence
from enum import StrEnum


class LectureStatus(StrEnum):
    AWAITING_UPLOAD = "awaiting_upload"
    UPLOADED = "uploaded"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class LegalBasis(StrEnum):
    """On which a recording of persons is processed: GDPR, article 6 (1)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class JobType(StrEnum):
    TRANSCRIPTION = "transcription"
    GENERATION = "generation"
    EXPORT = "export"


class WorkStatus(StrEnum):
    """Of a job, and of a segment within one."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class ThreadChange(StrEnum):
    REFINEMENT = "refinement"
    CONTRADICTION = "contradiction"
    COMPLEXITY = "complexity"


LIVE = (WorkStatus.QUEUED, WorkStatus.RUNNING)


def one_of(column: str, values: Sequence[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"
