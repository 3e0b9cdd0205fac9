"""Dispatches segments to the workers: stored, recorded, and queued as they are cut."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from functions.transcribe.speech.cutting import CutSegment
from functions.transcribe.speech.segment_audio import write_segment
from shared.fault_points import reach
from shared.log import log
from shared.models import Job
from shared.runtime import Runtime
from shared.work.leases import Lease
from shared.work.segments import Span
from shared.work.stages import TranscriptionParams

ENOUGH_SPEECH_SEC = 30.0
"""Enough to detect a language: one window of Whisper."""


@dataclass(frozen=True)
class _Stored:
    """A segment whose audio is in the bucket, and which is not recorded yet."""

    index: int
    span: Span
    speech_sec: float
    audio: str


class Dispatcher:
    """Takes a lecture's segments in order. Work of an earlier attempt is not done twice.

    Segments at the beginning with hardly any speech wait for the first with enough of it, as
    no worker could detect their language. Only their names wait: the audio
    is stored, and if the process dies here, the next one finds it.

    Its methods raise LeaseLostError, and what storing an object raises.
    """

    def __init__(self, rt: Runtime, lease: Lease) -> None:
        self._rt = rt
        self._lease = lease
        self._known = dict(rt.segments.known(lease.job_id))
        self._count = 0
        self._waiting: list[_Stored] = []
        self._language_settled = self._is_language_settled()

    def take(self, segment: CutSegment) -> None:
        """Store a segment and queue it, immediately or later."""
        self._count = segment.index + 1
        if self._known.get(segment.index) == segment.span:
            return
        if segment.index in self._known:
            self._cut_anew_from(segment.index)
        self._waiting.append(self._store(segment))
        if self._language_settled:
            self._release()
        elif segment.speech_sec >= ENOUGH_SPEECH_SEC:
            self._tell_language_from(segment.index)

    def finish(self) -> int:
        """All segments are cut: returns how many there are."""
        if any(index >= self._count for index in self._known):
            self._cut_anew_from(self._count)
        if self._waiting:
            most = max(self._waiting, key=lambda stored: stored.speech_sec)
            self._tell_language_from(most.index)
        return self._count

    def _cut_anew_from(self, index: int) -> None:
        """An earlier attempt cut the lecture otherwise: under other settings, by older code."""
        rt = self._rt
        rt.transact(lambda session: rt.segments.forget_from(session, self._lease, index))
        log.warning("segments.cut_anew", index=index)
        self._known = dict(rt.segments.known(self._lease.job_id))
        self._language_settled = self._is_language_settled()

    def _is_language_settled(self) -> bool:
        with self._rt.database.reading() as session:
            job = session.get_one(Job, self._lease.job_id)
            asked = TranscriptionParams.of(job.params).language
            return bool(asked or job.spoken_language or job.language_segment is not None)

    def _store(self, segment: CutSegment) -> _Stored:
        rt = self._rt
        name = rt.names.segment_audio(self._lease.job_id, segment.index, segment.span)
        rt.store.create(name, write_segment(segment.samples, segment.regions), "audio/flac")
        reach("cut.stored", f"{self._lease.job_id}/{segment.index}")
        return _Stored(segment.index, segment.span, segment.speech_sec, name)

    def _tell_language_from(self, index: int) -> None:
        self._release(language_segment=index)
        self._language_settled = True

    def _release(self, *, language_segment: int | None = None) -> None:
        """Record what waits together with its tasks."""
        rt = self._rt

        def record(session: Session) -> None:
            if language_segment is not None:
                rt.jobs.hold(session, self._lease).language_segment = language_segment
            for stored in self._waiting:
                start, end = stored.span
                rt.segments.add(
                    session,
                    self._lease,
                    index=stored.index,
                    start=start,
                    end=end,
                    audio=stored.audio,
                )

        rt.transact(record)
        for stored in self._waiting:
            start, end = stored.span
            log.info(
                "segment.dispatched",
                index=stored.index,
                sec=round(end - start, 1),
                speech_sec=round(stored.speech_sec, 1),
            )
        self._waiting = []
