"""What a run counts. A dry run and the run after it have the same `due` and `already_gone`."""

from typing import Self

from pydantic import Field

from shared.schema import Schema


class PolicyCounts(Schema):
    """Objects, of one policy or of all.

    In the end `due` is `deleted + refused + left`; of a dry run the three are 0, because
    a refusal by the bucket is unknown before the deletion is tried.
    """

    due: int = 0
    """Found in the bucket, and must go."""
    due_bytes: int = 0
    already_gone: int = 0
    """Named by a row, and not in the bucket any more."""
    unknown: int = 0
    """It is unknown whether the bucket has them; retried in the next run."""
    deleted: int = 0
    deleted_bytes: int = 0
    refused: int = 0
    """Would not go; due again in the next run."""
    left: int = 0
    """Taken up, held or referred to after the run had found them, and so not deleted."""
    lectures_held: int = 0
    """Past their time, and kept because their course is held."""
    lectures_busy: int = 0
    """Past their time, and worked on just now: left for the next run."""

    def plus(self, **more: int) -> Self:
        return self.model_copy(
            update={name: getattr(self, name) + value for name, value in more.items()}
        )


class RunCounts(Schema):
    policies: dict[str, PolicyCounts] = Field(default_factory=dict)
    rows: dict[str, int] = Field(default_factory=dict)
    """Rows past their use, by table."""
    not_listed: dict[str, str] = Field(default_factory=dict)
    """Policies that could not continue, and why: the rest of theirs is left for the next run."""

    def of(self, policy: str, **more: int) -> "RunCounts":
        found = self.policies.get(policy, PolicyCounts()).plus(**more)
        return self.model_copy(update={"policies": {**self.policies, policy: found}})

    def with_rows(self, table: str, count: int) -> "RunCounts":
        rows = {**self.rows, table: self.rows.get(table, 0) + count}
        return self.model_copy(update={"rows": rows})

    def without(self, policy: str, reason: str) -> "RunCounts":
        return self.model_copy(update={"not_listed": {**self.not_listed, policy: reason}})

    @property
    def total(self) -> PolicyCounts:
        total = PolicyCounts()
        for each in self.policies.values():
            total = total.plus(**each.model_dump())
        return total
