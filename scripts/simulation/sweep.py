"""The sweep: once a minute it queues the work of dead workers, and work whose message was lost."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from simpy import Environment
from simpy.events import ProcessGenerator

from functions.retention.repairs import BATCH
from functions.retention.repairs.resending import is_busy, waits
from scripts.cost.figures import setting
from scripts.simulation.instances import Instances

EVERY_SEC = 60.0
"""shared/topology.json."""


@dataclass(order=True)
class Silent:
    """A worker that died, and what is to be done once its lease has run out."""

    due: float
    call: Callable[[], None] = field(compare=False)


@dataclass
class Queued:
    """What waits for a worker; `still` returns whether it does."""

    since: float
    """When it was queued, or sent again for the last time."""
    still: Callable[[], bool]
    call: Callable[[], None]
    times: int
    """Attempts that have ended, and how often it has been sent again."""


class Sweep:
    """It sends so many again in one run, the longest waiting first."""

    def __init__(self, env: Environment) -> None:
        self.sent_again = 0
        self._env = env
        self._silent: list[Silent] = []
        self._queued: dict[Instances, deque[Queued]] = {}
        self._at_work = False
        first, longest = (
            timedelta(seconds=setting(name))
            for name in ("plc_resend_after_sec", "plc_fanout_lease_sec")
        )
        self._waits = [each.total_seconds() for each in waits(first, longest)]

    def when_silent(self, after_sec: float, call: Callable[[], None]) -> None:
        """A lease runs out after so many seconds."""
        self._silent.append(Silent(self._env.now + after_sec, call))
        self._begin()

    def when_queued(
        self,
        instances: Instances,
        still: Callable[[], bool],
        call: Callable[[], None],
        *,
        attempts: int,
    ) -> None:
        """Something waits for one of these instances from now on."""
        queued = Queued(self._env.now, still, call, attempts)
        self._queued.setdefault(instances, deque()).append(queued)
        self._begin()

    def _begin(self) -> None:
        if not self._at_work:
            self._at_work = True
            self._env.process(self._run())

    def _run(self) -> ProcessGenerator:
        """Every minute, as long as there is anything to repair."""
        while self._silent or any(self._queued.values()):
            yield self._env.timeout(EVERY_SEC - self._env.now % EVERY_SEC)
            now = self._env.now
            self._silent.sort()
            count = min(BATCH, sum(each.due <= now for each in self._silent))
            due, self._silent = self._silent[:count], self._silent[count:]
            for each in due:
                each.call()
            for instances, queued in self._queued.items():
                self._queued[instances] = self._send_again(instances, queued)
        self._at_work = False

    def _send_again(self, instances: Instances, queued: deque[Queued]) -> deque[Queued]:
        """Returns what still waits, the longest waiting first."""
        workers = instances.workers
        waiting = [each for each in queued if each.still()]
        busy = is_busy(running=instances.busy, waiting=len(waiting), workers=workers)
        limit = min(BATCH, workers)
        kept: deque[Queued] = deque()
        sent: list[Queued] = []
        for each in waiting:
            late = self._env.now - each.since >= self._wait(each, busy=busy)
            if late and len(sent) < limit:
                sent.append(each)
            else:
                kept.append(each)
        for each in sent:
            each.since = self._env.now
            each.times += not busy
            each.call()
        self.sent_again += len(sent)
        return kept + deque(sent)

    def _wait(self, queued: Queued, *, busy: bool) -> float:
        if busy or queued.times >= len(self._waits):
            return setting("plc_fanout_lease_sec")
        return self._waits[queued.times]
