"""What the declared limits of instances allow to be spent: every instance busy for a whole hour."""

from scripts.cost.lecture import Bases
from scripts.cost.lines import Line, request_usd

HOUR_SEC = 3600


def ceiling_lines(on: Bases) -> list[Line]:
    """One line for each function, with all of its instances at work for an hour.

    Without the price of the requests themselves, whose number has no limit.
    """
    return [
        Line(
            f"`{name}`",
            f"{function.max_instances} × ({function.cpu:g} vCPU, {function.memory_mib:,} MiB)",
            request_usd(on.prices, function, function.max_instances * HOUR_SEC, requests=0),
        )
        for name, function in on.topology.functions.items()
    ]
