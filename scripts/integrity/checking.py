"""The check: missing objects, objects that differ from their record, unreferenced objects."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Literal

from scripts.integrity.merging import Group, groups
from scripts.integrity.second_look import Situation, look_again
from shared.errors import ObjectMissingError
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.storage.integrity import Expected

IN_FLIGHT_FOR = timedelta(days=8)
"""A worker that writes an object writes its row soon after; an upload session lives a week, and
the last purge of a deleted lecture comes after eight days."""

AT_ONCE = 8
"""Objects that are read at the same time."""

Problem = Literal["row_without_object", "object_without_row", "differs", "unreadable"]


@dataclass(frozen=True)
class Finding:
    problem: Problem
    name: str
    lecture_id: uuid.UUID | None
    expected: Expected | None = None
    stored: StoredObject | None = None


@dataclass(frozen=True)
class Tally:
    """Objects, and their bytes."""

    objects: int = 0
    size: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.objects + other.objects, self.size + other.size)


@dataclass(frozen=True)
class Checked:
    """One lecture, or the segments of one job."""

    group: Group
    situation: Situation | None
    """None where nothing was suspicious."""
    findings: tuple[Finding, ...]
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    """`stored` counts everything; `in_flight` and `kept` what has no row and is no finding."""


def check_bucket(rt: Runtime, *, deep: bool) -> Iterator[Checked]:
    """Compare everything. `deep` reads what has no checksum in its row that the bucket shares.

    Raises TransientError, and what the database raises.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for group in groups(rt):
            checked = _check(rt, group)
            if deep:
                read = pool.map(partial(_read, rt, checked), group.stored)
                if unreadable := tuple(each for each in read if each is not None):
                    checked = replace(
                        checked,
                        situation=checked.situation or look_again(rt, group),
                        findings=checked.findings + unreadable,
                    )
            yield checked


def _check(rt: Runtime, group: Group) -> Checked:
    there = {each.name: each for each in group.stored}
    expected = {each.name: each for each in group.expected}
    broken = [
        each
        for each in group.expected
        if each.compared_with(there.get(each.name)) in ("missing", "differs")
    ]
    strays = [
        each for each in group.stored if each.name not in expected or expected[each.name].expired
    ]
    old = [each for each in strays if rt.clock() - each.created_at >= IN_FLIGHT_FOR]
    situation = look_again(rt, group) if broken or old else None
    findings: list[Finding] = []
    lost: list[StoredObject] = []
    kept: list[StoredObject] = []
    if situation is not None:
        findings += (found for each in broken if (found := _broken(rt, each, situation)))
        left_over = [each for each in old if _is_left_over(each, situation)]
        lost, kept = ([], left_over) if situation.kept else (left_over, [])
        findings += (
            Finding("object_without_row", each.name, situation.lecture_id, stored=each)
            for each in lost
        )
    in_flight = [each for each in strays if each not in lost and each not in kept]
    tallies = {"stored": group.stored, "in_flight": in_flight, "kept": kept}
    return Checked(
        group,
        situation,
        tuple(findings),
        {name: _total(objects) for name, objects in tallies.items()},
    )


def _broken(rt: Runtime, before: Expected, situation: Situation) -> Finding | None:
    expected = situation.expected.get(before.name)
    if expected is None:
        return None  # replaced meanwhile
    stored = rt.store.stat(expected.name)
    match expected.compared_with(stored):
        case "missing":
            problem: Problem = "row_without_object"
        case "differs":
            problem = "differs"
        case _:
            return None
    return Finding(problem, expected.name, situation.lecture_id, expected, stored)


def _is_left_over(stored: StoredObject, situation: Situation) -> bool:
    expected = situation.expected.get(stored.name)
    return not situation.in_use and (expected is None or expected.expired)


def _read(rt: Runtime, checked: Checked, stored: StoredObject) -> Finding | None:
    expected = next((e for e in checked.group.expected if e.name == stored.name), None)
    if expected is None or expected.kind not in ("transcript", "artifact", "export"):
        return None
    if any(each.name == stored.name for each in checked.findings):
        return None
    try:
        if expected.holds(rt.store.read(stored.name, generation=stored.generation)):
            return None
    except ObjectMissingError:
        return None  # deleted meanwhile
    return Finding("unreadable", stored.name, expected.key, expected, stored)


def _total(objects: Sequence[StoredObject]) -> Tally:
    return Tally(len(objects), sum(each.size for each in objects))
