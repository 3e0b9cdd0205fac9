"""The real topology, set up to be simulated: functions, subscriptions, the queue, a model."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from simpy import Environment

from scripts.cost.figures import Assumptions, MeasuredFigures, setting
from scripts.simulation.delivery import Push, Tasks
from scripts.simulation.instances import Instances, Limits
from scripts.simulation.model import Endpoint
from scripts.simulation.processors import Processors
from scripts.simulation.sweep import Sweep
from shared.topology import Topology
from shared.workers.worker import BEATS_PER_LEASE

CLIENT_PATIENCE_SEC = 60.0
"""As the service asks for (functions/generate/providers/chat/retrying.py)."""


@dataclass(frozen=True)
class Conditions:
    """What may differ between two runs. Numbers of instances stand in for those declared."""

    max_instances: Mapping[str, int] = field(default_factory=dict)
    tokens_per_minute: float | None = None
    """None for unlimited."""
    extractive: bool = False
    kills_per_hour: float = 0.0
    refusals: float = 0.0
    slowdown: float = 1.0
    spread: float = 0.0
    start_sec: float = 0.0
    hop_sec: float = 0.0
    """From a commit to the function that it wakes."""
    processors: int | None = None
    """Shared by everything, on one machine; None in the cloud."""
    seed: int = 1


class World:
    def __init__(
        self,
        topology: Topology,
        measured: MeasuredFigures,
        assumed: Assumptions,
        conditions: Conditions,
    ) -> None:
        self.env = Environment()
        self.topology = topology
        self.measured = measured
        self.assumed = assumed
        self.conditions = conditions
        self.rng = random.Random(conditions.seed)  # noqa: S311 - a simulation's dice
        self.processors = (
            Processors(self.env, conditions.processors) if conditions.processors else None
        )
        self.instances = {name: self._instances(name) for name in topology.functions}
        self.push = {
            declared.topic: Push(
                self.env,
                declared,
                window=assumed.push_window_start.value,
                window_most=assumed.push_window_most.value,
                hop_sec=conditions.hop_sec,
            )
            for declared in topology.subscriptions.values()
        }
        queue = topology.queues["segments"]
        self.segment_instances = self.instances[queue.function]
        self.segment_workers = self.segment_instances.limits.most
        # terraform/tasks.tf: never more concurrently than there can be instances; and who has more
        # instances than topology.json declares raises the queue with them.
        self.tasks = Tasks(
            self.env, queue, concurrency=self.segment_workers, hop_sec=conditions.hop_sec
        )
        self.sweep = Sweep(self.env)
        self.endpoint = Endpoint(
            self.env, conditions.tokens_per_minute or math.inf, CLIENT_PATIENCE_SEC
        )

    def taking(self, seconds: float) -> float:
        """What takes `seconds` here, there and this time."""
        spread = self.conditions.spread
        noise = self.rng.lognormvariate(-(spread**2) / 2, spread) if spread else 1.0
        return seconds * self.conditions.slowdown * noise

    def silence(self) -> float:
        """Seconds until the lease of a worker that has just died runs out: its last heartbeat
        was up to a third of a lease ago."""
        lease = setting("plc_lease_sec")
        return lease - self.rng.uniform(0, lease / BEATS_PER_LEASE)

    def _instances(self, name: str) -> Instances:
        declared, assumed = self.topology.functions[name], self.assumed
        # The model is loaded with an instance's first segment.
        recognizes = name == self.topology.queues["segments"].function
        load_sec = self.measured.model_load.value if recognizes else 0.0
        return Instances(
            self.env,
            Limits(
                most=self.conditions.max_instances.get(name, declared.max_instances),
                concurrency=declared.concurrency,
                start_sec=self.conditions.start_sec + load_sec,
                idle_sec=assumed.idle_before_end.value,
                pending_sec=assumed.pending.value,
                kills_per_hour=self.conditions.kills_per_hour,
            ),
            self.rng,
            self.processors,
        )
