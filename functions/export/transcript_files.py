"""The files that need the transcript alone, made as soon as there is one.

A lecture whose material is slow, fails or is made again has them to download meanwhile
(docs/decisions/042-files-before-material.md). Its status is as the other jobs leave it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.export.formats.registry import OF_TRANSCRIPT
from functions.export.gathering import gather_transcript
from functions.export.renderer import render_each
from functions.export.storing import explained, make_current, store
from shared.fault_points import reach
from shared.log import log
from shared.models import Lecture
from shared.runtime import Runtime
from shared.work.leases import Lease
from shared.workers.heartbeat import Heartbeat


def export_transcript(rt: Runtime, lease: Lease, heartbeat: Heartbeat) -> None:
    """Raises ExportFailedError if no file could be made of the transcript.

    Without one, as retention has deleted it since, there is nothing to do. Files of a transcript
    that another has replaced meanwhile do not count: the job is done once more for the other.
    """
    document, read_from = gather_transcript(rt, lease)
    if read_from is None:
        rt.transact(lambda session: rt.jobs.complete(session, lease, result=_result()))
        return
    rendering = render_each(document, OF_TRANSCRIPT)
    failures = explained(rendering)
    stored = store(rt, lease, heartbeat, rendering.files)
    reach("transcript_files.stored", lease.job_id)

    def record(session: Session) -> None:
        rt.jobs.hold(session, lease)
        current = select(Lecture.transcript_object).where(Lecture.id == lease.lecture_id)
        counting = stored if session.scalar(current) == read_from else ()
        make_current(rt, session, lease, counting, sources=())
        rt.jobs.complete(
            session, lease, result=_result([file.type for file, _ in counting], failures)
        )

    rt.transact(record)
    log.info("export.transcript_done", files=len(stored), failures=sorted(failures))


def _result(
    files: list[str] | None = None, failures: Mapping[str, str] | None = None
) -> dict[str, Any]:
    return {"files": files or [], "failures": failures or {}}
