"""The interface of a policy: it finds objects to delete, and marks their rows afterwards."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from functions.retention.concurrently import TimedPool
from shared.runtime import Runtime


@dataclass(frozen=True)
class Terms:
    """What a run goes by from its start to its end."""

    run_id: uuid.UUID
    as_of: datetime
    """What is due is due at this moment."""
    raw_audio_days: int
    transcript_days: int
    material_days: int | None
    """None for not at all."""


@dataclass(frozen=True)
class Found:
    """An object that must go."""

    lecture_id: uuid.UUID | None
    name: str
    generation: int | None
    """The one to delete: what comes to the same name later is another object."""
    size: int = 0
    """Bytes."""
    there: bool = True
    """False if the bucket does not have it any more."""


@dataclass(frozen=True)
class Unknown:
    """An object, or a folder, that could not be looked up."""

    lecture_id: uuid.UUID
    name: str
    reason: str


@dataclass(frozen=True)
class Page:
    """What a policy found in one go."""

    found: Sequence[Found]
    unknown: Sequence[Unknown] = ()
    lectures: frozenset[uuid.UUID] = frozenset()
    """All whose rows have something to forget, also where the bucket has nothing."""
    reached: str | None = None
    """Where the next page begins; None after the last."""


@dataclass(frozen=True)
class Left:
    """Lectures that are past their time and stay, for now."""

    held: int
    busy: int


class Policy(Protocol):
    @property
    def name(self) -> str: ...

    def find(self, rt: Runtime, terms: Terms, after: str, pool: TimedPool) -> Page:
        """What is due behind `after`; nothing is changed. Called outside any transaction.

        Raises TransientError if the bucket cannot be listed, OutOfTimeError.
        """

    def still_due(
        self, rt: Runtime, session: Session, terms: Terms, found: Sequence[Found]
    ) -> Sequence[Found]:
        """Those that were not put to use, held or referred to since they were found."""

    def forget(
        self,
        rt: Runtime,
        session: Session,
        gone: Collection[str],
        lectures: Collection[uuid.UUID],
    ) -> None:
        """Say on the rows that these objects, and all that was due of these lectures, are gone."""

    def left(self, session: Session, terms: Terms) -> Left | None:
        """None for a policy that never waits."""
