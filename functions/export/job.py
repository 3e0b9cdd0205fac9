"""The export job: gather, render, store, and complete the lecture."""

from functools import partial

from sqlalchemy.orm import Session

from functions.export.document import LectureDocument
from functions.export.formats.base import ExportFormat
from functions.export.formats.registry import FORMATS
from functions.export.gathering import gather
from functions.export.renderer import render_all
from functions.export.storing import explained, make_current, store
from functions.export.transcript_files import export_transcript
from shared.fault_points import reach
from shared.log import log
from shared.messaging.events import JobMessage
from shared.models import JobType
from shared.runtime import Runtime
from shared.work.leases import Lease
from shared.work.stages import ExportParams
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
    if ExportParams.of(lease.params).transcript_only:
        export_transcript(rt, lease, heartbeat)
        return
    document = gather(rt, lease)
    rendering = render_all(document, _possible(document))
    failures = explained(rendering)
    stored = store(rt, lease, heartbeat, rendering.files)
    reach("export.stored", lease.job_id)

    def record(session: Session) -> None:
        rt.jobs.hold(session, lease)
        make_current(rt, session, lease, stored, document.sources)
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
