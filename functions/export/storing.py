"""Storing files and making them the lecture's current ones; and why one could not be made."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from traceback import extract_tb

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from functions.export.renderer import RenderedFile, Rendering
from shared.errors import ExportFailedError, PegasusError
from shared.log import log
from shared.models import ExportRow
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.work.leases import Lease
from shared.workers.heartbeat import Heartbeat

Stored = Sequence[tuple[RenderedFile, StoredObject]]


def explained(rendering: Rendering) -> Mapping[str, str]:
    """Why files failed, by their types. Raises ExportFailedError if none could be made."""
    failures = {kind: _explain(kind, error) for kind, error in rendering.failures.items()}
    if not rendering.files:
        raise ExportFailedError(f"No file could be made: {'; '.join(failures.values())}")
    return failures


def store(rt: Runtime, lease: Lease, heartbeat: Heartbeat, files: Sequence[RenderedFile]) -> Stored:
    """Raises LeaseLostError as soon as that is known."""
    stored = []
    for file in files:
        heartbeat.check()
        name = rt.names.export(lease.lecture_id, lease.job_id, lease.attempt, file.type)
        stored.append((file, rt.store.create(name, file.data, file.content_type)))
    return stored


def make_current(
    rt: Runtime, session: Session, lease: Lease, stored: Stored, sources: Collection[uuid.UUID]
) -> None:
    """Let the lecture's rows name these files. `sources`: the other lectures that they repeat."""
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
