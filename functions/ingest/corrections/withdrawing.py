"""Withdraws what repeats the words that are cut out of a lecture, in the caller's transaction.

The lecture is held with its course and all lectures of it. What is withdrawn here is made again
from the transcript that stays, or is its owner's and goes for good where it quotes what was cut.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from functions.ingest.corrections.revisions import number_of, recorded_revisions
from shared.courses.threads import restate
from shared.courses.vocabulary import forget_unheard_terms
from shared.deletion.siblings import withdraw_repetitions
from shared.models import (
    LIVE,
    ArtifactRow,
    DeadLetter,
    ExportRow,
    IdempotencyKey,
    ItemEdit,
    Job,
    JobType,
    Lecture,
    LectureMark,
    Segment,
    ThreadAccount,
    ThreadOccurrence,
    ThreadUpdate,
    TranscriptRevision,
)
from shared.runtime import Runtime
from shared.search.passages import forget_passages, index_transcript
from shared.speech.quoting import Quotations, has_words
from shared.speech.removing import CutSpan, Removal

WITHDRAWN = "What this said was cut out of the lecture."


def withdraw_material(rt: Runtime, session: Session, lecture: Lecture) -> list[str]:
    """Withdraw artifacts, files and what threads say of the lecture, and the files of other
    lectures that repeat it. Its generations and exports are cancelled: they have read what is cut.

    Returns the folders of the other lectures' files.
    """
    live = select(Job).where(
        Job.lecture_id == lecture.id, Job.type != JobType.TRANSCRIPTION, Job.status.in_(LIVE)
    )
    for job in session.scalars(live.order_by(Job.id).with_for_update()).all():
        rt.jobs.cancel(session, job)
    for table in (ArtifactRow, ExportRow, ThreadOccurrence, ThreadUpdate, ThreadAccount):
        session.execute(delete(table).where(table.lecture_id == lecture.id))
    folders = withdraw_repetitions(rt, session, lecture.course_id, [lecture.id])
    restate(session, lecture.course_id)
    return folders


def forget_recognition(session: Session, lecture_id: uuid.UUID) -> None:
    """As if nothing had been recognized of it: a transcription, replayed or not, starts from the
    recording. The lecture has no live transcription."""
    over = and_(
        Job.lecture_id == lecture_id,
        Job.type == JobType.TRANSCRIPTION,
        Job.status.not_in(LIVE),
    )
    jobs = select(Job.id).where(over)
    session.execute(jobs.order_by(Job.id).with_for_update())
    session.execute(delete(Segment).where(Segment.job_id.in_(jobs)))
    session.execute(update(Job).where(over).values(segment_count=None))


def replace_transcript(
    session: Session, row: Lecture, removal: Removal, new: str | None, *, now: datetime
) -> int:
    """Let what stays be the current transcript, under the name `new`, and the only one; None if it
    lost nothing. Its number goes on from those of the others. Returns how many utterances are gone
    or not as they were."""
    recorded = recorded_revisions(session, row.id)
    current = str(row.transcript_object)
    number = number_of(current, recorded)
    session.execute(delete(TranscriptRevision).where(TranscriptRevision.lecture_id == row.id))
    if new is None and not recorded:
        return 0
    utterances = removal.utterances if new else 0
    session.add(
        TranscriptRevision(
            lecture_id=row.id,
            number=number + (new is not None),
            object=new or current,
            corrected=utterances,
            created_at=now,
        )
    )
    if new is not None:
        row.transcript_object = new
        index_transcript(session, row.id, removal.transcript)
    session.flush()
    return utterances


def forget_transcript(session: Session, row: Lecture) -> None:
    """Of one that is lost, it is unknown which words were cut: all go."""
    session.execute(delete(TranscriptRevision).where(TranscriptRevision.lecture_id == row.id))
    forget_passages(session, row.id)
    row.transcript_object = None
    session.flush()


def forget_terms(session: Session, row: Lecture, cut: str, stays: str) -> None:
    """Forget terms of the lecture that are in what was cut and not in what stays."""
    forget_unheard_terms(
        session,
        row.course_id,
        row.id,
        lambda term: has_words(cut, term) and not has_words(stays, term),
    )


def forget_edits(
    session: Session, lecture_id: uuid.UUID, said: Quotations, cited: Collection[str]
) -> int:
    """Remove what the owner wrote of items that cite what was cut, and of any others in which it
    quotes that. Returns how many there were."""
    edits = session.scalars(select(ItemEdit).where(ItemEdit.lecture_id == lecture_id)).all()
    gone = [each for each in edits if each.item_id in cited or said.are_in(_text_of(each.fields))]
    for edit in gone:
        session.delete(edit)
    session.flush()
    return len(gone)


def forget_marks(
    session: Session, lecture_id: uuid.UUID, spans: Collection[CutSpan], said: Quotations
) -> int:
    """Remove the owner's marks inside the spans, and any others whose label quotes what was cut.
    Returns how many there were."""
    marks = session.scalars(select(LectureMark).where(LectureMark.lecture_id == lecture_id)).all()
    gone = [
        each
        for each in marks
        if any(span.start_sec <= each.at_sec <= span.end_sec for span in spans)
        or said.are_in(each.label or "")
    ]
    for mark in gone:
        session.delete(mark)
    session.flush()
    return len(gone)


def forget_answers(session: Session, owner: str, said: Quotations) -> None:
    """Forget kept answers of the owner's writes that quote what was cut."""
    kept = session.scalars(
        select(IdempotencyKey).where(
            IdempotencyKey.scope == owner, IdempotencyKey.response.is_not(None)
        )
    ).all()
    quoting = [each.key for each in kept if said.are_in(_text_of(each.response))]
    session.execute(
        delete(IdempotencyKey).where(
            IdempotencyKey.scope == owner, IdempotencyKey.key.in_(sorted(quoting))
        )
    )


def forget_errors(session: Session, row: Lecture, said: Quotations) -> None:
    """Of an error whose message quotes what was cut, as a service's answer may, the code stays."""
    jobs = select(Job).where(Job.lecture_id == row.id, Job.error.is_not(None)).order_by(Job.id)
    failed: list[Job | Lecture] = [*session.scalars(jobs.with_for_update()).all(), row]
    for each in failed:
        if each.error is not None and said.are_in(_text_of(each.error)):
            each.error = {**each.error, "message": WITHDRAWN}
    session.flush()


def forget_letters(session: Session, lecture_id: uuid.UUID, said: Quotations) -> None:
    """Delete undelivered messages of the lecture that quote what was cut. The caller has locked
    them before the course (`lock_letters`)."""
    letters = session.scalars(select(DeadLetter).where(_about(lecture_id))).all()
    quoting = [each.id for each in letters if said.are_in(f"{each.payload} {each.attributes}")]
    session.execute(delete(DeadLetter).where(DeadLetter.id.in_(quoting)))


def lock_letters(session: Session, lecture_id: uuid.UUID) -> None:
    letters = select(DeadLetter.id).where(_about(lecture_id)).order_by(DeadLetter.id)
    session.execute(letters.with_for_update())


def _about(lecture_id: uuid.UUID) -> ColumnElement[bool]:
    return or_(
        DeadLetter.lecture_id == lecture_id,
        DeadLetter.job_id.in_(select(Job.id).where(Job.lecture_id == lecture_id)),
    )


def _text_of(value: object) -> str:
    """All strings in JSON; what is no word keeps them apart."""
    if isinstance(value, dict):
        return " ".join(map(_text_of, value.values()))
    if isinstance(value, list):
        return " ".join(map(_text_of, value))
    return str(value)
