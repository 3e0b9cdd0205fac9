"""Transactions that are repeated when the database aborts them in favour of another one."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.database.connections import Database
from shared.database.sqlstate import sqlstate
from shared.errors import ContendedError
from shared.log import log

ATTEMPTS = 5
"""The transaction that was preferred has committed, or goes on, when this one is repeated; to
lose five times in a row takes five others."""

_ABORTED = frozenset({"40001", "40P01"})
"""SQLSTATEs `serialization_failure` and `deadlock_detected`: the transaction has changed nothing
and may be repeated (PostgreSQL documentation, 13.5)."""

T = TypeVar("T")


def transact(
    database: Database,
    work: Callable[[Session], T],
    *,
    committed: Callable[[Session], None] | None = None,
) -> T:
    """Run `work` in a transaction, commit it, and return what it returned.

    `work` runs again, in a new session, if the database aborts the transaction or if it raises
    ContendedError: it must change nothing but rows of its session. `committed` gets the session
    after the commit, once: there messages are published. Raises ContendedError after
    `ATTEMPTS` attempts.
    """
    for attempt in range(1, ATTEMPTS + 1):
        with database.unit_of_work() as session:
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
                if committed is not None:
                    committed(session)
                return result
        log.warning("transaction.aborted", attempt=attempt, reason=reason)
    raise ContendedError()


def is_aborted(error: DBAPIError) -> bool:
    """Whether the transaction may be repeated as it is."""
    return sqlstate(error) in _ABORTED
