"""A whole running Pegasus, with a phone's view of it and an operator's."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests
from sqlalchemy import func, select

from functions.export.formats.registry import FORMATS
from functions.transcribe.speech.pieces import OVERLAP_SEC
from scripts.demo.client import Client, Json, Upload
from scripts.local.delivery.faults import Action, Deliver, Delivery, DeliveryFaults
from scripts.local.google_emulator import EmulatorInstallation
from scripts.local.ports import find_free
from scripts.local.stack import Options, Stack
from shared.database.connections import Database
from shared.documents.artifacts import ArtifactType
from shared.models import (
    ArtifactRow,
    ExportRow,
    Job,
    JobType,
    Lecture,
    OutboxMessage,
    Segment,
    ThreadOccurrence,
    WorkStatus,
)
from shared.storage.bucket import ObjectStore
from shared.topology import Topology, load_topology
from tests.support.processes.waiting import wait_until

LEASE_SEC = 3.0

QUICK = {
    "PLC_WHISPER_MODEL": "tiny.en",
    "PLC_SEGMENT_TARGET_SEC": "20",
    "PLC_LEASE_SEC": str(LEASE_SEC),
    "PLC_FANOUT_LEASE_SEC": "20",
    "PLC_RESEND_AFTER_SEC": "20",
    "PLC_OUTBOX_GRACE_SEC": "1",
    "PLC_MISSED_UPLOAD_GRACE_SEC": "3",
    "PLC_WRITE_RATE_LIMIT_MAX_REQUESTS": "10000",
}
"""The same product with less patience; all tests are one caller."""


def impatient(topology: Topology) -> Topology:
    """The declared topology, tried again sooner: everything else stays as in the cloud."""
    return topology.model_copy(
        update={
            "subscriptions": {
                name: each.model_copy(
                    update={"min_backoff_seconds": 0.2, "max_backoff_seconds": 1.0}
                )
                for name, each in topology.subscriptions.items()
            },
            "queues": {
                name: each.model_copy(
                    update={"min_backoff_seconds": 0.2, "max_backoff_seconds": 1.0}
                )
                for name, each in topology.queues.items()
            },
        }
    )


class SwitchedFaults:
    """A policy that tests put in and take out of a running stack."""

    def __init__(self) -> None:
        self.policy: DeliveryFaults | None = None

    def before(self, delivery: Delivery) -> Action:
        return self.policy.before(delivery) if self.policy else Deliver()


class RunningStack:
    def __init__(self, stack: Stack, faults: SwitchedFaults) -> None:
        self.stack = stack
        self.faults = faults
        self.client = Client(stack.api_url)
        self.database = Database.from_settings(stack.settings())
        self.store = ObjectStore.from_settings(stack.settings())

    def close(self) -> None:
        self.client.close()
        self.database.close()

    # --- the phone's side -------------------------------------------------------

    def hand_in(
        self, audio: bytes, *, lecture: str, course: str = "course", break_once: bool = False
    ) -> str:
        """Upload by signed resumable URL; returns the lecture's id."""
        ticket = self.patiently(
            lambda: self.client.post(
                "/lectures/ingest",
                {"courseId": course, "lectureId": lecture, "contentType": "audio/flac"},
            )
        )
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "recording.flac"
            file.write_bytes(audio)
            for _ in Upload(ticket["upload"], file).send(break_once=break_once):
                pass
        return lecture

    def progress(self, lecture: str) -> Json:
        return self.patiently(lambda: self.client.get(f"/lectures/{lecture}/progress"))

    def ended(self, lecture: str, *, timeout_sec: float = 120, every_sec: float = 0.02) -> Json:
        """The progress once the lecture is completed or failed."""

        def over() -> Json | None:
            progress = self.progress(lecture)
            return progress if progress["overallStatus"] in ("completed", "failed") else None

        return wait_until(
            over, timeout_sec=timeout_sec, what=f"the end of {lecture}", every_sec=every_sec
        )

    @staticmethod
    def patiently(call: Callable[[], Json]) -> Json:
        """Like any phone: when the API is away for a moment, ask again."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return call()
            except requests.RequestException:
                assert time.monotonic() < deadline, "the API stays away"
                time.sleep(0.1)

    # --- the operator's side ----------------------------------------------------

    def lecture(self, slug: str) -> Lecture:
        with self.database.unit_of_work() as session:
            return session.scalars(select(Lecture).where(Lecture.slug == slug)).one()

    def jobs(self, slug: str) -> list[Job]:
        with self.database.unit_of_work() as session:
            return list(
                session.scalars(
                    select(Job)
                    .join(Job.lecture)
                    .where(Lecture.slug == slug)
                    .order_by(Job.created_at)
                )
            )

    def stage_jobs(self, slug: str) -> list[Job]:
        """Without those that make the files of the transcript beside the stages."""
        return [job for job in self.jobs(slug) if "transcript_only" not in job.params]

    def segments(self, slug: str) -> list[Segment]:
        with self.database.unit_of_work() as session:
            return list(
                session.scalars(
                    select(Segment)
                    .join(Job, Job.id == Segment.job_id)
                    .join(Lecture, Lecture.id == Job.lecture_id)
                    .where(Lecture.slug == slug)
                    .order_by(Segment.index)
                )
            )

    def restarts(self) -> Mapping[str, int]:
        return {name: each.restarts for name, each in self.stack.functions.items()}

    def check_whole(self, slug: str) -> None:
        """A completed lecture is there once, with all its parts and nothing under way."""
        lecture = self.lecture(slug)
        jobs = self.jobs(slug)
        assert lecture.status == "completed", lecture.error
        assert [job.type for job in self.stage_jobs(slug)] == list(JobType)
        assert {job.status for job in jobs} == {WorkStatus.SUCCEEDED}
        segments = self.segments(slug)
        assert {segment.status for segment in segments} == {WorkStatus.SUCCEEDED}
        assert [segment.index for segment in segments] == list(range(len(segments)))
        ends = [0.0, *(segment.end_sec for segment in segments)]
        for segment, before_ended in zip(segments, ends, strict=False):
            # They meet between two pieces, or overlap a little where there is no pause.
            assert before_ended - OVERLAP_SEC - 0.1 <= segment.start_sec <= before_ended
        with self.database.unit_of_work() as session:
            count = {
                table: session.scalar(
                    select(func.count()).select_from(table).where(table.lecture_id == lecture.id)
                )
                for table in (ArtifactRow, ExportRow)
            }
            # And the archive of all files.
            assert count == {ArtifactRow: len(ArtifactType), ExportRow: len(FORMATS) + 1}
            versions = session.scalars(
                select(ArtifactRow.version).where(ArtifactRow.lecture_id == lecture.id)
            )
            assert set(versions) == {1}
            said = session.execute(
                select(ThreadOccurrence.thread_id, ThreadOccurrence.quote).where(
                    ThreadOccurrence.lecture_id == lecture.id
                )
            ).all()
            assert len(said) == len(set(said)), "a thread's occurrence is doubled"
            for table in (ArtifactRow, ExportRow):
                for name in session.scalars(
                    select(table.object).where(table.lecture_id == lecture.id)
                ):
                    assert self.store.stat(name) is not None, f"{name} is lost"

    def nothing_unsent(self) -> bool:
        with self.database.unit_of_work() as session:
            return (
                session.scalar(select(func.count()).where(OutboxMessage.published_at.is_(None)))
                == 0
            )


@contextmanager
def running_stack(
    home: Path, *, google_pubsub: EmulatorInstallation | None = None, **environment: str
) -> Iterator[RunningStack]:
    topology = impatient(load_topology())
    faults = SwitchedFaults()
    stack = Stack(
        Options(
            home=home,
            ports=find_free(tuple(topology.functions)),
            topology=topology,
            environment={**QUICK, **environment},
            schedule_seconds={"sweep": 1.0, "retention": 86_400.0},
            google_pubsub=google_pubsub,
            pubsub_faults=faults,
            tasks_faults=faults,
        )
    )
    try:
        stack.start()
        running = RunningStack(stack, faults)
        try:
            yield running
        finally:
            running.close()
    finally:
        stack.stop()
        stack.postgres.remove()
