"""The export job: gather, render, store, and complete the lecture."""

import uuid
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from traceback import extract_tb

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from functions.export.document import LectureDocument
from functions.export.formats.base import ExportFormat
from functions.export.formats.registry import FORMATS
from functions.export.gathering import gather
from functions.export.renderer import RenderedFile, render_all
from shared.errors import ExportFailedError, PegasusError
from shared.fault_points import reach
from shared.log import log
from shared.messaging.events import JobMessage
from shared.models import ExportRow, JobType
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.work.leases import Lease
from shared.workers.heartbeat import Heartbeat
from shared.workers.outcomes import Outcome
from shared.workers.worker import run_job


def export_lecture(rt: Runtime, message: JobMessage) -> Outcome:
    """Do the export job a message names.

    A format that fails fails only itself and is named in the job's result; the job
    fails with ExportFailedError if none could be made.
    """
    return run_job(rt, message.job_id, JobType.EXPORT, partial(_export, rt))


def _export(rt: Runtime, lease: Lease, heartbeat: Heartbeat) -> None:
    document = gather(rt, lease)
    rendering = render_all(document, _possible(document))
    failures = {kind: _explain(kind, error) for kind, error in rendering.failures.items()}
    if not rendering.files:
        raise ExportFailedError(f"No file could be made: {'; '.join(failures.values())}")
    stored = []
    for file in rendering.files:
        heartbeat.check()
        name = rt.names.export(lease.lecture_id, lease.job_id, lease.attempt, file.type)
        stored.append((file, rt.store.create(name, file.data, file.content_type)))
    reach("export.stored", lease.job_id)

    def record(session: Session) -> None:
        rt.jobs.hold(session, lease)
        _replace_rows(rt, session, lease, stored, document.sources)
        rt.lectures.complete(session, lease.lecture_id)
        rt.jobs.complete(
            session,
            lease,
            result={"files": [file.type for file, _ in stored], "failures": failures},
        )

    rt.transact(record)
    log.info("export.done", files=len(stored), failures=sorted(failures))


def _possible(document: LectureDocument) -> list[ExportFormat]:
    """Formats that repeat a transcript are no failures where it is no longer kept."""
    return [
        each
        for each in FORMATS.values()
        if document.transcript is not None or not each.needs_transcript
    ]


def _explain(kind: str, error: Exception) -> str:
    if isinstance(error, PegasusError):
        return error.message
    log.error("export.format_failed", format=kind, exc_info=error)
    return f"An internal error ({type(error).__name__} in {_place_of(error)})."


def _place_of(error: Exception) -> str:
    """The line of this package that led to it. What the error says may hold words of the
    lecture; where it was raised does not."""
    frames = extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(Path(__file__).parent)]
    last = (ours or frames)[-1]
    return f"{Path(last.filename).name}, line {last.lineno}"


def _replace_rows(
    rt: Runtime,
    session: Session,
    lease: Lease,
    stored: Sequence[tuple[RenderedFile, StoredObject]],
    sources: Collection[uuid.UUID],
) -> None:
    for file, placed in stored:
        values = {
            "object": placed.name,
            "file_name": file.file_name,
            "content_type": file.content_type,
            "size": placed.size,
            "sha256": file.sha256,
            "job_id": lease.job_id,
            "sources": sorted(sources),
            "created_at": rt.clock(),
        }
        session.execute(
            insert(ExportRow)
            .values(id=rt.new_id(), lecture_id=lease.lecture_id, type=file.type, **values)
            .on_conflict_do_update(
                index_elements=[ExportRow.lecture_id, ExportRow.type], set_=values
            )
        )
