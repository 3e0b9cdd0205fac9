"""The installation as Terraform plans it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TERRAFORM = ROOT / "terraform"
PRODUCTION = TERRAFORM / "envs" / "prod.tfvars"


@dataclass(frozen=True)
class Planned:
    """A resource that would be made."""

    address: str
    type: str
    key: str
    """Of its `for_each`, or of its module's; empty without one."""
    values: dict[str, Any]
    """What is known before it is made."""
    unknown: dict[str, Any]
    """True where a value becomes known only then."""


class Plan:
    def __init__(self, plan: dict[str, Any]) -> None:
        self.resources = tuple(_planned(plan))

    def of_type(self, type: str) -> dict[str, Planned]:
        """By key, for a type whose resources have one each."""
        found = [each for each in self.resources if each.type == type]
        by_key = {each.key: each for each in found}
        assert len(by_key) == len(found), f"keys of {type} are not its own"
        return by_key


def _planned(plan: dict[str, Any]) -> Iterator[Planned]:
    for each in plan["resource_changes"]:
        if each["mode"] == "managed":
            module = each.get("module_address", "").partition('["')[2].removesuffix('"]')
            yield Planned(
                address=each["address"],
                type=each["type"],
                key=module or str(each.get("index", "")),
                values=each["change"]["after"],
                unknown=each["change"]["after_unknown"],
            )
