"""Runs of the simulation, and their results."""

import math
import random
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from simpy.events import ProcessGenerator

from scripts.cost.lecture import Bases
from scripts.cost.lines import request_usd
from scripts.simulation.instances import Books
from scripts.simulation.lecture import Journey, travel
from scripts.simulation.world import Conditions, World


@dataclass(frozen=True)
class Run:
    """A world in which everything has come to its end."""

    world: World
    journeys: Sequence[Journey]

    @cached_property
    def waits(self) -> list[float]:
        """Seconds from upload to material, of the lectures that got any."""
        return sorted(
            each.material - each.uploaded for each in self.journeys if each.material is not None
        )

    @property
    def failed(self) -> int:
        return sum(each.files is None for each in self.journeys)

    def percentile(self, part: int) -> float:
        """Of `waits`, in seconds."""
        return statistics.quantiles(self.waits, n=100, method="inclusive")[part - 1]

    @property
    def books(self) -> dict[str, Books]:
        return {name: made.books for name, made in self.world.instances.items()}

    @property
    def first_full(self) -> str | None:
        """The function whose instances were the first to be all busy simultaneously."""
        full = {
            name: books.first_full
            for name, books in self.books.items()
            if books.first_full is not None
        }
        return min(full, key=lambda name: full[name]) if full else None

    @property
    def longest_full(self) -> str:
        """The function whose instances were all busy for longest."""
        return max(self.books, key=lambda name: self.books[name].full_sec)

    def usd(self, on: Bases) -> float:
        """What the functions' requests cost; models, storage and database are not in it."""
        return sum(
            request_usd(
                on.prices, on.topology.functions[name], books.busy_sec, requests=books.requests
            )
            for name, books in self.books.items()
        )


def run(on: Bases, conditions: Conditions, journeys: Iterable[Journey]) -> Run:
    """Let lectures of such lengths, uploaded at such times, come to their end."""
    world = World(on.topology, on.measured, on.assumed, conditions)
    done = list(journeys)

    def arrive(journey: Journey) -> ProcessGenerator:
        yield world.env.timeout(journey.uploaded)
        yield from travel(world, journey)

    for journey in done:
        world.env.process(arrive(journey))
    world.env.run()
    return Run(world, done)


def cloud(on: Bases, **changes: object) -> Conditions:
    """As it is assumed to be in the cloud; `changes` are fields of Conditions."""
    assumed = on.assumed
    usual = Conditions(
        tokens_per_minute=assumed.model_tokens_per_minute.value,
        kills_per_hour=assumed.kills.value,
        refusals=assumed.model_refusals.value,
        slowdown=assumed.cloud_slowdown.value,
        spread=assumed.service_spread.value,
        start_sec=assumed.cold_start.value,
        hop_sec=assumed.hop.value,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def burst(on: Bases, lectures: int, *, seed: int = 1) -> list[Journey]:
    """Lectures that end at the same hour and are uploaded within minutes of each other."""
    rng = random.Random(seed)  # noqa: S311 - a simulation's dice
    assumed = on.assumed
    return [
        Journey(
            hours=rng.lognormvariate(
                math.log(assumed.lecture_median.value), assumed.lecture_spread.value
            ),
            uploaded=rng.uniform(0, assumed.arrival_window.value),
        )
        for _ in range(lectures)
    ]


def alone(on: Bases, hours: float, workers: int, *, seed: int) -> Run:
    """One lecture when everything is cold and nothing goes wrong."""
    conditions = cloud(
        on,
        max_instances={on.topology.queues["segments"].function: workers},
        extractive=True,
        kills_per_hour=0.0,
        seed=seed,
    )
    return run(on, conditions, [Journey(hours=hours, uploaded=0.0)])


def here(
    on: Bases, hours: float, *, workers: int = 2, processors: int = 2, share: float = 1.0
) -> float:
    """Seconds that one lecture takes on the local stack, everything warm.

    `share` is what other programs leave of the processors. A watching client polls the API
    for progress, which takes processor time too.
    """
    conditions = Conditions(
        max_instances={on.topology.queues["segments"].function: workers},
        extractive=True,
        processors=processors,
        slowdown=1 / share,
    )
    world = World(on.topology, on.measured, on.assumed, conditions)
    journey = Journey(hours=hours, uploaded=0.0)
    world.env.process(travel(world, journey))
    if world.processors is not None:
        world.env.process(world.processors.work(world.taking(on.measured.polling.value * hours)))
    world.env.run()
    if journey.files is None:
        raise RuntimeError("The lecture came to no end.")
    return journey.files
