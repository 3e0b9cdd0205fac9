"""The join: all segments' recognitions become the lecture's one transcript."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.transcribe.recognizers.hosted.prices import cost_usd
from functions.transcribe.speech_warnings import speech_warnings
from shared.documents.warnings import read, stored
from shared.errors import NoSpeechError
from shared.log import log
from shared.models import JSON, Job, JobType, Lecture, Segment
from shared.runtime import Runtime
from shared.search.passages import index_transcript
from shared.speech.merging import RecognizedSegment, merge
from shared.speech.recognition import Recognition
from shared.work.fault_points import reach
from shared.work.heartbeat import Heartbeat
from shared.work.leases import Lease


def join_segments(rt: Runtime, lease: Lease, _heartbeat: Heartbeat) -> None:
    """The work of whoever finished last; ends the job and queues generation.

    Raises NoSpeechError if nobody says a word in the whole lecture.
    """
    with rt.database.reading() as session:
        rows = session.scalars(
            select(Segment).where(Segment.job_id == lease.job_id).order_by(Segment.index)
        ).all()
        warnings = read(session.get_one(Job, lease.job_id).warnings)
    segments = [_recognized(rt, row) for row in rows]
    provider = rt.settings.plc_transcribe_provider
    model = lease.params["model"] or rt.settings.transcribe_model
    transcript = merge(segments, provider=provider, model=model)
    if not transcript.utterances:
        raise NoSpeechError()
    spoken = speech_warnings(transcript, [each.recognition for each in segments])
    transcript = transcript.model_copy(update={"warnings": (*warnings, *spoken)})
    name = rt.names.transcript(lease.lecture_id, lease.job_id, lease.attempt)
    rt.store.create(name, transcript.to_json(), "application/json")
    reach("join.stored", lease.job_id)

    def record(session: Session) -> None:
        rt.jobs.complete(
            session,
            lease,
            result={
                "transcript": rt.store.uri(name),
                "language": transcript.language,
                "durationSec": transcript.duration_sec,
                "segments": len(rows),
                "utterances": len(transcript.utterances),
            },
            cost=_cost([each.recognition for each in segments], provider, model),
        )
        lecture = session.get_one(Lecture, lease.lecture_id)
        rt.jobs.enqueue(
            session,
            lecture_id=lecture.id,
            type=JobType.GENERATION,
            params={"preset_id": lecture.preset_id},
            new_input=True,
        )
        lecture.transcript_object = name
        lecture.language = transcript.language
        lecture.warnings = stored(transcript.warnings)
        lecture.transcript_deleted_at = None
        index_transcript(session, lecture.id, transcript)

    rt.transact(record)
    log.info("transcription.done", segments=len(rows), sec=transcript.duration_sec)


def _recognized(rt: Runtime, row: Segment) -> RecognizedSegment:
    return RecognizedSegment(
        start_sec=row.start_sec,
        end_sec=row.end_sec,
        recognition=Recognition.model_validate_json(rt.store.read(str(row.transcript_object))),
    )


def _cost(recognitions: Sequence[Recognition], provider: str, model: str) -> JSON | None:
    """Of a hosted service; segments that a replay took over were paid for all the same."""
    calls = sum(each.billed_calls for each in recognitions)
    if not calls:
        return None
    billed_sec = sum(each.billed_sec for each in recognitions)
    return {
        "calls": calls,
        "audio_sec": round(billed_sec, 3),
        "usd": cost_usd(model, billed_sec=billed_sec),
        "provider": provider,
        "model": model,
    }
