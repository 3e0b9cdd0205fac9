"""A lecture's transcripts: the one that counts, and those that corrections have replaced.

Only what was corrected, and what came of that, has a row. A transcript that has none takes the
number after the last.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from functions.ingest.corrections.transcript import Corrected, correct, restore
from functions.ingest.lectures.lookup import no_lecture
from shared.courses.vocabulary import learn_terms
from shared.database.locks import courses_of, lock_unrestricted
from shared.documents.transcript import Transcript
from shared.documents.warnings import stored
from shared.errors import (
    NotFoundError,
    ObjectMissingError,
    TranscriptChangedError,
    TranscriptionRunningError,
)
from shared.fault_points import reach
from shared.log import log
from shared.models import LIVE, Job, JobType, Lecture, TranscriptRevision
from shared.runtime import Runtime
from shared.search.passages import index_transcript
from shared.storage.bucket import StoredObject
from shared.work.stages import GenerationParams, is_silencing
from shared.work.transcript_files import renew_transcript_files


@dataclass(frozen=True)
class Correction:
    """What came of one."""

    revision: int
    """The current one."""
    object: str
    """The transcript that counts now."""
    utterances: int
    """How many are not as they were."""
    job_id: uuid.UUID | None
    """The generation, if one was asked for."""


def recorded_revisions(session: Session, lecture_id: uuid.UUID) -> Sequence[TranscriptRevision]:
    """Oldest first."""
    return session.scalars(
        select(TranscriptRevision)
        .where(TranscriptRevision.lecture_id == lecture_id)
        .order_by(TranscriptRevision.number)
    ).all()


def number_of(name: str, recorded: Sequence[TranscriptRevision]) -> int:
    """Of the transcript that counts, which may have no row."""
    for revision in recorded:
        if revision.object == name:
            return revision.number
    return recorded[-1].number + 1 if recorded else 1


def correct_transcript(
    rt: Runtime, lecture: Lecture, name: str, texts: Mapping[int, str | None], *, regenerate: bool
) -> Correction:
    """Correct the transcript `name`, which must be the lecture's until this is done. A text of None
    removes its utterance.

    The corrected one is stored first and counts, with everything that follows from it, from one
    transaction on: a process that dies before leaves an object that nothing refers to. Raises
    UtteranceUnknownError, TranscriptEmptyError, TranscriptChangedError, TranscriptionRunningError,
    and NotFoundError if the lecture has been deleted.
    """
    before = _stored(rt, name)
    corrected = correct(_read(rt, name), texts)
    return _make_current(rt, lecture, before, corrected, regenerate=regenerate)


def restore_transcript(
    rt: Runtime, lecture: Lecture, name: str, revision: int, *, regenerate: bool
) -> Correction:
    """Give the lecture, whose transcript is `name`, an earlier one again, as a new revision.

    Interrupted or overtaken, it does as `correct_transcript` does, and raises the same; and
    NotFoundError if there is no such revision.
    """
    with rt.database.reading() as session:
        earlier = object_of(revision, name, recorded_revisions(session, lecture.id))
    before = _stored(rt, name)
    restored = restore(_read(rt, name), _read(rt, earlier))

    def is_kept(session: Session) -> None:
        # A cut deletes all earlier revisions, and leaves a current one that has nothing of it.
        object_of(revision, name, recorded_revisions(session, lecture.id))

    return _make_current(rt, lecture, before, restored, regenerate=regenerate, require=is_kept)


def object_of(number: int, name: str, recorded: Sequence[TranscriptRevision]) -> str:
    """Of a revision; `name` is the transcript that counts. Raises NotFoundError."""
    names = {each.number: each.object for each in recorded}
    found = {**names, number_of(name, recorded): name}.get(number)
    if found is None:
        raise NotFoundError(f"There is no revision {number}.")
    return found


def _stored(rt: Runtime, name: str) -> StoredObject:
    found = rt.store.stat(name)
    if found is None:
        raise ObjectMissingError(f"{name} is not in the bucket")
    return found


def _read(rt: Runtime, name: str) -> Transcript:
    return Transcript.model_validate_json(rt.store.read(name))


def _make_current(
    rt: Runtime,
    lecture: Lecture,
    before: StoredObject,
    corrected: Corrected,
    *,
    regenerate: bool,
    require: Callable[[Session], None] | None = None,
) -> Correction:
    """Replace the transcript `before`, unless the corrected one reads as it does. `require` raises
    if that must not be done any more; the lecture is locked."""
    name = new = before.name
    if corrected.utterances:
        new = rt.names.corrected_transcript(lecture.id, rt.new_id())
        rt.store.create(new, corrected.transcript.to_json(), "application/json")
    reach("correction.stored", lecture.id)

    def record(session: Session) -> Correction:
        if not lock_unrestricted(session, lecture.id):
            raise no_lecture(lecture.slug)
        _require_no_transcription(session, lecture)
        if require is not None:
            require(session)
        _replace(session, lecture, name, new, corrected.transcript, now=rt.clock())
        job_id = _regenerate(rt, session, lecture, changed=new != name) if regenerate else None
        if new != name:
            renew_transcript_files(rt.jobs, session, lecture.id)
        if new == name:
            revision = number_of(name, recorded_revisions(session, lecture.id))
        else:
            revision = _record(session, lecture.id, before, new, corrected, now=rt.clock())
            index_transcript(session, lecture.id, corrected.transcript)
            learn_terms(
                session,
                # As the lecture is locked: it may have been moved since it was read.
                courses_of(session, [lecture.id])[lecture.id],
                lecture.id,
                put_in=corrected.put_in,
                taken_out=corrected.taken_out,
                now=rt.clock(),
            )
        return Correction(revision, new, corrected.utterances, job_id)

    done = rt.transact(record)
    log.info("transcript.corrected", utterances=done.utterances, revision=done.revision)
    return done


def _require_no_transcription(session: Session, lecture: Lecture) -> None:
    """One that is queued after this replaces what is corrected here, as it should."""
    live = exists().where(
        Job.lecture_id == lecture.id,
        Job.type == JobType.TRANSCRIPTION,
        Job.status.in_(LIVE),
        ~is_silencing,
    )
    if session.scalar(select(live)):
        raise TranscriptionRunningError()


def _regenerate(rt: Runtime, session: Session, lecture: Lecture, *, changed: bool) -> uuid.UUID:
    return rt.jobs.enqueue(
        session,
        lecture_id=lecture.id,
        params=GenerationParams.defaults(lecture),
        new_input=changed,
    ).job_id


def _replace(
    session: Session,
    lecture: Lecture,
    name: str,
    new: str,
    transcript: Transcript,
    *,
    now: datetime,
) -> None:
    replaced = session.scalar(
        update(Lecture)
        .where(Lecture.id == lecture.id, Lecture.transcript_object == name)
        .values(
            transcript_object=new,
            # An earlier one may be of another recognition.
            language=transcript.language,
            warnings=stored(transcript.warnings),
            updated_at=now,
        )
        .returning(Lecture.id)
    )
    if replaced is None:
        raise TranscriptChangedError()


def _record(
    session: Session,
    lecture_id: uuid.UUID,
    before: StoredObject,
    new: str,
    corrected: Corrected,
    *,
    now: datetime,
) -> int:
    """Returns the new revision's number, which is unique because the lecture's row is locked."""
    recorded = recorded_revisions(session, lecture_id)
    number = number_of(before.name, recorded)
    if not any(revision.object == before.name for revision in recorded):
        session.add(
            TranscriptRevision(
                lecture_id=lecture_id,
                number=number,
                object=before.name,
                corrected=0,
                created_at=before.created_at,
            )
        )
    session.add(
        TranscriptRevision(
            lecture_id=lecture_id,
            number=number + 1,
            object=new,
            corrected=corrected.utterances,
            created_at=now,
        )
    )
    session.flush()
    return number + 1
