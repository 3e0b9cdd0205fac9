"""What goes wrong, decided by a seed; how often it did; and how long it took to mend.

Every place where something can go wrong is a stream of its own (one subscription, one
kind of request to the bucket, one named point in the code). What happens to the n-th event
of a stream depends on the seed and on nothing else, so the same seed brings the same
storm however the threads of a run take turns.
"""

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Chances = Mapping[str, float]
"""How likely each kind of fault is to befall an event; at most one does."""


@dataclass(frozen=True)
class Fault:
    kind: str
    size: float
    """0 to 1: how long, how much."""


class Storm:
    """Shared by all threads of a run."""

    def __init__(
        self,
        seed: int,
        chances: Mapping[str, Chances],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`chances` by family (`message`, `storage`, `point`, `model`), or by family and
        stream (`point outbox.sent`)."""
        self.seed = seed
        self.counts: Counter[str] = Counter()
        self.mending_sec: defaultdict[str, list[float]] = defaultdict(list)
        self._chances = chances
        self._clock = clock
        self._streams: dict[tuple[str, str], random.Random] = {}
        self._open: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
        self._lock = threading.Lock()
        self._raging = False

    @property
    def faults(self) -> int:
        return sum(self.counts.values())

    def befalls(self, family: str, stream: str, *, mended_by: str | None = None) -> Fault | None:
        """What befalls the next event of a stream, and what will show that it is mended."""
        with self._lock:
            chance = self.stream(family, stream)
            # Both are always drawn, so that an event uses up the same amount of chance.
            drawn, size = chance.random(), chance.random()
            if not self._raging:
                return None
            chances = self._chances.get(f"{family} {stream}", self._chances.get(family, {}))
            for kind, likely in chances.items():
                drawn -= likely
                if drawn < 0:
                    self._record(f"{family}.{kind}", mended_by)
                    return Fault(kind, size)
        return None

    def stream(self, family: str, name: str) -> random.Random:
        key = (family, name)
        if key not in self._streams:
            self._streams[key] = random.Random(f"{self.seed}/{family}/{name}")  # noqa: S311
        return self._streams[key]

    def strike(
        self, kind: str, *, mended_by: str | None = None, since: float | None = None
    ) -> None:
        """Record a fault that another component has decided on, and that began at `since`."""
        with self._lock:
            self._record(kind, mended_by, since)

    def mended(self, *signs: str) -> None:
        """These things work again: faults that wait for one of them are over."""
        now = self._clock()
        with self._lock:
            for sign in signs:
                for kind, since in self._open.pop(sign, ()):
                    self.mending_sec[kind].append(now - since)

    def rage(self) -> None:
        with self._lock:
            self._raging = True

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._raging = False

    def _record(self, kind: str, mended_by: str | None, since: float | None = None) -> None:
        self.counts[kind] += 1
        if mended_by is not None:
            self._open[mended_by].append((kind, self._clock() if since is None else since))
