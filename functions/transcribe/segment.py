"""One segment: fetch its audio, recognize it, and join the lecture if it was the last."""

from functools import partial

from sqlalchemy.orm import joinedload

from functions.transcribe.join import join_segments
from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.recognizers.loaded import recognizer_for, require_provider
from functions.transcribe.speech.segment_audio import read_segment
from functions.transcribe.vocabulary.confirming import has_surely
from shared.courses.vocabulary import vocabulary_of
from shared.fault_points import reach
from shared.log import bind, log
from shared.messaging.events import SegmentMessage
from shared.models import Job, Lecture, Segment, WorkStatus
from shared.runtime import Runtime
from shared.speech import spoken_language
from shared.speech.recognition import UNDETERMINED
from shared.work.leases import Lease, SegmentLease
from shared.work.retry import Failure
from shared.work.stages import TranscriptionParams
from shared.workers.heartbeat import Heartbeat
from shared.workers.outcomes import DUPLICATE, Outcome
from shared.workers.worker import work_under_lease


def transcribe_segment(rt: Runtime, message: SegmentMessage) -> Outcome:
    bind(job=str(message.job_id), segment=message.index)
    lease = rt.segments.claim(message.job_id, message.index)
    if lease is None:
        log.info("segment.not_claimed")
        return DUPLICATE
    bind(attempt=lease.attempt)
    work_id = f"{message.job_id}/{message.index}"
    reach("segment.claimed", work_id)
    join: Lease | None = None

    def work(lease: SegmentLease, heartbeat: Heartbeat) -> None:
        nonlocal join
        name = _recognize(rt, lease)
        heartbeat.check()
        join = rt.segments.complete(lease, name)

    outcome = work_under_lease(rt, lease, work, renew=rt.segments.renew, fail=rt.segments.fail)
    reach("segment.ended", work_id)
    if join is not None:
        # The segment is done whatever becomes of this: the job has a message of its own.
        work_under_lease(
            rt,
            join,
            partial(join_segments, rt),
            renew=rt.jobs.renew,
            fail=partial(_fail_join, rt),
        )
    return outcome


def _recognize(rt: Runtime, lease: SegmentLease) -> str:
    """Write the segment's recognition; returns the object's name."""
    with rt.database.reading() as session:
        job = session.get_one(
            Job, lease.job_id, options=[joinedload(Job.lecture).joinedload(Lecture.course)]
        )
        vocabulary = vocabulary_of(session, job.lecture.course, job.lecture)
    asked = TranscriptionParams.of(job.params)
    require_provider(rt.settings, asked.provider)
    recognizer = recognizer_for(rt.settings, asked.model or rt.settings.transcribe_model)
    recognition = recognizer.recognize(
        read_segment(rt.store.read(lease.audio_object)),
        language=_language(rt, job, recognizer),
        vocabulary=vocabulary.confirmed(partial(has_surely, rt.store)),
        strict=asked.strict and asked.language is not None,
    ).model_copy(update={"provider": recognizer.provider, "model": recognizer.model})
    name = rt.names.segment_transcript(lease.job_id, lease.index, lease.attempt)
    rt.store.create(name, recognition.to_json(), "application/json")
    reach("segment.stored", f"{lease.job_id}/{lease.index}")
    log.info(
        "segment.recognized",
        words=len(recognition.words),
        withheld=recognition.withheld,
        language=recognition.language,
    )
    return name


def _language(rt: Runtime, job: Job, recognizer: Recognizer) -> str | None:
    """The lecture's language, as requested or detected once for all of its segments.

    None where it cannot be determined: for segments of jobs cut by older code, where the cut is
    being repeated, and where voice activity took something else for speech.
    """
    known = TranscriptionParams.of(job.params).language or job.spoken_language
    if known or job.language_segment is None:
        return known
    with rt.database.reading() as session:
        source = session.get(Segment, (job.id, job.language_segment))
    if source is None:
        return None
    told = recognizer.detect_language(read_segment(rt.store.read(source.audio_object)))
    if told.language == UNDETERMINED:
        return None
    log.info("language.told", language=told.language, probability=round(told.probability, 2))
    return spoken_language.settle(rt.transactions, job.id, told.language)


def _fail_join(rt: Runtime, lease: Lease, failure: Failure) -> WorkStatus:
    status = rt.jobs.fail(lease, failure)
    if status == WorkStatus.QUEUED:
        rt.transact(lambda session: rt.jobs.notify(session, lease.job_id, lease.type))
    return status
