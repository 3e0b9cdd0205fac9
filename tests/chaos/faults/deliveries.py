"""What the storm does to messages and tasks on their way."""

import hashlib
import json
import threading
from collections import defaultdict

from scripts.local.delivery.faults import (
    Action,
    Delay,
    Deliver,
    Delivery,
    DropResponse,
    Duplicate,
    Hold,
    Lose,
)
from tests.chaos.faults.schedule import Storm

LATEST_SEC = 3.0


class StormyDeliveries:
    """Stands between the brokers and the functions. Remembers which tasks it has seen."""

    def __init__(self, storm: Storm) -> None:
        self._storm = storm
        self._lock = threading.Lock()
        self.tasks: defaultdict[str, set[str]] = defaultdict(set)
        """Names of the tasks that carried a payload, by payload."""
        self.carried: set[str] = set()
        """What the messages and tasks held, with their attributes."""

    def before(self, delivery: Delivery) -> Action:
        work = work_of(delivery.data)
        held = delivery.data.decode(errors="replace")
        with self._lock:
            self.carried.add(f"{held} {' '.join(delivery.attributes.values())}")
        family = "message"
        if delivery.channel == "segments":
            family = "task"
            with self._lock:
                self.tasks[work].add(delivery.id)
        fault = self._storm.befalls(family, delivery.channel, mended_by=f"work {work}")
        if fault is None:
            return Deliver()
        late_sec = fault.size * LATEST_SEC
        actions: dict[str, Action] = {
            "duplicated": Duplicate(after_seconds=late_sec),
            "delayed": Delay(late_sec),
            "reordered": Hold(at_most_seconds=late_sec),
            "answer_lost": DropResponse(),
            "lost": Lose(),
        }
        return actions[fault.kind]


def work_of(data: bytes) -> str:
    """What a message is about, in the words of the functions' named points."""
    try:
        payload = json.loads(data)
    except ValueError:
        return hashlib.sha256(data).hexdigest()
    if "index" in payload:
        return f"{payload['jobId']}/{payload['index']}"
    return str(payload.get("jobId") or payload.get("name") or "")
