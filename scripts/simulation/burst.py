"""A thousand lectures at once, through the topology as it is declared and as it could be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from scripts.cost.lecture import Bases
from scripts.cost.tables import table
from scripts.simulation.connections import needed, smallest_memory
from scripts.simulation.runs import Run, burst, cloud, run

LECTURES = 1000
SEGMENTS, CUTTING, MATERIAL = "transcribe-on-segment", "transcribe", "generate"


@dataclass(frozen=True)
class Case:
    name: str
    instances: Mapping[str, int] = field(default_factory=dict)
    changes: Mapping[str, object] = field(default_factory=dict)


def cases(on: Bases) -> list[Case]:
    """What is declared, then each time what limits raised, and then what may go wrong."""
    declared = {name: each.max_instances for name, each in on.topology.functions.items()}
    quota = on.assumed.model_tokens_per_minute.value

    def times(factor: int, *names: str) -> dict[str, int]:
        return {name: declared[name] * factor for name in names}

    wide = {**times(10, SEGMENTS), **times(3, CUTTING, MATERIAL)}
    storm = {
        "kills_per_hour": 40 * on.assumed.kills.value,
        "refusals": 10 * on.assumed.model_refusals.value,
    }
    return [
        Case("as declared"),
        Case("2 × segment workers", times(2, SEGMENTS)),
        Case("2 × `transcribe`", times(2, CUTTING)),
        Case("5 × segment workers", times(5, SEGMENTS)),
        Case("10 × segment workers", times(10, SEGMENTS)),
        Case("10 ×, and 2 × `generate`", {**times(10, SEGMENTS), **times(2, MATERIAL)}),
        Case("10 ×, and 3 × both", wide),
        Case("10 ×, 3 × both, half the model's quota", wide, {"tokens_per_minute": quota / 2}),
        Case("10 ×, 3 × both, extractive", wide, {"extractive": True}),
        Case("5 ×, 40 × the deaths, 10 × the refusals", times(5, SEGMENTS), storm),
    ]


def outcome(on: Bases, case: Case, lectures: int = LECTURES) -> Run:
    conditions = cloud(on, max_instances=case.instances, **case.changes)
    return run(on, conditions, burst(on, lectures))


@cache
def _runs(on: Bases) -> list[tuple[Case, Run]]:
    """Both tables describe the same runs."""
    return [(case, outcome(on, case)) for case in cases(on)]


def times_table(on: Bases) -> str:
    """How long lectures took."""
    return table(
        ["", "p50 min", "p95 min", "p99 min", "failed", "functions, US$", "connections", "MB"],
        [
            [
                case.name,
                *(f"{made.percentile(part) / 60:.0f}" for part in (50, 95, 99)),
                str(made.failed),
                f"{made.usd(on):.2f}",
                str(needed(on.topology, case.instances)),
                _memory(needed(on.topology, case.instances)),
            ]
            for case, made in _runs(on)
        ],
        numbers=7,
    )


def places_table(on: Bases) -> str:
    """Where they waited."""
    return table(
        [
            "",
            "first all busy",
            "longest all busy",
            "min",
            "segments waiting",
            "to be cut",
            "for material",
            "sent again",
            "model's 429",
            "deaths",
        ],
        [
            [
                case.name,
                f"`{made.first_full}`" if made.first_full else "–",
                f"`{made.longest_full}`",
                f"{made.books[made.longest_full].full_sec / 60:.0f}",
                f"{made.world.tasks.depth.most:,}",
                str(made.world.push["transcribe"].depth.most),
                str(made.world.push["generate"].depth.most),
                f"{made.world.sweep.sent_again:,}",
                str(made.world.endpoint.refused),
                str(sum(books.killed for books in made.books.values())),
            ]
            for case, made in _runs(on)
        ],
        numbers=7,
    )


def _memory(connections: int) -> str:
    megabytes = smallest_memory(connections)
    return f"{megabytes:,}" if megabytes else "none"
