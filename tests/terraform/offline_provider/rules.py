"""What the schema does not say: combinations, limits of the services, forms of ids.

Kept by hand in rules.json; a path is `block.block.attribute`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.terraform.offline_provider.values import as_list, is_given, is_unknown

RULES = Path(__file__).with_name("rules.json")
SECONDS = re.compile(r"([\d.]+)s")


@dataclass(frozen=True)
class Rules:
    """Of one type of resource."""

    id: str = ""
    """How its id is made of its attributes."""
    sensitive: tuple[str, ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()
    at_least_one: tuple[tuple[str, ...], ...] = ()
    required_with: tuple[tuple[str, ...], ...] = ()
    """The first needs one of the others."""
    patterns: Mapping[str, str] = field(default_factory=dict)
    minimums: Mapping[str, float] = field(default_factory=dict)
    maximums: Mapping[str, float] = field(default_factory=dict)
    maximums_with: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Maximums that apply where a block is given."""

    def broken(self, type: str, given: dict[str, Any]) -> Iterator[str]:
        """What is wrong with a resource's configuration."""
        yield from self._combinations(type, given)
        for path, pattern in self.patterns.items():
            for value in values_at(given, path):
                if isinstance(value, str) and not re.fullmatch(pattern, value):
                    yield f"{type}: {path} {value!r} does not match {pattern}"
        for path, least in self.minimums.items():
            yield from _out_of_bounds(type, given, path, least, at="least")
        for path, most in self.maximums.items():
            yield from _out_of_bounds(type, given, path, most, at="most")
        for block, maximums in self.maximums_with.items():
            for path, most in maximums.items() if is_given(given.get(block)) else ():
                yield from _out_of_bounds(type, given, path, most, at="most", why=f" with {block}")

    def _combinations(self, type: str, given: dict[str, Any]) -> Iterator[str]:
        for kind, groups in (
            ("exactly one", self.exactly_one),
            ("at most one", self.at_most_one),
            ("at least one", self.at_least_one),
            ("the first only with another", self.required_with),
        ):
            for group in groups:
                names = [path.rpartition(".")[2] for path in group]
                for block in blocks_at(given, group[0].split(".")[:-1]):
                    if any(is_unknown(block.get(name)) for name in names):
                        continue
                    set_ = [name for name in names if is_given(block.get(name))]
                    if _is_wrong(kind, names, set_):
                        listed = ", ".join(group)
                        got = ", ".join(set_) or "none"
                        yield f"{type} takes {kind} of {listed}; given: {got}"


def _is_wrong(kind: str, names: list[str], given: list[str]) -> bool:
    return {
        "exactly one": len(given) != 1,
        "at most one": len(given) > 1,
        "at least one": not given,
        "the first only with another": given == names[:1],
    }[kind]


def load_rules(provider: str) -> dict[str, Rules]:
    """By type of resource."""
    stored = json.loads(RULES.read_text())[provider]
    return {type: Rules(**rules) for type, rules in stored.items()}


def blocks_at(block: dict[str, Any], path: list[str]) -> list[dict[str, Any]]:
    """Every block at that place; none if an outer one is not given."""
    blocks = [block]
    for name in path:
        blocks = [
            inner for each in blocks for inner in as_list(each.get(name)) if isinstance(inner, dict)
        ]
    return blocks


def values_at(block: dict[str, Any], path: str) -> Iterator[Any]:
    *parents, name = path.split(".")
    for each in blocks_at(block, parents):
        yield from as_list(each.get(name))


def _out_of_bounds(
    type: str, given: dict[str, Any], path: str, bound: float, *, at: str, why: str = ""
) -> Iterator[str]:
    for value in values_at(given, path):
        number = _number(value)
        if number is not None and (number > bound if at == "most" else number < bound):
            yield f"{type}: {path} is {number:g}; the service allows at {at} {bound:g}{why}"


def _number(value: object) -> float | None:
    """A duration is text of seconds: `600s`."""
    if isinstance(value, str) and (seconds := SECONDS.fullmatch(value)):
        return float(seconds[1])
    return float(value) if isinstance(value, int | float) else None
