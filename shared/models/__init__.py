"""The tables. Postgres is the truth about every lecture; messages are only hints.

What must always hold is written as a constraint here, so that no code path,
and no two of them concurrently, can break it.
"""

from shared.models.accounts import AccountDeletion, AccountExport, AccountExportStatus
from shared.models.audit import (
    DeletionAuditEvent,
    DeletionOutcome,
    OperatorAccess,
    Purge,
    account_subject,
)
from shared.models.base import JSON, Base
from shared.models.cards import CardIdentity, CardNamespace
from shared.models.corrections import CourseTerm, Cut, TranscriptRevision
from shared.models.delivery import (
    DeadLetter,
    IdempotencyKey,
    OutboxMessage,
    RateLimit,
    SweepFailure,
    SweepPosition,
)
from shared.models.items import ItemEdit, LectureMark
from shared.models.jobs import Job, Segment
from shared.models.lectures import (
    Course,
    Lecture,
    RejectedUpload,
    UploadRegistration,
    unrestricted,
)
from shared.models.material import (
    EXPORT_TYPES,
    REPEATS_TRANSCRIPT,
    TRANSCRIPT_FILES,
    ArtifactRow,
    ExportRow,
    Passage,
)
from shared.models.retention import RetentionRun
from shared.models.states import LIVE, JobType, LectureStatus, LegalBasis, ThreadChange, WorkStatus
from shared.models.threads import Thread, ThreadAccount, ThreadOccurrence, ThreadUpdate
from shared.models.usage import DailyUsage

__all__ = [
    "EXPORT_TYPES",
    "JSON",
    "LIVE",
    "REPEATS_TRANSCRIPT",
    "TRANSCRIPT_FILES",
    "AccountDeletion",
    "AccountExport",
    "AccountExportStatus",
    "ArtifactRow",
    "Base",
    "CardIdentity",
    "CardNamespace",
    "Course",
    "CourseTerm",
    "Cut",
    "DailyUsage",
    "DeadLetter",
    "DeletionAuditEvent",
    "DeletionOutcome",
    "ExportRow",
    "IdempotencyKey",
    "ItemEdit",
    "Job",
    "JobType",
    "Lecture",
    "LectureMark",
    "LectureStatus",
    "LegalBasis",
    "OperatorAccess",
    "OutboxMessage",
    "Passage",
    "Purge",
    "RateLimit",
    "RejectedUpload",
    "RetentionRun",
    "Segment",
    "SweepFailure",
    "SweepPosition",
    "Thread",
    "ThreadAccount",
    "ThreadChange",
    "ThreadOccurrence",
    "ThreadUpdate",
    "TranscriptRevision",
    "UploadRegistration",
    "WorkStatus",
    "account_subject",
    "unrestricted",
]
