"""The transcription job: cut the lecture, hand it to its segments, merge if they are done.

Before it hears anything it silences what was cut out of the recording; one that only silences ends
there.

It may die anywhere and be run again: segments that are recorded are not made twice,
and a job whose cutting is complete continues where it stood.
"""

from dataclasses import asdict, dataclass
from functools import partial

from sqlalchemy.orm import Session

from functions.transcribe.audio.memory import return_large_arrays
from functions.transcribe.audio.recording import decoded_recording
from functions.transcribe.audio.report import DecodingReport
from functions.transcribe.audio.warnings import warnings_of
from functions.transcribe.dispatching import Dispatcher
from functions.transcribe.join import join_segments
from functions.transcribe.silencing.recording import end_silencing, silence_recording
from functions.transcribe.speech.cutting import cut
from functions.transcribe.speech.planning import segment_length
from shared.auth.daily_usage import count_audio_up_to, is_limited
from shared.documents.warnings import Warnings, stored
from shared.errors import ObjectMissingError, UploadTooLongError
from shared.fault_points import reach
from shared.log import log
from shared.messaging.events import JobMessage
from shared.models import Job, JobType, Lecture
from shared.runtime import Runtime
from shared.work.leases import Lease
from shared.work.stages import TranscriptionParams
from shared.workers.heartbeat import Heartbeat
from shared.workers.outcomes import Outcome
from shared.workers.worker import run_job


@dataclass(frozen=True)
class _CutRecording:
    segments: int
    duration_sec: float
    """Counted in samples."""
    warnings: Warnings


def transcribe_lecture(rt: Runtime, message: JobMessage) -> Outcome:
    """Do the transcription job a message names, as far as one function goes.

    The job is still running afterwards, on its segments' lease, unless all of them were
    finished already. It fails with NotAudioError, NoSpeechError, UploadTooLongError,
    DailyLimitReachedError, ObjectMissingError or RecordingNotSilencedError.
    """
    return run_job(rt, message.job_id, JobType.TRANSCRIPTION, partial(_transcribe, rt))


def _transcribe(rt: Runtime, lease: Lease, heartbeat: Heartbeat) -> None:
    silence_recording(rt, lease, heartbeat)
    if TranscriptionParams.of(lease.params).silencing:
        end_silencing(rt, lease)
        return
    count, cut_now = _already_cut(rt, lease), None
    if count is None:
        cut_now = _cut(rt, lease, heartbeat)
        count = cut_now.segments

    def hand_over(session: Session) -> Lease | None:
        join = rt.segments.hand_over(session, lease, count)
        if cut_now is not None:
            # Counted in samples: the header's word, if there was one, ends here.
            session.get_one(Lecture, lease.lecture_id).duration_sec = cut_now.duration_sec
            session.get_one(Job, lease.job_id).warnings = stored(cut_now.warnings)
        return join

    join = rt.transact(hand_over)
    reach("cut.handed_over", lease.job_id)
    log.info("transcription.handed_over", segments=count)
    if join is not None:
        join_segments(rt, join, heartbeat)


def _already_cut(rt: Runtime, lease: Lease) -> int | None:
    """The number of segments, if this job or the one it replays was cut to the end."""

    def adopt(session: Session) -> int | None:
        adopted = rt.segments.adopt(session, lease)
        return session.get_one(Job, lease.job_id).segment_count or adopted

    return rt.transact(adopt)


def _cut(rt: Runtime, lease: Lease, heartbeat: Heartbeat) -> _CutRecording:
    """Decode the recording, cut it and dispatch its segments."""
    with rt.database.reading() as session:
        lecture = session.get_one(Lecture, lease.lecture_id)
    if lecture.raw_deleted_at is not None:
        raise ObjectMissingError("The recording has been deleted.")
    limit = rt.settings.plc_max_audio_duration_sec
    target_sec = segment_length(
        lecture.duration_sec,
        workers=rt.settings.plc_segment_workers,
        longest_sec=rt.settings.plc_segment_target_sec,
    )
    return_large_arrays()
    dispatcher = Dispatcher(rt, lease)
    limited, counted_sec = is_limited(lecture.owner), lecture.counted_audio_sec
    end_sec = 0.0
    report = DecodingReport()
    opened = partial(rt.store.open, lecture.source_object, generation=lecture.source_generation)
    language = TranscriptionParams.of(lease.params).language
    with decoded_recording(opened, language=language, report=report) as blocks:
        for segment in cut(blocks, target_sec=target_sec):
            heartbeat.check()
            if segment.end_sec > limit:
                # Headers may have said anything; this is what there is to hear.
                raise UploadTooLongError(f"The recording is longer than {limit / 3600:g} hours.")
            if limited and segment.end_sec > counted_sec:
                counted_sec = _count_audio(rt, lecture, segment.end_sec)
            dispatcher.take(segment)
            end_sec = segment.end_sec
            rt.jobs.report(lease, {"segments": segment.index + 1, "cutSec": end_sec})
            del segment  # its samples, before those of the next are gathered
    log.info("recording.decoded", **asdict(report))
    return _CutRecording(dispatcher.finish(), end_sec, warnings_of(report))


def _count_audio(rt: Runtime, lecture: Lecture, end_sec: float) -> float:
    """Count what the header did not state, before its recognition is paid for.

    Returns up to where the lecture is counted. Raises DailyLimitReachedError.
    """
    with rt.transaction() as tx:
        count_audio_up_to(tx.session, rt.settings, lecture, end_sec, rt.clock())
        tx.commit()
    return end_sec
