"""A job or segment: claimed by one worker at a time, and finished although workers die."""

from typing import TYPE_CHECKING

from simpy.events import ProcessGenerator

from scripts.simulation.delivery import Push, Tasks
from scripts.simulation.instances import (
    Answer,
    Instances,
    KilledError,
    TransientError,
    Work,
    Worker,
)
from shared.models import WorkStatus

if TYPE_CHECKING:
    from scripts.simulation.world import World

NOT_CLAIMED_SEC = 0.05
"""What a message takes whose work is done already, or being done."""


class LostError(Exception):
    """Its message became a dead letter, or its attempts are used up."""


class Job:
    def __init__(
        self,
        world: "World",
        way: Push | Tasks,
        instances: Instances,
        step: Work,
        *,
        max_attempts: int,
    ) -> None:
        self.status = WorkStatus.QUEUED
        self._world = world
        self._way = way
        self._instances = instances
        self._step = step
        self._max_attempts = max_attempts
        self._attempts = 0
        self._queued = 0
        self._ended = world.env.event()

    def do(self) -> ProcessGenerator:
        """Wait until it is done. Raises LostError if it will not be."""
        self._queue()
        self._send()
        yield self._ended
        if self.status is WorkStatus.FAILED:
            raise LostError

    def _send(self) -> None:
        self._world.env.process(self._deliver())

    def _queue(self) -> None:
        self.status = WorkStatus.QUEUED
        self._queued += 1
        mine = self._queued
        self._world.sweep.when_queued(
            self._instances,
            lambda: self.status is WorkStatus.QUEUED and self._queued == mine,
            self._send,
            attempts=self._attempts,
        )

    def _end(self, status: WorkStatus) -> None:
        if not self._ended.triggered:
            self.status = status
            self._ended.succeed()

    def _deliver(self) -> ProcessGenerator:
        answer: Answer = yield from self._way.deliver(
            lambda: self._instances.request(self._attempt)
        )
        if answer is Answer.REFUSED and self.status is WorkStatus.QUEUED:
            self._end(WorkStatus.FAILED)

    def _attempt(self, worker: Worker) -> ProcessGenerator:
        if self.status is not WorkStatus.QUEUED:
            yield from worker.work(NOT_CLAIMED_SEC)
            return
        self.status = WorkStatus.RUNNING
        self._attempts += 1
        try:
            yield from self._step(worker)
        except KilledError:
            # Its row stays `running` until the lease runs out.
            self._world.sweep.when_silent(self._world.silence(), self._recover)
            raise
        except TransientError:
            if self._attempts >= self._max_attempts:
                # Failed for good, and recorded: the message is still acknowledged.
                self._end(WorkStatus.FAILED)
                return
            self._queue()
            raise
        self._end(WorkStatus.SUCCEEDED)

    def _recover(self) -> None:
        if self._attempts >= self._max_attempts:
            self._end(WorkStatus.FAILED)
            return
        self._queue()
        self._send()
