"""Deleting what has been promised to go, and saying so in the audit.

One policy after the other, oldest first, in bounded batches within a time budget;
what is left over is due again in the next run. The object goes first and the row
says so afterwards: a crash between the two repeats a deletion that finds nothing.
"""

import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from shared.log import log
from shared.models import (
    LIVE,
    DeletionAuditEvent,
    IdempotencyKey,
    Job,
    JobType,
    Lecture,
    OutboxMessage,
    RateLimit,
    Segment,
)
from shared.outcomes import DONE, Ending, Outcome
from shared.passages import forget_passages
from shared.retry import Failure
from shared.runtime import Runtime

BATCH = 200
TIME_BUDGET_SEC = 1500
"""Below the schedule's attempt deadline, so that a run ends by itself and answers."""
SEGMENT_DAYS = 1
"""Segments only serve a replay; the lecture's transcript is made of them."""
OUTBOX_DAYS = 7


@dataclass(frozen=True)
class Due:
    """Objects of one lecture that a policy says must go."""

    lecture_id: uuid.UUID
    objects: Callable[[], Iterable[str]]
    """Their names; called outside any transaction."""
    forget: Callable[[Session, datetime], None]
    """Records on the rows that they are gone."""


@dataclass(frozen=True)
class Policy:
    name: str
    due: Callable[[Runtime, Session], Iterable[Due]]


def expire(rt: Runtime) -> Outcome:
    """Apply every policy once."""
    started = time.monotonic()
    failure = None
    for policy in POLICIES:
        with rt.database.unit_of_work() as session:
            due = list(policy.due(rt, session))
        for item in due:
            if time.monotonic() - started > TIME_BUDGET_SEC:
                log.warning("retention.out_of_time", policy=policy.name)
                return DONE
            try:
                _delete(rt, policy.name, item)
            except Exception as error:
                failure = Failure.of(error)
                log.exception("retention.failed", policy=policy.name, lecture=str(item.lecture_id))
    _drop_used_rows(rt)
    return Outcome(Ending.RETRY, failure) if failure else DONE


def _delete(rt: Runtime, policy: str, due: Due) -> None:
    outcomes = [(name, rt.store.delete(name)) for name in due.objects()]
    now = rt.clock()
    with rt.database.unit_of_work() as session:
        for name, was_there in outcomes:
            session.add(
                DeletionAuditEvent(
                    id=rt.new_id(),
                    subject=rt.store.uri(name),
                    lecture_id=due.lecture_id,
                    actor=f"policy:{policy}",
                    outcome="deleted" if was_there else "already_gone",
                    created_at=now,
                )
            )
        due.forget(session, now)
        session.commit()
    log.info("retention.deleted", policy=policy, lecture=str(due.lecture_id), objects=len(outcomes))


_live_work = exists().where(Job.lecture_id == Lecture.id, Job.status.in_(LIVE))
"""A lecture somebody is working on is left for the next run."""


def _raw_audio(rt: Runtime, session: Session) -> Iterable[Due]:
    before = rt.clock() - timedelta(days=rt.settings.plc_retention_raw_audio_days)
    for lecture in session.scalars(
        select(Lecture)
        .where(
            Lecture.created_at <= before,
            Lecture.source_generation.is_not(None),
            Lecture.raw_deleted_at.is_(None),
            ~_live_work,
        )
        .order_by(Lecture.created_at)
        .limit(BATCH)
    ):
        yield Due(
            lecture.id,
            partial(iter, [lecture.source_object]),
            _stamp(lecture.id, "raw_deleted_at"),
        )


def _transcripts(rt: Runtime, session: Session) -> Iterable[Due]:
    before = rt.clock() - timedelta(days=rt.settings.plc_retention_transcript_days)
    for lecture in session.scalars(
        select(Lecture)
        .where(
            Lecture.created_at <= before,
            Lecture.transcript_object.is_not(None),
            ~_live_work,
        )
        .order_by(Lecture.created_at)
        .limit(BATCH)
    ):
        folder = rt.names.folder("transcripts", lecture.id)
        yield Due(
            lecture.id,
            partial(_names, rt, folder),
            partial(_forget_transcript, lecture.id),
        )


def _forget_transcript(lecture_id: uuid.UUID, session: Session, now: datetime) -> None:
    _stamp(lecture_id, "transcript_deleted_at", transcript_object=None)(session, now)
    forget_passages(session, lecture_id)


def _segments(rt: Runtime, session: Session) -> Iterable[Due]:
    before = rt.clock() - timedelta(days=SEGMENT_DAYS)
    has_segments = exists().where(Segment.job_id == Job.id)
    # A replay reads what the job before it has written, so a lecture's segments age together.
    other = aliased(Job)
    fresh = exists().where(
        other.lecture_id == Job.lecture_id,
        other.type == JobType.TRANSCRIPTION,
        or_(other.status.in_(LIVE), other.updated_at > before),
    )
    for job in session.scalars(
        select(Job)
        .where(
            Job.type == JobType.TRANSCRIPTION,
            has_segments,
            ~fresh,
        )
        .order_by(Job.updated_at)
        .limit(BATCH)
    ):
        folder = rt.names.folder("segments", job.id)
        yield Due(job.lecture_id, partial(_names, rt, folder), partial(_forget_segments, job.id))


def _forget_segments(job_id: uuid.UUID, session: Session, _now: datetime) -> None:
    """As if it had never been cut: a replay starts from the recording."""
    session.execute(delete(Segment).where(Segment.job_id == job_id))
    session.execute(update(Job).where(Job.id == job_id).values(segment_count=None))


def _names(rt: Runtime, folder: str) -> Iterable[str]:
    return (stored.name for stored in rt.store.list(folder))


def _stamp(
    lecture_id: uuid.UUID, column: str, **values: object
) -> Callable[[Session, datetime], None]:
    def forget(session: Session, now: datetime) -> None:
        session.execute(
            update(Lecture).where(Lecture.id == lecture_id).values({column: now, **values})
        )

    return forget


def _drop_used_rows(rt: Runtime) -> None:
    now = rt.clock()
    with rt.database.unit_of_work() as session:
        session.execute(
            delete(OutboxMessage).where(
                OutboxMessage.published_at <= now - timedelta(days=OUTBOX_DAYS)
            )
        )
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.expires_at <= now))
        session.execute(delete(RateLimit).where(RateLimit.theoretical_arrival_at <= now))
        session.commit()


POLICIES = (
    Policy("raw_audio", _raw_audio),
    Policy("transcript", _transcripts),
    Policy("segments", _segments),
)
