"""Cutting spans of time out of a lecture (docs/decisions/041-cuts.md).

From the commit on no word of the span can be read and the recording is withheld; a transcription
job silences it. Times do not move, so no ETag is asked for: a cut names seconds, which mean the
same in every revision.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from functions.ingest.corrections.heard import Heard, heard
from functions.ingest.corrections.withdrawing import (
    forget_answers,
    forget_edits,
    forget_errors,
    forget_letters,
    forget_marks,
    forget_recognition,
    forget_terms,
    forget_transcript,
    lock_letters,
    replace_transcript,
    withdraw_material,
)
from functions.ingest.lectures.lookup import no_lecture
from shared.accounts.exports import end_exports
from shared.database.locks import lock_with_course
from shared.deletion import audit
from shared.deletion.superseded import folders_before, purge_superseded
from shared.documents.artifacts import ArtifactType
from shared.errors import (
    ConflictError,
    ContendedError,
    LectureRestrictedError,
    TooManyCutsError,
    TranscriptEmptyError,
    TranscriptionRunningError,
)
from shared.fault_points import reach
from shared.log import log
from shared.models import (
    LIVE,
    ArtifactRow,
    Cut,
    DeletionOutcome,
    Job,
    JobType,
    Lecture,
)
from shared.runtime import Runtime
from shared.speech.quoting import Quotations
from shared.speech.removing import CutSpan, Removal, united, widened
from shared.work.stages import GenerationParams, TranscriptionParams, is_silencing
from shared.work.transcript_files import renew_transcript_files

MOST_CUTS = 200
"""Of one lecture."""
ATTEMPTS = 5
"""How often a cut is prepared again because a correction or a generation came between."""


@dataclass(frozen=True)
class Done:
    """What came of a cut."""

    utterances: int
    """How many of the transcript are gone or not as they were."""
    silencing: uuid.UUID | None
    """The job that silences the recording, if there is one to silence."""
    generation: uuid.UUID | None
    """The job that makes the material again, if something was withdrawn that can be made again."""


@dataclass(frozen=True)
class _Plan:
    """A cut, prepared from what is known of the lecture's words."""

    known: Heard
    spans: tuple[CutSpan, ...]
    """Those that were asked for, with whole words."""
    object: str | None
    """The transcript without them, which is stored; None if the current one has nothing of it."""
    is_new: bool


class _ChangedMeanwhile(Exception):  # noqa: N818 - it is no error of a caller
    """The lecture's words are not those that the cut was prepared from."""


def cuts_of(session: Session, lecture_id: uuid.UUID) -> Sequence[Cut]:
    """In the order of their times."""
    return session.scalars(
        select(Cut).where(Cut.lecture_id == lecture_id).order_by(Cut.start_sec, Cut.id)
    ).all()


def spans_in(detail: str) -> Sequence[CutSpan]:
    """Those that an entry of the audit names."""
    found = re.findall(r"([\d.]+)-([\d.]+) s", detail)
    return [CutSpan(float(start), float(end)) for start, end in found]


def cut_lecture(rt: Runtime, lecture: Lecture, asked: Sequence[CutSpan]) -> Done:
    """Cut spans out of a lecture. Sent again it changes nothing, and starts the silencing again if
    that has failed.

    Raises NotFoundError, LectureRestrictedError, ConflictError if there is nothing to cut from,
    TranscriptionRunningError, TranscriptEmptyError, TooManyCutsError, ContendedError.
    """
    for _ in range(ATTEMPTS):
        plan = _prepare(rt, lecture, asked)
        reach("lecture_cut.stored", lecture.id)
        try:
            done = rt.transact(partial(_record, rt, lecture, plan))
        except _ChangedMeanwhile:
            continue
        reach("lecture_cut.committed", lecture.id)
        _purge(rt, lecture.id)
        log.info("lecture.cut", lecture=str(lecture.id), utterances=done.utterances)
        return done
    raise ContendedError()


def _prepare(rt: Runtime, lecture: Lecture, asked: Sequence[CutSpan]) -> _Plan:
    with rt.database.reading() as session:
        row = session.get(Lecture, lecture.id)
        if row is None:
            raise no_lecture(lecture.slug)
        before = united(map(_span_of, cuts_of(session, lecture.id)))
    known = heard(rt, row)
    transcript = known.transcript
    spans = united(widened(each, transcript) if transcript else each for each in asked)
    removals = known.removals(united([*before, *spans]))
    is_new = any(each.removed for each in removals.values()) or not _are_held(spans, before)
    if not is_new or known.current is None or not (gone := removals[known.current]).removed:
        return _Plan(known, spans, None, is_new)
    if not gone.transcript.utterances:
        raise TranscriptEmptyError()
    name = rt.names.corrected_transcript(lecture.id, rt.new_id())
    rt.store.create(name, gone.transcript.to_json(), "application/json")
    return _Plan(known, spans, name, is_new)


def _record(rt: Runtime, lecture: Lecture, plan: _Plan, session: Session) -> Done:
    if plan.is_new:
        end_exports(session, lecture.owner, now=rt.clock())
        lock_letters(session, lecture.id)
    row = lock_with_course(session, lecture.id)
    if row is None:
        raise no_lecture(lecture.slug)
    _require_at_rest(session, row)
    if not plan.known.is_current(session, row):
        raise _ChangedMeanwhile
    before = cuts_of(session, row.id)
    if not plan.is_new or _is_done(plan, before):
        return Done(0, _silence(rt, session, row), None)
    if len(before) + len(plan.spans) > MOST_CUTS:
        raise TooManyCutsError()
    preset_id = _preset_of(session, row)
    spans = united([*map(_span_of, before), *plan.spans])
    utterances = _withdraw(rt, session, row, plan, plan.known.removals(spans))
    silencing = _silence(rt, session, row)
    generation = None
    if row.transcript_object is not None and row.material_deleted_at is None:
        params = GenerationParams(preset_id=preset_id)
        generation = rt.jobs.enqueue(session, lecture_id=row.id, params=params).job_id
        renew_transcript_files(rt.jobs, session, row.id)
    return Done(utterances, silencing, generation)


def _require_at_rest(session: Session, row: Lecture) -> None:
    if row.restricted_at is not None:
        raise LectureRestrictedError()
    if row.source_generation is None:
        raise ConflictError("The recording has not arrived yet.")
    transcribing = exists().where(
        Job.lecture_id == row.id,
        Job.type == JobType.TRANSCRIPTION,
        Job.status.in_(LIVE),
        ~is_silencing,
    )
    if session.scalar(select(transcribing)):
        raise TranscriptionRunningError(
            "The lecture is being transcribed: cut it once it has its transcript."
        )


def _is_done(plan: _Plan, cuts: Sequence[Cut]) -> bool:
    """Whether another request has just cut the same."""
    before = united(map(_span_of, cuts))
    return plan.object is None and _are_held(plan.spans, before)


def _are_held(spans: Sequence[CutSpan], by: Sequence[CutSpan]) -> bool:
    return all(any(one.holds(span) for one in by) for span in spans)


def _withdraw(
    rt: Runtime, session: Session, row: Lecture, plan: _Plan, removals: Mapping[str, Removal]
) -> int:
    """Withdraw all that holds the spans, and order that its objects are deleted. Returns how many
    utterances of the transcript are gone or not as they were."""
    folders = folders_before(rt, session, row.id)
    forget_recognition(session, row.id)
    folders += withdraw_material(rt, session, row)
    folders += [name for name in removals if plan.object or name != plan.known.current]
    texts = [text for each in removals.values() for text in each.removed]
    said, stays, utterances = Quotations(texts), "", 0
    if plan.known.is_lost:
        forget_transcript(session, row)
    elif plan.known.current is not None:
        remaining = removals[plan.known.current]
        stays = remaining.transcript.text
        utterances = replace_transcript(session, row, remaining, plan.object, now=rt.clock())
    forget_terms(session, row, " ".join(texts), stays)
    edits = forget_edits(session, row.id, said, plan.known.cited_in(plan.spans))
    if edits + forget_marks(session, row.id, plan.spans, said):
        row.items_edited_at = rt.clock()
    forget_answers(session, row.owner, said)
    forget_letters(session, row.id, said)
    forget_errors(session, row, said)
    _add(rt, session, row, plan.spans, folders)
    row.updated_at = rt.clock()
    session.flush()
    return utterances


def _add(
    rt: Runtime, session: Session, row: Lecture, spans: Sequence[CutSpan], folders: Sequence[str]
) -> None:
    """The cuts, of which the first is the order to delete the objects."""
    now = rt.clock()
    there = _has_recording(row)
    session.add_all(
        Cut(
            id=rt.new_id(),
            lecture_id=row.id,
            start_sec=span.start_sec,
            end_sec=span.end_sec,
            created_at=now,
            silenced_at=None if there else now,
            folders=sorted({*folders}) if place == 0 else [],
            purge_due_at=now,
            purges=0,
        )
        for place, span in enumerate(spans)
    )
    detail = ", ".join(f"{span.start_sec:.3f}-{span.end_sec:.3f} s" for span in spans)
    entry = audit.Entry(f"lecture:{row.id}", audit.OWNER, lecture_id=row.id)
    conclusion = audit.Conclusion(DeletionOutcome.CUT, detail)
    audit.record(rt, session, [(entry, conclusion)])
    session.flush()


def _silence(rt: Runtime, session: Session, row: Lecture) -> uuid.UUID | None:
    """Have the recording silenced where it is not. One that is at it begins again at its end."""
    waiting = exists().where(Cut.lecture_id == row.id, Cut.silenced_at.is_(None))
    if not _has_recording(row) or not session.scalar(select(waiting)):
        return None
    params = TranscriptionParams(silencing=True)
    return rt.jobs.enqueue(session, lecture_id=row.id, params=params, new_input=True).job_id


def _has_recording(row: Lecture) -> bool:
    return row.source_generation is not None and row.raw_deleted_at is None


def _preset_of(session: Session, row: Lecture) -> str:
    """Of the material that there is; without it, the one that the lecture's owner has chosen."""
    made = select(ArtifactRow.preset_id).where(
        ArtifactRow.lecture_id == row.id, ArtifactRow.type == ArtifactType.SUMMARY
    )
    return session.scalar(made) or row.preset_id


def _span_of(cut: Cut) -> CutSpan:
    return CutSpan(cut.start_sec, cut.end_sec)


def _purge(rt: Runtime, lecture_id: uuid.UUID) -> None:
    """Delete now what can be; what cannot, the sweep does."""
    try:
        purge_superseded(rt, lecture_id)
    except Exception as error:
        # Nothing of it can be read any more and the order stands, so the answer is not an error.
        log.warning("purge.pending", lecture=str(lecture_id), reason=type(error).__name__)
