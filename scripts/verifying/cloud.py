"""Queries through gcloud, and their results."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from scripts.programs import Programs


@dataclass(frozen=True)
class Check:
    """One thing that must hold."""

    what: str
    ok: bool | None
    """None if it could not be found out."""
    found: str


Checks = Iterator[Check]


@dataclass(frozen=True)
class Cloud:
    programs: Programs
    project: str
    region: str
    state_bucket: str
    expendable: bool = False
    """Whether it may be deleted by mistake."""
    _answers: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def ask(self, *words: str) -> Any:
        """What gcloud answers, asked once. Raises ProgramError; ValueError if it is no JSON."""
        if words not in self._answers:
            asked = ("gcloud", *words, f"--project={self.project}", "--format=json")
            self._answers[words] = json.loads(self.programs.read(*asked))
        return self._answers[words]


def at(value: Any, path: str, default: Any = None) -> Any:
    """`at(instance, "settings.tier")`: what is there, or the default."""
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return default
        value = value[name]
    return value


def last_part(name: str) -> str:
    """`projects/p/topics/uploads` → `uploads`."""
    return name.rpartition("/")[2]
