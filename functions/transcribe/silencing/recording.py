"""Silencing a lecture's recording where it was cut, as the first thing that a transcription does.

The silent recording is another object, and the lecture's row points to it from one transaction on.
The sweep then deletes the old one (shared/deletion/superseded.py). A process that dies before
leaves an object that no row refers to, and the next attempt begins again.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from functions.transcribe.audio import Samples, decode
from functions.transcribe.audio.memory import return_large_arrays
from functions.transcribe.audio.recording import decoded_recording
from functions.transcribe.audio.report import DecodingReport
from functions.transcribe.silencing.encoding import (
    CONTENT_TYPE,
    Measured,
    encode,
    measured,
    silenced,
)
from shared.errors import NotAudioError, RecordingNotSilencedError
from shared.fault_points import reach
from shared.log import log
from shared.models import Cut, Lecture
from shared.runtime import Runtime
from shared.speech.removing import CutSpan, united
from shared.storage.bucket import StoredObject
from shared.work.leases import Lease
from shared.workers.heartbeat import Heartbeat

INAUDIBLE = 16
"""The loudest sample that counts as silence: -66 dB of full scale. The encoder leaves zeros."""
LONGER_SEC = 0.2
"""Two windows of the encoder, which writes whole ones."""
ENERGY = (0.5, 2.0)
"""What stays has between half and twice its energy: noise loses its highest part."""
FAINT = 100.0
"""Mean square of samples below which energies are not compared: that is noise of the encoder."""


def silence_recording(rt: Runtime, lease: Lease, heartbeat: Heartbeat) -> None:
    """Silence what is not silent yet; nothing to do where all is, or the recording is deleted.

    Raises RecordingNotSilencedError, ObjectMissingError, LeaseLostError.
    """
    with rt.database.reading() as session:
        lecture = session.get_one(Lecture, lease.lecture_id)
        cuts = session.scalars(select(Cut).where(Cut.lecture_id == lecture.id)).all()
    waiting = [cut for cut in cuts if cut.silenced_at is None]
    if not waiting or lecture.raw_deleted_at is not None:
        return
    spans = united(CutSpan(cut.start_sec, cut.end_sec) for cut in cuts)
    return_large_arrays()
    with TemporaryDirectory(prefix="pegasus-") as folder:
        path = Path(folder, "silenced.m4a")
        try:
            length = _rewrite(rt, lecture, spans, path, heartbeat)
        except NotAudioError as error:
            raise RecordingNotSilencedError() from error
        name = rt.names.silenced(lecture.id, lease.job_id, lease.attempt)
        with path.open("rb") as file:
            stored = rt.store.create_from_stream(name, file, CONTENT_TYPE, size=path.stat().st_size)
    reach("silencing.stored", lease.job_id)

    def record(session: Session) -> None:
        rt.jobs.hold(session, lease)
        _replace(session, lease, waiting, stored, now=rt.clock())
        session.get_one(Lecture, lease.lecture_id).duration_sec = length

    rt.transact(record)
    reach("silencing.recorded", lease.job_id)
    log.info("recording.silenced", sec=round(length, 1), count=len(spans))


def end_silencing(rt: Runtime, lease: Lease) -> None:
    """End a job that was to silence alone. Raises LeaseLostError."""

    def end(session: Session) -> None:
        rt.jobs.complete(session, lease, result={})
        rt.lectures.end_silenced(session, lease.lecture_id)

    rt.transact(end)


def _rewrite(
    rt: Runtime, lecture: Lecture, spans: Sequence[CutSpan], path: Path, heartbeat: Heartbeat
) -> float:
    """Write the silent recording and listen to it; returns its length in seconds.

    Decoded as for a transcription, its clock is the transcript's.
    """
    opened = partial(rt.store.open, lecture.source_object, generation=lecture.source_generation)
    before, after = Measured(), Measured()
    with decoded_recording(opened, language=lecture.language, report=DecodingReport()) as blocks:
        heard = measured(_checked(blocks, heartbeat), spans, before)
        encode(silenced(heard, spans), path)
    with path.open("rb") as file:
        for _ in measured(_checked(decode(file), heartbeat), spans, after):
            pass
    require_silent(before, after)
    return before.duration_sec


def require_silent(before: Measured, after: Measured) -> None:
    """Raises RecordingNotSilencedError unless the spans are silent and the rest is as it was."""
    longer_sec = after.duration_sec - before.duration_sec
    if after.loudest > INAUDIBLE or not 0 <= longer_sec <= LONGER_SEC:
        raise RecordingNotSilencedError()
    least, most = (share * before.energy for share in ENERGY)
    is_faint = before.energy <= FAINT * before.samples
    if not is_faint and not least <= after.energy <= most:
        raise RecordingNotSilencedError()


def _checked(blocks: Iterator[Samples], heartbeat: Heartbeat) -> Iterator[Samples]:
    for block in blocks:
        heartbeat.check()
        yield block


def _replace(
    session: Session, lease: Lease, waiting: Sequence[Cut], stored: StoredObject, *, now: datetime
) -> None:
    """What was cut meanwhile is not silent, and the job is done once more at its end."""
    session.execute(
        update(Cut)
        .where(Cut.id.in_([cut.id for cut in waiting]))
        .values(silenced_at=now, purge_due_at=now, purges=0)
    )
    session.execute(
        update(Lecture)
        .where(Lecture.id == lease.lecture_id)
        .values(
            source_object=stored.name,
            source_generation=stored.generation,
            source_size=stored.size,
            source_crc32c=stored.crc32c,
            content_type=CONTENT_TYPE,
            updated_at=now,
        )
    )
