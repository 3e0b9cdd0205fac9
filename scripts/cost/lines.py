"""Lines of a bill, and the prices of Google that they are computed from."""

from collections.abc import Iterable
from dataclasses import dataclass

from scripts.cost.figures import Prices
from shared.topology import Function

GIB = 1 << 30


@dataclass(frozen=True)
class Line:
    what: str
    used: str
    """How much of what, for people."""
    usd: float


def total(lines: Iterable[Line]) -> float:
    return sum(line.usd for line in lines)


def request_usd(prices: Prices, function: Function, seconds: float, *, requests: int = 1) -> float:
    """What `requests` take that last `seconds` together, of an instance to themselves.

    An instance that handles several concurrently costs less; no more than one is reckoned with.
    """
    cpu = seconds * function.cpu * prices.run_cpu.usd
    memory = seconds * function.memory_mib / 1024 * prices.run_memory.usd
    return cpu + memory + requests / 1e6 * prices.run_requests.usd


def request_line(
    prices: Prices, name: str, function: Function, seconds: float, *, requests: int = 1
) -> Line:
    gib = function.memory_mib / 1024
    return Line(
        f"`{name}`",
        f"{requests:,} × request, {seconds * function.cpu:.1f} vCPU-s, {seconds * gib:.1f} GiB-s",
        request_usd(prices, function, seconds, requests=requests),
    )
