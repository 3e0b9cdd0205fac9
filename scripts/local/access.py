"""What each function may do at the stand-ins: no more than its account may in the cloud.

The grants are those of `terraform/access.json`, which Terraform turns into IAM bindings. A caller
is known by the name that it sends where a Google account sends an access token
(shared/emulators.py).
"""

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict

from shared.storage.object_names import ObjectNames

DECLARATION = Path(__file__).resolve().parents[2] / "terraform" / "access.json"
ADMINISTRATOR = "pegasus"
"""Who has set the stack up: the stack itself and the operator's scripts."""

Kind = Literal["reads", "creates", "deletes", "loads", "publishes", "looks_up", "enqueues"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Grants(BaseModel):
    """Folders of the bucket, other buckets, topics and queues; all of one function."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reads: tuple[str, ...] = ()
    creates: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    loads: tuple[str, ...] = ()
    publishes: tuple[str, ...] = ()
    looks_up: tuple[str, ...] = ()
    enqueues: tuple[str, ...] = ()

    def of(self, kind: Kind) -> tuple[str, ...]:
        targets: tuple[str, ...] = getattr(self, kind)
        return targets


class Use(NamedTuple):
    """One grant: of a function, for a folder, a topic or a queue."""

    function: str
    kind: Kind
    target: str


def load_grants(path: Path = DECLARATION) -> Mapping[str, Grants]:
    """By function."""
    return {name: Grants(**row) for name, row in json.loads(path.read_text()).items()}


def all_uses(grants: Mapping[str, Grants]) -> frozenset[Use]:
    """Everything that is granted."""
    return frozenset(
        Use(function, kind, target)
        for function, row in grants.items()
        for kind in KINDS
        for target in row.of(kind)
    )


class ForbiddenError(Exception):
    """The caller's account has no such permission."""


class Access:
    """Decides by the grants, and remembers those that were used. Safe with several threads."""

    def __init__(
        self,
        grants: Mapping[str, Grants],
        *,
        root_of: Callable[[str], str] = lambda _name: "",
    ) -> None:
        """`root_of`: what precedes the folder in an object's name (`GCS_PREFIX`)."""
        self._grants = grants
        self._root_of = root_of
        self._lock = threading.Lock()
        self._used: set[Use] = set()

    @property
    def used(self) -> frozenset[Use]:
        with self._lock:
            return frozenset(self._used)

    def forget_used(self) -> None:
        with self._lock:
            self._used.clear()

    def require(self, caller: str | None, kind: Kind, target: str) -> None:
        """Raises ForbiddenError."""
        if not self.may(caller, kind, target):
            raise ForbiddenError(f"{_named(caller)}: {kind} {target or 'what is in no folder'}")
        if caller is not None and caller != ADMINISTRATOR:
            with self._lock:
                self._used.add(Use(caller, kind, target))

    def may(self, caller: str | None, kind: Kind, target: str) -> bool:
        """Whether it is granted; it does not count as used."""
        if caller == ADMINISTRATOR:
            return True
        granted = self._grants.get(caller) if caller else None
        return granted is not None and target in granted.of(kind)

    def folder_of(self, name: str) -> str:
        """Of an object, the folder that grants speak of; empty if it lies in none."""
        folder, slash, _ = name.removeprefix(self._root_of(name)).partition("/")
        return folder if slash else ""

    def require_object(self, caller: str | None, kind: Kind, name: str) -> None:
        """`require` for the folder that an object lies in. Raises ForbiddenError."""
        self.require(caller, kind, self.folder_of(name))

    def require_listing(self, caller: str | None) -> None:
        """Who may read may list, in all folders (terraform/iam.tf). Raises ForbiddenError."""
        granted = self._grants.get(caller) if caller else None
        if caller != ADMINISTRATOR and not (granted and granted.reads):
            raise ForbiddenError(f"{_named(caller)}: listing")

    def require_administrator(self, caller: str | None) -> None:
        """For what no function does. Raises ForbiddenError."""
        if caller != ADMINISTRATOR:
            raise ForbiddenError(f"{_named(caller)}: not an operator")


def _named(caller: str | None) -> str:
    return caller or "Anonymous caller"


def access_under(prefix: str) -> Access:
    """By the declared grants, with everything in one folder of the bucket."""
    root = ObjectNames(prefix).root
    return Access(load_grants(), root_of=lambda _name: root)
