"""Transactions: each commits in one way, and its messages are published after its commit.

    with transactions.begin() as tx:
        tx.session.execute(…)
        tx.commit()

A block that is left without `commit` is rolled back. `run` repeats a transaction that the
database aborts in favour of another one.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.database.connections import Database
from shared.errors import ContendedError
from shared.errors.sqlstate import sqlstate
from shared.log import log

ATTEMPTS = 5
FIRST_PAUSE_SEC = 0.05
"""Before the second attempt; each later pause is twice as long, 0.75 s together at most. The
aborted transaction has released its rows, but the other one is granted them only once its process
runs: a repetition without a pause may lock them first, and meet it in the same deadlock again."""

_ABORTED = frozenset({"40001", "40P01"})
"""SQLSTATEs `serialization_failure` and `deadlock_detected`: the transaction has changed nothing
and may be repeated (PostgreSQL documentation, 13.5)."""

T = TypeVar("T")

Committed = Callable[[Session], None]
"""Gets a session after its commit, when its transaction holds no lock and no connection."""


class Transaction:
    """One transaction on a session of its own."""

    def __init__(self, session: Session, committed: Committed) -> None:
        self.session = session
        self._committed = committed

    def commit(self) -> None:
        """Commit, then publish the messages that were put into the outbox with the session."""
        self.session.commit()
        self._committed(self.session)


class Transactions:
    """Begins transactions on one database; `committed` publishes their messages."""

    def __init__(
        self,
        database: Database,
        *,
        committed: Committed,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`pause` waits for a number of seconds."""
        self._database = database
        self._committed = committed
        self._pause = pause

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction that is rolled back unless the caller commits it."""
        with self._database.unit_of_work() as session:
            yield Transaction(session, self._committed)

    def run(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction, commit it, and return what it returned.

        `work` runs again, in a new session, if the database aborts the transaction or if it raises
        ContendedError: it must change nothing but rows of its session. Messages are published
        once, after the commit. Raises ContendedError after `ATTEMPTS` attempts.
        """
        for attempt in range(1, ATTEMPTS + 1):
            with self._database.unit_of_work() as session:
                try:
                    result = work(session)
                    session.commit()
                except ContendedError as error:
                    reason = error.code
                except DBAPIError as error:
                    if not is_aborted(error):
                        raise
                    reason = sqlstate(error)
                else:
                    self._committed(session)
                    return result
            log.warning("transaction.aborted", attempt=attempt, reason=reason)
            if attempt < ATTEMPTS:
                self._pause(_pause_sec(attempt))
        raise ContendedError()


def _pause_sec(attempt: int) -> float:
    """After this attempt. Random, so that transactions which were aborted together do not meet
    again."""
    longest = FIRST_PAUSE_SEC * 2 ** (attempt - 1)
    return random.uniform(longest / 2, longest)  # noqa: S311 - no secret


def is_aborted(error: DBAPIError) -> bool:
    """Whether the transaction may be repeated as it is."""
    return sqlstate(error) in _ABORTED
