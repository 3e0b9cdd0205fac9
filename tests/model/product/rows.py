"""Rows of the database, as the state that the reference is compared with."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from shared.database.connections import Database
from shared.messaging.events import JobMessage, SegmentMessage
from shared.models import (
    JSON,
    Course,
    DeadLetter,
    Job,
    Lecture,
    OutboxMessage,
    Segment,
    SweepFailure,
    WorkStatus,
)
from tests.model.reference.observed_state import (
    FANOUT,
    JobName,
    JobRow,
    LectureRow,
    Message,
    ObservedState,
    OutboxRow,
    SegmentName,
    SegmentRow,
    Worker,
)
from tests.support.lectures.messages import RecordingMessages

Holders = Mapping[uuid.UUID, Worker]
"""Who was given which token."""


class RowReader:
    def __init__(
        self, database: Database, lectures: Sequence[uuid.UUID], messages: RecordingMessages
    ) -> None:
        self._database = database
        self._lectures = {lecture_id: n for n, lecture_id in enumerate(lectures)}
        self._messages = messages
        self._names: dict[uuid.UUID, JobName] = {}

    def observed_state(self, holders: Holders) -> ObservedState:
        with self._database.reading() as session:
            lectures = session.scalars(select(Lecture)).all()
            jobs = session.scalars(select(Job)).all()
            segments = session.scalars(select(Segment)).all()
            outbox = session.scalars(select(OutboxMessage)).all()
        return ObservedState(
            lectures={self._lectures[row.id]: _lecture(row) for row in lectures},
            jobs={self.name(row.id): self._job(row, holders) for row in jobs},
            segments={
                SegmentName(self.name(row.job_id), row.index): _segment(row, holders)
                for row in segments
            },
            outbox=Counter(self._outbox_row(row) for row in outbox),
            arrived=Counter(self.arrived()),
        )

    def arrived(self) -> list[Message]:
        """What reached a topic or the queue, in order."""
        return [self._message(sent.destination, sent.payload) for sent in self._messages.sent]

    # --- names ------------------------------------------------------------------

    def name(self, job_id: uuid.UUID) -> JobName:
        if job_id not in self._names:
            self._name_all()
        return self._names[job_id]

    def id(self, job: JobName) -> uuid.UUID:
        if job not in self._names.values():
            self._name_all()
        [job_id] = [job_id for job_id, name in self._names.items() if name == job]
        return job_id

    def _name_all(self) -> None:
        """Ids are counted, so in their order a lecture's jobs have come one after the other."""
        names: dict[uuid.UUID, JobName] = {}
        count: Counter[tuple[int, str]] = Counter()
        with self._database.reading() as session:
            rows = session.execute(select(Job.id, Job.lecture_id, Job.type).order_by(Job.id))
            for job_id, lecture_id, type in rows:
                lecture = self._lectures[lecture_id]
                names[job_id] = JobName(lecture, type, count[lecture, type])
                count[lecture, type] += 1
        self._names = names

    # --- rows -------------------------------------------------------------------

    def _job(self, row: Job, holders: Holders) -> JobRow:
        return JobRow(
            changed_at=row.updated_at,
            replays=self.name(row.replayed_from) if row.replayed_from else None,
            status=row.status,
            attempt=row.attempt,
            resent=row.resent,
            holder=_holder(row.lease_token, holders),
            lease_until=row.lease_expires_at,
            run_again=row.run_again,
            part="transcript_only" in row.params,
            segment_count=row.segment_count,
            progress=row.progress.get("done"),
            result_of=row.result["by"] if row.result else None,
            error=_code(row.error),
            history=[
                (WorkStatus(entry["status"]), datetime.fromisoformat(entry["at"]))
                for entry in row.history
            ],
        )

    def _outbox_row(self, row: OutboxMessage) -> OutboxRow:
        message = self._message(row.destination, row.payload)
        return OutboxRow(message, row.created_at, published=row.published_at is not None)

    def _message(self, destination: str, payload: Mapping[str, Any]) -> Message:
        if "index" in payload:
            task = SegmentMessage.model_validate(payload)
            return Message(destination, SegmentName(self.name(task.job_id), task.index))
        return Message(destination, self.name(JobMessage.model_validate(payload).job_id))


def _lecture(row: Lecture) -> LectureRow:
    return LectureRow(row.status, _code(row.error))


def _segment(row: Segment, holders: Holders) -> SegmentRow:
    return SegmentRow(
        changed_at=row.updated_at,
        status=row.status,
        attempt=row.attempt,
        resent=row.resent,
        holder=_holder(row.lease_token, holders),
        lease_until=row.lease_expires_at,
        transcript_of=row.transcript_object,
        error=_code(row.error),
    )


def _holder(token: uuid.UUID | None, holders: Holders) -> Worker | None:
    """A token that no worker was given is the fan-out's."""
    return holders.get(token, FANOUT) if token else None


def _code(error: JSON | None) -> str | None:
    return error["code"] if error else None


def empty(database: Database) -> None:
    """No lectures, and nothing that hangs on them or was sent because of them."""
    with database.unit_of_work() as session:
        for table in (OutboxMessage, DeadLetter, SweepFailure, Lecture, Course):
            session.execute(delete(table))
        session.commit()
