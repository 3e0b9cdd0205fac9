"""The sweep: once a minute it queues again what a dead worker left, and what nobody came for."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from simpy import Environment
from simpy.events import ProcessGenerator

from functions.retention.repairs import BATCH
from scripts.cost.figures import setting

EVERY_SEC = 60.0
"""shared/topology.json."""


@dataclass(order=True)
class Waiting:
    """Somebody who is to be called once it is time; `still` tells whether that makes sense."""

    due: float
    still: Callable[[], bool] = field(compare=False)
    call: Callable[[], None] = field(compare=False)


class Sweep:
    """It sends so many again in one run, the longest forgotten first."""

    def __init__(self, env: Environment) -> None:
        self.sent_again = 0
        self._env = env
        self._silent: list[Waiting] = []
        self._forgotten: deque[Waiting] = deque()
        self._at_work = False

    def when_silent(self, after_sec: float, call: Callable[[], None]) -> None:
        """A lease runs out after so many seconds."""
        self._silent.append(Waiting(self._env.now + after_sec, lambda: True, call))
        self._begin()

    def when_forgotten(self, still: Callable[[], bool], call: Callable[[], None]) -> None:
        """Something is queued from now on; who came for nothing for so long is sent again."""
        due = self._env.now + setting("plc_fanout_lease_sec")
        self._forgotten.append(Waiting(due, still, call))
        self._begin()

    def _begin(self) -> None:
        if not self._at_work:
            self._at_work = True
            self._env.process(self._run())

    def _run(self) -> ProcessGenerator:
        """Minute after minute, as long as there is anything to look after."""
        while self._silent or self._forgotten:
            yield self._env.timeout(EVERY_SEC - self._env.now % EVERY_SEC)
            now = self._env.now
            self._silent.sort()
            count = min(BATCH, sum(each.due <= now for each in self._silent))
            due, self._silent = self._silent[:count], self._silent[count:]
            for each in due:
                each.call()
            self._send_again(now)
        self._at_work = False

    def _send_again(self, now: float) -> None:
        sent = 0
        while self._forgotten and self._forgotten[0].due <= now and sent < BATCH:
            waiting = self._forgotten.popleft()
            if waiting.still():
                sent += 1
                waiting.call()
                waiting.due = now + setting("plc_fanout_lease_sec")
                self._forgotten.append(waiting)
        self.sent_again += sent
        while self._forgotten and not self._forgotten[0].still():
            self._forgotten.popleft()
