"""Pub/Sub and Cloud Tasks, as far as a sender sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scripts.local.access import ForbiddenError, Kind
from shared.topology import load_topology
from tests.support.access.object_access import ACCESS, caller

TOPOLOGY = load_topology()


@dataclass(frozen=True)
class Sent:
    destination: str
    payload: Mapping[str, Any]
    attributes: Mapping[str, str]
    dedup_key: str


@dataclass
class RecordingMessages:
    """Takes every message, except for destinations that a test has taken down."""

    sent: list[Sent] = field(default_factory=list)
    down: dict[str, BaseException] = field(default_factory=dict)
    """What sending to a destination raises."""
    away: Exception | None = None
    """What the health check raises."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Functions and destinations to which their accounts may not send."""

    def send(
        self,
        destination: str,
        payload: Mapping[str, Any],
        *,
        attributes: Mapping[str, str],
        dedup_key: str,
    ) -> None:
        self._require("enqueues" if destination in TOPOLOGY.queues else "publishes", destination)
        if destination in self.down:
            raise self.down[destination]
        self.sent.append(Sent(destination, payload, attributes, dedup_key))

    def check(self) -> None:
        self._require("looks_up", TOPOLOGY.topics[0])
        if self.away is not None:
            raise self.away

    def _require(self, kind: Kind, target: str) -> None:
        function = caller()
        if function is not None:
            try:
                ACCESS.require(function, kind, target)
            except ForbiddenError:
                self.refused.append((function, target))

    def to(self, destination: str) -> list[Mapping[str, Any]]:
        """Payloads sent to a destination, in order."""
        return [message.payload for message in self.sent if message.destination == destination]
