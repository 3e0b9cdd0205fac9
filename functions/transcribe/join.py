"""The join: all segments' recognitions become the lecture's one transcript."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.transcribe.recognizers.hosted.prices import cost_usd
from functions.transcribe.speech_warnings import speech_warnings
from shared.documents.warnings import read, stored
from shared.errors import NoSpeechError
from shared.fault_points import reach
from shared.log import log
from shared.models import JSON, Cut, Job, Lecture, Segment
from shared.runtime import Runtime
from shared.search.passages import index_transcript
from shared.speech.merging import RecognizedSegment, merge
from shared.speech.recognition import Recognition
from shared.speech.removing import CutSpan, without_spans
from shared.work.leases import Lease
from shared.work.stages import TranscriptionParams
from shared.workers.heartbeat import Heartbeat


def join_segments(rt: Runtime, lease: Lease, _heartbeat: Heartbeat) -> None:
    """Run by the worker that finished last; ends the job, and queues generation and the files that
    need the transcript alone.

    Raises NoSpeechError if the whole lecture contains no speech.
    """
    with rt.database.reading() as session:
        rows = session.scalars(
            select(Segment).where(Segment.job_id == lease.job_id).order_by(Segment.index)
        ).all()
        warnings = read(session.get_one(Job, lease.job_id).warnings)
        cuts = session.scalars(select(Cut).where(Cut.lecture_id == lease.lecture_id)).all()
    segments = [_recognized(rt, lease, row) for row in rows]
    # The recording is silent there: what a recognizer writes all the same was not said.
    spans = [CutSpan(cut.start_sec, cut.end_sec) for cut in cuts]
    transcript = without_spans(merge(segments), spans).transcript
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
            cost=_cost([each.recognition for each in segments]),
        )
        lecture = session.get_one(Lecture, lease.lecture_id)
        rt.jobs.enqueue_next(session, lease, lecture)
        lecture.transcript_object = name
        lecture.language = transcript.language
        lecture.warnings = stored(transcript.warnings)
        lecture.transcript_deleted_at = None
        index_transcript(session, lecture.id, transcript)

    rt.transact(record)
    log.info("transcription.done", segments=len(rows), sec=transcript.duration_sec)


def _recognized(rt: Runtime, lease: Lease, row: Segment) -> RecognizedSegment:
    recognition = Recognition.model_validate_json(rt.store.read(str(row.transcript_object)))
    if not recognition.provider:
        # Stored by an earlier release, whose workers had the settings of this one.
        by = {
            "provider": rt.settings.plc_transcribe_provider,
            "model": TranscriptionParams.of(lease.params).model or rt.settings.transcribe_model,
        }
        recognition = recognition.model_copy(update=by)
    return RecognizedSegment(row.start_sec, row.end_sec, recognition)


def _cost(recognitions: Sequence[Recognition]) -> JSON | None:
    """Of hosted services; segments that a replay took over were paid for as well.

    It names the service and the model that most was paid to.
    """
    billed = [each for each in recognitions if each.billed_calls]
    if not billed:
        return None
    billed_sec: defaultdict[tuple[str, str], float] = defaultdict(float)
    for each in billed:
        billed_sec[each.provider, each.model] += each.billed_sec
    prices = [cost_usd(model, billed_sec=sec) for (_, model), sec in billed_sec.items()]
    provider, model = max(billed_sec, key=lambda by: billed_sec[by])
    return {
        "calls": sum(each.billed_calls for each in billed),
        "audio_sec": round(sum(billed_sec.values()), 3),
        "usd": None if None in prices else sum(price for price in prices if price is not None),
        "provider": provider,
        "model": model,
    }
