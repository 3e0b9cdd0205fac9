"""The transcript of the segments recognized so far, while the others still run."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.ingest.lectures.retention_dates import no_transcript
from functions.ingest.schemas.transcript import PartialTranscriptResponse, Span
from shared.documents.transcript import Transcript
from shared.documents.warnings import read
from shared.errors import NotFoundError
from shared.models import Job, JobType, Lecture, Segment, WorkStatus
from shared.runtime import Runtime
from shared.speech.merging import RecognizedSegment, merge
from shared.speech.recognition import Recognition
from shared.work.stages import is_silencing

AT_ONCE = 8
"""Recognitions that are read at the same time: a long lecture has dozens."""


def partial_transcript(rt: Runtime, lecture: Lecture) -> PartialTranscriptResponse:
    """The transcript if there is one, else what its finished segments say.

    Raises NotFoundError if the lecture is not being transcribed, or its transcript was deleted.
    """
    if lecture.transcript_object is not None:
        transcript = Transcript.model_validate_json(rt.store.read(lecture.transcript_object))
        return _response(lecture, transcript, pending=(), complete=True)
    with rt.database.reading() as session:
        job = _last_transcription(session, lecture)
        segments = session.scalars(
            select(Segment).where(Segment.job_id == job.id).order_by(Segment.index)
        ).all()
    transcript = merge(_recognized(rt, segments), warnings=read(job.warnings))
    pending = tuple(_pending(segments, lecture, all_cut=job.segment_count is not None))
    return _response(lecture, transcript, pending=pending, complete=False)


def _last_transcription(session: Session, lecture: Lecture) -> Job:
    job = session.scalar(
        select(Job)
        .where(Job.lecture_id == lecture.id, Job.type == JobType.TRANSCRIPTION, ~is_silencing)
        .order_by(Job.created_at.desc())
        .limit(1)
    )
    # Of one that has succeeded there was a transcript: what is promised to be gone is gone.
    if job is None or job.status == WorkStatus.SUCCEEDED:
        if lecture.transcript_deleted_at is not None:
            raise no_transcript(lecture)
        raise NotFoundError("The lecture is not being transcribed.")
    return job


def _recognized(rt: Runtime, segments: Sequence[Segment]) -> list[RecognizedSegment]:
    done = [
        (segment, segment.transcript_object)
        for segment in segments
        if segment.status == WorkStatus.SUCCEEDED and segment.transcript_object is not None
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        read = pool.map(rt.store.read, [name for _, name in done])
        return [
            RecognizedSegment(
                start_sec=segment.start_sec,
                end_sec=segment.end_sec,
                recognition=Recognition.model_validate_json(data),
            )
            for (segment, _), data in zip(done, read, strict=True)
        ]


def _pending(segments: Sequence[Segment], lecture: Lecture, *, all_cut: bool) -> Iterator[Span]:
    """Neighbours make one; what is not cut yet is pending too."""
    begun: Span | None = None
    for segment in segments:
        if segment.status == WorkStatus.SUCCEEDED:
            if begun is not None:
                yield begun
            begun = None
        else:
            start_sec = segment.start_sec if begun is None else begun.start_sec
            begun = Span(start_sec=start_sec, end_sec=segment.end_sec)
    if not all_cut:
        cut_sec = segments[-1].end_sec if segments else 0.0
        known = lecture.duration_sec is not None and lecture.duration_sec > cut_sec
        begun = Span(
            start_sec=cut_sec if begun is None else begun.start_sec,
            end_sec=lecture.duration_sec if known else None,
        )
    if begun is not None:
        yield begun


def _response(
    lecture: Lecture, transcript: Transcript, *, pending: tuple[Span, ...], complete: bool
) -> PartialTranscriptResponse:
    return PartialTranscriptResponse(
        lecture_id=lecture.slug,
        complete=complete,
        language=transcript.language if transcript.utterances else None,
        utterances=transcript.utterances,
        pending=pending,
        warnings=transcript.warnings,
    )
