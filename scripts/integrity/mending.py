"""Mending what was found: make again what is missing, delete unreferenced objects.

A lecture in use is not mended, and every step is idempotent.
"""

import uuid
from collections.abc import Iterator, Sequence

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from scripts.integrity.checking import Checked, Finding
from shared.deletion import audit
from shared.models import (
    LIVE,
    DeletionOutcome,
    Job,
    JobType,
    Lecture,
    Segment,
    TranscriptRevision,
    WorkStatus,
)
from shared.runtime import Runtime
from shared.storage.integrity import Kind
from shared.work.stages import PARTIAL, STAGES, TRANSCRIPT_FILES_PARAMS, Params

ACTOR = "operator:integrity"

IN_USE = "left alone: in use by a job or a deletion"
CANNOT = "cannot be mended"


def mend(rt: Runtime, checked: Checked) -> Iterator[tuple[Finding, str, bool]]:
    """For each finding what became of it, and whether that mends it."""
    left_over = [each for each in checked.findings if each.problem == "object_without_row"]
    broken = [each for each in checked.findings if each.problem != "object_without_row"]
    yield from _delete(rt, left_over)
    if not broken:
        return
    if checked.situation is None or checked.situation.in_use:
        fate, mended = IN_USE, False
    elif checked.group.of_job:
        fate, mended = _forget_segments(rt, checked.group.key), True
    else:
        yield from _make_again(rt, checked.group.key, broken)
        return
    for each in broken:
        yield each, fate, mended


def _delete(rt: Runtime, findings: Sequence[Finding]) -> Iterator[tuple[Finding, str, bool]]:
    """The audit first: a crash in between leaves a deletion that was intended and is seen."""
    there = [(each, each.stored) for each in findings if each.stored is not None]
    with rt.transaction() as tx:
        intended = audit.intend(
            rt,
            tx.session,
            [
                audit.Entry(
                    audit.subject_of(rt, each.name),
                    ACTOR,
                    generation=stored.generation,
                    lecture_id=each.lecture_id,
                    size=stored.size,
                )
                for each, stored in there
            ],
        )
        tx.commit()
    for (each, stored), key in zip(there, intended, strict=True):
        deleted = rt.store.delete(each.name, generation=stored.generation)
        conclusion = audit.DELETED if deleted else audit.ALREADY_GONE
        with rt.transaction() as tx:
            audit.conclude(tx.session, {key: conclusion})
            tx.commit()
        yield each, conclusion.outcome.replace("_", " "), True


def _forget_segments(rt: Runtime, job_id: uuid.UUID) -> str:
    """As if the lecture had never been cut: a replay starts from the recording."""
    with rt.transaction() as tx:
        job = tx.session.scalar(
            select(Job).where(Job.id == job_id, Job.status == WorkStatus.FAILED).with_for_update()
        )
        if job is not None:
            tx.session.execute(delete(Segment).where(Segment.job_id == job_id))
            job.segment_count = None
        tx.commit()
    return "a replay of the job will cut the recording again"


def _make_again(
    rt: Runtime, lecture_id: uuid.UUID, broken: Sequence[Finding]
) -> Iterator[tuple[Finding, str, bool]]:
    kinds = {each.expected.kind for each in broken if each.expected is not None}
    recording = next((each for each in broken if _kind(each) == "recording"), None)
    if recording is not None:
        yield recording, *_give_recording_up(rt, recording)
    revisions = [each for each in broken if _kind(each) == "revision"]
    for each in revisions:
        yield each, *_give_revision_up(rt, each)
    # The first stage that is needed brings the others after it.
    wanted = next((type for type, stage in STAGES.items() if stage.makes in kinds), None)
    if wanted is None:
        return
    fate, mended = _queue(rt, lecture_id, wanted, recording_is_broken=recording is not None)
    for each in broken:
        if each is not recording and each not in revisions:
            yield each, fate, mended


def _kind(finding: Finding) -> Kind | None:
    return finding.expected.kind if finding.expected else None


def _give_recording_up(rt: Runtime, finding: Finding) -> tuple[str, bool]:
    """A recording cannot be made again. One that is gone is recorded as gone."""
    if finding.problem != "row_without_object" or finding.expected is None:
        return CANNOT, False
    with rt.transaction() as tx:
        gone = tx.session.scalar(
            update(Lecture)
            .where(
                Lecture.id == finding.lecture_id,
                Lecture.source_object == finding.name,
                Lecture.source_generation == finding.expected.generation,
                Lecture.raw_deleted_at.is_(None),
                ~exists().where(Job.lecture_id == Lecture.id, Job.status.in_(LIVE)),
            )
            .values(raw_deleted_at=rt.clock())
            .returning(Lecture.id)
        )
        if gone is None:
            return IN_USE, False
        entry = audit.Entry(
            audit.subject_of(rt, finding.name), ACTOR, finding.expected.generation, gone
        )
        missing = audit.Conclusion(DeletionOutcome.FOUND_MISSING)
        audit.record(rt, tx.session, [(entry, missing)])
        tx.commit()
    return f"{CANNOT}: recorded as gone", False


def _give_revision_up(rt: Runtime, finding: Finding) -> tuple[str, bool]:
    """A replaced transcript cannot be made again either, and nothing depends on it."""
    if finding.problem != "row_without_object":
        return CANNOT, False
    with rt.transaction() as tx:
        tx.session.execute(
            delete(TranscriptRevision).where(TranscriptRevision.object == finding.name)
        )
        tx.commit()
    return "the earlier revision is gone: no longer listed", True


def _queue(
    rt: Runtime, lecture_id: uuid.UUID, type: JobType, *, recording_is_broken: bool
) -> tuple[str, bool]:
    with rt.transaction() as tx:
        lecture = tx.session.get(Lecture, lecture_id)
        if lecture is None:
            return "deleted meanwhile", True
        if lecture.restricted_at is not None:
            return f"{CANNOT}: the lecture is restricted", False
        if type is JobType.TRANSCRIPTION and recording_is_broken:
            return f"{CANNOT}: the recording is gone", False
        missing = STAGES[type].missing(tx.session, lecture)
        if missing and type is JobType.EXPORT and lecture.transcript_object is not None:
            # Without its material, it has had the files of its transcript.
            params: Params = TRANSCRIPT_FILES_PARAMS
        elif missing:
            return f"{CANNOT}: the {missing.what} is gone", False
        else:
            params = _params(tx.session, lecture, type)
        enqueued = rt.jobs.enqueue(tx.session, lecture_id=lecture.id, params=params)
        tx.commit()
    return f"{type.value} queued: job {enqueued.job_id}", True


def _params(session: Session, lecture: Lecture, type: JobType) -> Params:
    """Those of the last such job that did all of it, since a client may have chosen them."""
    last = session.scalar(
        select(Job.params)
        .where(Job.lecture_id == lecture.id, Job.type == type)
        .where(*(~Job.params.has_key(key) for key in PARTIAL))
        .order_by(Job.created_at.desc(), Job.id)
        .limit(1)
    )
    params = STAGES[type].params
    return params.defaults(lecture) if last is None else params.of(last)
