"""What can be seen of the protocol from outside, in names that reference and product share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.models import LIVE, JobType, LectureStatus, WorkStatus


@dataclass(frozen=True, order=True)
class JobName:
    lecture: int
    type: JobType
    number: int
    """0 for the lecture's first job of this type."""

    def __repr__(self) -> str:
        return f"{self.type}-{self.lecture}.{self.number}"


@dataclass(frozen=True, order=True)
class SegmentName:
    job: JobName
    index: int

    def __repr__(self) -> str:
        return f"{self.job}/{self.index}"


Work = JobName | SegmentName
Worker = str
"""The holder of a claim; each claim makes a new one, so a name stands for a token."""

FANOUT: Worker = "the fan-out"
"""Holds a cut lecture's job while its segments are at work."""


class Post(StrEnum):
    """How sending goes just now."""

    WORKS = "works"
    REFUSES = "refuses"
    UNANSWERED = "unanswered"
    """The message arrives, and the sender hears of an error."""
    UNREACHED = "unreached"
    """The process that should send dies after its commit."""


class Repair(StrEnum):
    """Of the sweep's, those of jobs; in its order."""

    OUTBOX = "outbox"
    JOBS = "jobs"
    SEGMENTS = "segments"
    LOST_TASKS = "lost_tasks"
    FORGOTTEN_JOBS = "forgotten_jobs"
    STUCK_LECTURES = "stuck_lectures"


@dataclass(frozen=True)
class Message:
    """Go and look at this."""

    destination: str
    about: Work


@dataclass(frozen=True)
class OutboxRow:
    message: Message
    written_at: datetime
    published: bool


@dataclass
class LectureRow:
    status: LectureStatus
    error: str | None = None


@dataclass
class JobRow:
    changed_at: datetime
    replays: JobName | None = None
    status: WorkStatus = WorkStatus.QUEUED
    attempt: int = 0
    resent: int = 0
    """By the sweep, since it was last claimed."""
    holder: Worker | None = None
    lease_until: datetime | None = None
    run_again: bool = False
    part: bool = False
    """It makes the files of the transcript alone, and leaves the lecture's state as it is."""
    segment_count: int | None = None
    progress: int | None = None
    result_of: Worker | None = None
    error: str | None = None
    history: list[tuple[WorkStatus, datetime]] = field(default_factory=list)

    @property
    def endings(self) -> list[WorkStatus]:
        over = (WorkStatus.SUCCEEDED, WorkStatus.FAILED)
        return [status for status, _ in self.history if status in over]


@dataclass
class SegmentRow:
    changed_at: datetime
    status: WorkStatus = WorkStatus.QUEUED
    attempt: int = 0
    resent: int = 0
    """By the sweep, since it was last claimed."""
    holder: Worker | None = None
    lease_until: datetime | None = None
    transcript_of: Worker | None = None
    error: str | None = None


@dataclass(frozen=True)
class ObservedState:
    lectures: Mapping[int, LectureRow]
    jobs: Mapping[JobName, JobRow]
    segments: Mapping[SegmentName, SegmentRow]
    outbox: Mapping[OutboxRow, int]
    """A multiset: the order in which rows were written is not observable."""
    arrived: Mapping[Message, int]
    """How often each message has reached its topic or queue."""

    def rows(self) -> list[JobRow | SegmentRow]:
        return [*self.jobs.values(), *self.segments.values()]

    def row(self, work: Work) -> JobRow | SegmentRow:
        return self.jobs[work] if isinstance(work, JobName) else self.segments[work]

    def live(self) -> set[Work]:
        return {
            *(job for job, row in self.jobs.items() if row.status in LIVE),
            *(segment for segment, row in self.segments.items() if row.status in LIVE),
        }

    def differences(self, actual: "ObservedState") -> Iterator[str]:
        """One line for each thing that is otherwise in `actual`."""
        for part in ("lectures", "jobs", "segments", "outbox", "arrived"):
            ours, theirs = getattr(self, part), getattr(actual, part)
            for key in {**ours, **theirs}:
                if ours.get(key) != theirs.get(key):
                    yield f"{part} {key}: should be {ours.get(key)}, is {theirs.get(key)}"
