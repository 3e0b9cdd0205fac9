"""Objects that no row refers to: abandoned uploads, and superseded versions.

Seen from the bucket's side, one policy for each folder. An object goes a day after it was
written at the earliest, and only when its lecture has been quiet for a day: by then no worker
still writes it, no signed address still leads to it, and whatever replaced it is that old.

What lies in the folder of a lecture that is gone belongs to its deletion, or was to be kept.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import exists, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from functions.retention.concurrently import TimedPool
from functions.retention.policies.base import Found, Left, Page, Terms
from functions.retention.policies.conditions import (
    DAY,
    older_than,
    quiet,
    turned_away,
    undelivered_upload,
)
from functions.retention.policies.recordings import forget_recordings
from shared.deletion.audit import has_outcome
from shared.models import (
    ArtifactRow,
    Course,
    DeletionAuditEvent,
    DeletionOutcome,
    ExportRow,
    Job,
    Lecture,
    LectureStatus,
    Purge,
    RejectedUpload,
    Segment,
    TranscriptRevision,
)
from shared.runtime import Runtime
from shared.storage.object_names import Kind

LISTED = 1000
"""One page of the bucket's listing, and one request."""

Keyed = Mapping[uuid.UUID, uuid.UUID]
"""Lectures by the key of a folder: the lecture's own, or a job's."""
Reference = tuple[str, int | None]
"""An object's name and generation."""
References = Callable[[Session, Sequence[Found]], Collection[Reference]]


@dataclass(frozen=True)
class Leftovers:
    name: str
    kind: Kind
    lectures: Callable[[Session, Terms, Collection[uuid.UUID]], Keyed]
    """The quiet lecture for each key of a folder that has one."""
    kept: References
    """Which of these objects rows refer to."""
    listed: int = LISTED

    def find(self, rt: Runtime, terms: Terms, after: str, pool: TimedPool) -> Page:
        listed = rt.store.list(rt.names.folder(self.kind), start=after)
        page = list(islice((each for each in listed if each.name != after), self.listed))
        old = [
            Found(None, each.name, each.generation, each.size)
            for each in page
            if each.created_at <= terms.as_of - DAY
        ]
        with rt.database.reading() as session:
            found = self.still_due(rt, session, terms, old)
        return Page(found, reached=page[-1].name if len(page) == self.listed else None)

    def still_due(
        self, rt: Runtime, session: Session, terms: Terms, found: Sequence[Found]
    ) -> Sequence[Found]:
        keys = {each.name: key for each in found if (key := rt.names.key_of(each.name))}
        lectures = self.lectures(session, terms, set(keys.values()))
        of_quiet = [
            Found(lectures[keys[each.name]], each.name, each.generation, each.size, each.there)
            for each in found
            if keys.get(each.name) in lectures
        ]
        strangers = [each for each in found if keys.get(each.name) not in lectures]
        kept = set(self.kept(session, of_quiet))
        tried = _refused_before(session, terms, found)
        return [
            each
            for each in (
                *(each for each in of_quiet if (each.name, each.generation) not in kept),
                *(_unexpected(session, terms, strangers, keys) if self.kind == "raw" else ()),
            )
            if each.generation not in tried
        ]

    def forget(
        self,
        rt: Runtime,
        session: Session,
        gone: Collection[str],
        lectures: Collection[uuid.UUID],
    ) -> None:
        if self.kind == "raw":
            forget_recordings(rt, session, gone, lectures)

    def left(self, session: Session, terms: Terms) -> Left | None:
        return None


def _refused_before(
    session: Session, terms: Terms, found: Sequence[Found]
) -> Collection[int | None]:
    """Once in a run is enough; they are tried again in the next."""
    return set(
        session.scalars(
            select(DeletionAuditEvent.generation).where(
                DeletionAuditEvent.run_id == terms.run_id,
                DeletionAuditEvent.generation.in_({each.generation for each in found}),
                has_outcome(DeletionOutcome.REFUSED),
            )
        )
    )


# --- whose they are ---


def _quiet_lectures(session: Session, terms: Terms, keys: Collection[uuid.UUID]) -> Keyed:
    found = session.scalars(
        select(Lecture.id)
        .join(Lecture.course)
        .where(
            Lecture.id.in_(keys),
            quiet(terms.as_of),
            # Its notification may yet be delivered: it is kept as long as any recording.
            or_(
                ~undelivered_upload,
                older_than(terms.as_of, Course.retention_raw_audio_days, terms.raw_audio_days),
            ),
        )
    )
    return {each: each for each in found}


def _jobs_of_quiet_lectures(session: Session, terms: Terms, keys: Collection[uuid.UUID]) -> Keyed:
    """Jobs that have segments' rows are another policy's."""
    rows = session.execute(
        select(Job.id, Job.lecture_id)
        .join(Job.lecture)
        .join(Lecture.course)
        .where(Job.id.in_(keys), ~exists().where(Segment.job_id == Job.id), quiet(terms.as_of))
    )
    return {row.id: row.lecture_id for row in rows}


def _unexpected(
    session: Session, terms: Terms, strangers: Sequence[Found], keys: Mapping[str, uuid.UUID]
) -> Sequence[Found]:
    """Uploads that came when there was no lecture for them, and were recorded as such."""
    written_down = {
        (row.object, row.generation)
        for row in session.execute(
            select(RejectedUpload.object, RejectedUpload.generation).where(
                tuple_(RejectedUpload.object, RejectedUpload.generation).in_(
                    [(each.name, each.generation) for each in strangers]
                ),
                RejectedUpload.created_at <= terms.as_of - DAY,
            )
        )
    }
    owners = set(keys.values())
    known = (
        select(Lecture.id.label("id"))
        .where(Lecture.id.in_(owners))
        .union(
            select(Purge.lecture_id).where(Purge.lecture_id.in_(owners)),
            select(DeletionAuditEvent.lecture_id).where(
                DeletionAuditEvent.lecture_id.in_(owners),
                has_outcome(DeletionOutcome.OBJECTS_KEPT),
            ),
        )
    )
    theirs = set(session.scalars(known))
    return [
        each
        for each in strangers
        if (each.name, each.generation) in written_down and keys.get(each.name) not in theirs
    ]


# --- what rows refer to ---


def _recordings(session: Session, found: Sequence[Found]) -> Collection[Reference]:
    """A recording that is awaited may come at any moment, in any generation."""
    rows = session.execute(
        select(
            Lecture.source_object,
            Lecture.source_generation,
            (Lecture.status == LectureStatus.AWAITING_UPLOAD).label("waits"),
        ).where(
            Lecture.source_object.in_([each.name for each in found]),
            Lecture.raw_deleted_at.is_(None),
            ~turned_away,
        )
    ).all()
    accepted = {(row.source_object, row.source_generation) for row in rows}
    awaited = {row.source_object for row in rows if row.waits}
    return accepted | {(each.name, each.generation) for each in found if each.name in awaited}


def _nothing(_session: Session, _found: Sequence[Found]) -> Collection[Reference]:
    """The bucket is not queried for jobs that have segments."""
    return ()


def _named_in(*columns: InstrumentedAttribute[Any]) -> References:
    """Objects that are written once, so that the name alone says which."""

    def named(session: Session, found: Sequence[Found]) -> Collection[Reference]:
        asked = [each.name for each in found]
        names = {
            name
            for column in columns
            for name in session.scalars(select(column).where(column.in_(asked)))
        }
        return {(each.name, each.generation) for each in found if each.name in names}

    return named


LEFTOVERS = (
    Leftovers("abandoned_uploads", "raw", _quiet_lectures, _recordings),
    Leftovers("old_silenced", "silenced", _quiet_lectures, _named_in(Lecture.source_object)),
    Leftovers("stray_segments", "segments", _jobs_of_quiet_lectures, _nothing),
    Leftovers(
        "old_transcripts",
        "transcripts",
        _quiet_lectures,
        _named_in(Lecture.transcript_object, TranscriptRevision.object),
    ),
    Leftovers("old_artifacts", "artifacts", _quiet_lectures, _named_in(ArtifactRow.object)),
    Leftovers("old_exports", "exports", _quiet_lectures, _named_in(ExportRow.object)),
)
