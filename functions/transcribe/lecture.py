"""The transcription job: cut the lecture, hand it to its segments, merge if they are done.

It may die anywhere and be run again: segments that are recorded are not made twice,
and a job whose cutting is complete goes on where it stood.
"""

from collections.abc import Mapping
from functools import partial

from functions.transcribe.cutting import CutSegment, cut
from functions.transcribe.flac import encode_flac
from functions.transcribe.joining import join_segments
from shared.errors import ObjectMissingError, UploadTooLongError
from shared.events import JobMessage
from shared.fault_points import reach
from shared.heartbeat import Heartbeat
from shared.leases import Lease
from shared.log import log
from shared.models import Job, JobType, Lecture
from shared.outcomes import Outcome
from shared.runtime import Runtime
from shared.segments import Span
from shared.worker import run_job


def transcribe_lecture(rt: Runtime, message: JobMessage) -> Outcome:
    """Do the transcription job a message names, as far as one function goes.

    The job is still running afterwards, on its segments' lease, unless all of them were
    finished already. It fails with NotAudioError, NoSpeechError, UploadTooLongError or
    ObjectMissingError.
    """
    return run_job(rt, message.job_id, JobType.TRANSCRIPTION, partial(_transcribe, rt))


def _transcribe(rt: Runtime, lease: Lease, heartbeat: Heartbeat) -> None:
    count, duration_sec = _already_cut(rt, lease), None
    if count is None:
        count, duration_sec = _cut(rt, lease, heartbeat)
    with rt.database.unit_of_work() as session:
        join = rt.segments.hand_over(session, lease, count)
        if duration_sec is not None:
            # Counted in samples: the header's word, if there was one, ends here.
            session.get_one(Lecture, lease.lecture_id).duration_sec = duration_sec
        session.commit()
    reach("cut.handed_over", lease.job_id)
    log.info("transcription.handed_over", segments=count)
    if join is not None:
        join_segments(rt, join, heartbeat)


def _already_cut(rt: Runtime, lease: Lease) -> int | None:
    """The number of segments, if this job or the one it replays was cut to the end."""
    with rt.database.unit_of_work() as session:
        adopted = rt.segments.adopt(session, lease)
        session.commit()
        rt.outbox.publish(session)
        return session.get_one(Job, lease.job_id).segment_count or adopted


def _cut(rt: Runtime, lease: Lease, heartbeat: Heartbeat) -> tuple[int, float]:
    """Cut and dispatch; returns how many segments there are and how many seconds they last."""
    with rt.database.unit_of_work() as session:
        lecture = session.get_one(Lecture, lease.lecture_id)
    if lecture.raw_deleted_at is not None:
        raise ObjectMissingError("The recording has been deleted.")
    known = rt.segments.known(lease.job_id)
    count, end_sec = 0, 0.0
    limit = rt.settings.plc_max_audio_duration_sec
    with rt.store.open(lecture.source_object, generation=lecture.source_generation) as stream:
        for segment in cut(stream, target_sec=rt.settings.plc_segment_target_sec):
            heartbeat.check()
            if segment.end_sec > limit:
                # Headers may have said anything; this is what there is to hear.
                raise UploadTooLongError(f"The recording is longer than {limit / 3600:g} hours.")
            if known.get(segment.index) != segment.span:
                if segment.index in known:
                    known = _forget_from(rt, lease, segment.index)
                _dispatch(rt, lease, segment)
            count, end_sec = segment.index + 1, segment.end_sec
            rt.jobs.report(lease, {"segments": count, "cutSec": end_sec})
    if any(index >= count for index in known):
        _forget_from(rt, lease, count)
    return count, end_sec


def _forget_from(rt: Runtime, lease: Lease, index: int) -> Mapping[int, Span]:
    """An earlier attempt cut the lecture otherwise: under other settings, by older code."""
    with rt.database.unit_of_work() as session:
        rt.segments.forget_from(session, lease, index)
        session.commit()
    log.warning("segments.cut_anew", index=index)
    return rt.segments.known(lease.job_id)


def _dispatch(rt: Runtime, lease: Lease, segment: CutSegment) -> None:
    """Store the segment's audio, then record it together with its task."""
    name = rt.names.segment_audio(lease.job_id, segment.index, segment.span)
    rt.store.create(name, encode_flac(segment.samples), "audio/flac")
    reach("cut.stored", f"{lease.job_id}/{segment.index}")
    with rt.database.unit_of_work() as session:
        rt.segments.add(
            session,
            lease,
            index=segment.index,
            start=segment.start_sec,
            end=segment.end_sec,
            audio=name,
        )
        session.commit()
        rt.outbox.publish(session)
    log.info(
        "segment.dispatched",
        index=segment.index,
        sec=round(segment.end_sec - segment.start_sec, 1),
        speech_sec=round(segment.speech_sec, 1),
    )
