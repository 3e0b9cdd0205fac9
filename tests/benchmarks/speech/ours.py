"""Pegasus on the same file: upload, storage, queue, segments, database, merged transcript."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scripts.local.ports import find_free
from scripts.local.stack import Options, Stack
from shared.documents.transcript import Transcript
from shared.models import Job, JobType
from shared.topology import load_topology
from tests.benchmarks.processes import PeakMemory, cpu_sec, functions_of
from tests.support.processes.running_stack import RunningStack, SwitchedFaults
from tests.support.processes.waiting import wait_until

PATIENCE_SEC = 1.0
"""Between two questions whether it is done: asking costs what is being measured, and the
moment at which it was is in the job's history."""


@dataclass(frozen=True)
class Run:
    wall_sec: float
    """From the end of the upload to the merged transcript in the database."""
    cpu_sec: float
    """Of all functions together, from the beginning of the upload on."""
    transcript: Transcript
    segments: int


class Pegasus:
    def __init__(self, stack: Stack, memory: PeakMemory) -> None:
        self._stack = stack
        self._running = RunningStack(stack, SwitchedFaults())
        self._memory = memory
        self._lectures = 0

    @property
    def peak_mib(self) -> dict[str, float]:
        """Of each function's largest process so far."""
        return self._memory.mib

    def close(self) -> None:
        self._running.close()

    def transcribe(self, flac: bytes, *, timeout_sec: float) -> Run:
        self._lectures += 1
        name = f"lecture-{self._lectures}"
        cpu = cpu_sec(functions_of(self._stack).values())
        # A course of its own: threads of an earlier run would be hints to this one.
        self._running.hand_in(flac, lecture=name, course=name)
        uploaded = datetime.now(UTC)
        job = wait_until(
            lambda: self._transcribed(name),
            timeout_sec=timeout_sec,
            what="the transcript",
            every_sec=PATIENCE_SEC,
        )
        spent = cpu_sec(functions_of(self._stack).values()) - cpu
        ended = datetime.fromisoformat(job.history[-1]["at"])
        self._running.ended(
            name, every_sec=PATIENCE_SEC
        )  # so that the next run does not compete with its exports
        transcript_object = self._running.lecture(name).transcript_object
        return Run(
            wall_sec=(ended - uploaded).total_seconds(),
            cpu_sec=spent,
            transcript=Transcript.model_validate_json(
                self._running.store.read(str(transcript_object))
            ),
            segments=len(self._running.segments(name)),
        )

    def _transcribed(self, name: str) -> Job | None:
        for job in self._running.jobs(name):
            if job.type == JobType.TRANSCRIPTION and job.status == "failed":
                raise SystemExit(f"failed: {job.error}")
            if job.type == JobType.TRANSCRIPTION and job.status == "succeeded":
                return job
        return None


@contextmanager
def running(*, workers: int, threads: int, model: str) -> Iterator[Pegasus]:
    """The whole product; no function has loaded a model yet."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(
            Options(
                home=Path(folder),
                ports=find_free(tuple(load_topology().functions)),
                segment_workers=workers,
                environment={
                    "PLC_WHISPER_MODEL": model,
                    "PLC_WHISPER_THREADS": str(threads),
                },
            )
        )
        stack.start()
        memory = PeakMemory(lambda: functions_of(stack))
        memory.start()
        pegasus = Pegasus(stack, memory)
        try:
            yield pegasus
        finally:
            pegasus.close()
            memory.stop()
            stack.stop()
            stack.postgres.remove()
