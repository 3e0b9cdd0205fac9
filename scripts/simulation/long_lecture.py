"""One lecture of two hours, by few segment workers and by many, everything cold."""

import statistics

from scripts.cost.lecture import Bases
from scripts.cost.tables import table
from scripts.simulation.lecture import even_pieces
from scripts.simulation.runs import Run, alone, here

HOURS = 2.0
WORKERS = (1, 2, 4, 8, 16, 32, 64)
SEEDS = 7
"""The median of so many runs."""


def workers_table(on: Bases) -> str:
    rows, first = [], 0.0
    for workers in WORKERS:
        runs = [alone(on, HOURS, workers, seed=seed) for seed in range(SEEDS)]
        cut, transcribed, material = (
            statistics.median(getattr(made.journeys[0], stage) for made in runs)
            for stage in ("cut", "transcribed", "material")
        )
        first = first or transcribed
        rows.append(
            [
                str(workers),
                str(len(even_pieces(HOURS, workers))),
                f"{_started(on, runs):.0f}",
                f"{cut:.0f}",
                f"{transcribed:.0f}",
                f"{first / transcribed:.1f}",
                f"{material:.0f}",
                f"{statistics.median(made.usd(on) for made in runs):.4f}",
            ]
        )
    return table(
        [
            "workers at most",
            "segments",
            "started",
            "cut, s",
            "transcript, s",
            "× faster",
            "material, s",
            "functions, US$",
        ],
        rows,
        numbers=8,
    )


def _started(on: Bases, runs: list[Run]) -> float:
    name = on.topology.queues["segments"].function
    return statistics.median(made.books[name].starts for made in runs)


def against_reality(on: Bases) -> str:
    """An hour's lecture on the local stack, as it was measured and as the same model has it."""
    measured = on.measured
    runs = [
        ("nothing else to do", measured.hour_by_two_workers.value, here(on, 1.0)),
        (
            "much else to do",
            measured.busy_hour.value,
            here(on, 1.0, share=measured.busy_share.value),
        ),
    ]
    return table(
        [
            "60 minutes, two one-thread workers, two processors with",
            "measured, s",
            "simulated, s",
            "",
        ],
        [
            [which, f"{real:.0f}", f"{simulated:.0f}", f"{simulated / real - 1:+.0%}"]
            for which, real, simulated in runs
        ],
        numbers=3,
    )
