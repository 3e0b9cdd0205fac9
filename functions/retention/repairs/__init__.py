"""What the sweep repairs, one kind of damage in each file.

Each repair is bounded, commits by itself and may run beside any other work and
beside another sweep: rows are locked, looked at again, and skipped if somebody
else has them.
"""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from shared.database.transactions import transact
from shared.runtime import Runtime

BATCH = 200
"""Rows one repair looks at in one run; the next minute brings the next run."""


Mended = TypeVar("Mended", bool, int)


def in_own_transaction(rt: Runtime, repair: Callable[[Session], Mended]) -> Mended:
    return transact(rt.database, repair, committed=rt.outbox.publish)
