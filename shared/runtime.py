"""The composition root: the one place that builds the object graph.

Tests build the same graph with parts of their own: `build_runtime(clock=…)`.
"""

import threading
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from sqlalchemy.orm import Session

from shared.clock import Clock, NewId, utc_now
from shared.config import Settings, load_settings
from shared.database.connections import Database
from shared.database.migrate import schema_problem
from shared.database.transactions import Transaction, Transactions
from shared.errors import SchemaBehindError
from shared.log import configure_logging
from shared.messaging.outbox import Outbox
from shared.messaging.sending import GoogleMessages, Messages
from shared.storage.bucket import ObjectStore
from shared.storage.object_names import ObjectNames
from shared.topology import load_topology
from shared.work.jobs import Jobs
from shared.work.lectures import Lectures
from shared.work.segments import Segments

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Runtime:
    settings: Settings
    database: Database
    store: ObjectStore
    names: ObjectNames
    messages: Messages
    outbox: Outbox
    lectures: Lectures
    jobs: Jobs
    segments: Segments
    clock: Clock
    new_id: NewId

    @property
    def transactions(self) -> Transactions:
        return Transactions(self.database, committed=self.outbox.publish)

    def transaction(self) -> AbstractContextManager[Transaction]:
        """`Transactions.begin`: rolled back unless it is committed."""
        return self.transactions.begin()

    def transact(self, work: Callable[[Session], T]) -> T:
        """`Transactions.run`: committed after `work`, and repeated if the database aborts it."""
        return self.transactions.run(work)


def build_runtime(
    settings: Settings,
    *,
    database: Database | None = None,
    store: ObjectStore | None = None,
    messages: Messages | None = None,
    clock: Clock = utc_now,
    new_id: NewId = uuid.uuid4,
) -> Runtime:
    database = database or Database.from_settings(settings)
    messages = messages or GoogleMessages(settings, load_topology())
    outbox = Outbox(database, messages, clock)
    transactions = Transactions(database, committed=outbox.publish)
    jobs = Jobs(transactions, clock=clock, new_id=new_id, settings=settings)
    return Runtime(
        settings=settings,
        database=database,
        store=store or ObjectStore.from_settings(settings),
        names=ObjectNames(settings.gcs_prefix),
        messages=messages,
        outbox=outbox,
        lectures=Lectures(clock=clock),
        jobs=jobs,
        segments=Segments(transactions, jobs, clock=clock, new_id=new_id, settings=settings),
        clock=clock,
        new_id=new_id,
    )


_building = threading.Lock()
_build: Callable[[Settings], Runtime] = build_runtime


def build_with(build: Callable[[Settings], Runtime]) -> None:
    """Have this process's runtime built from other parts, before it is first asked for."""
    global _build  # noqa: PLW0603 - the one runtime of a process is made once
    _build = build


def runtime() -> Runtime:
    """This process's runtime, built at the first request: connections do not survive the
    fork by which the functions framework makes its workers."""
    # The first requests are concurrent, and a cache alone would build one for each.
    with _building:
        return _runtime()


@cache
def _runtime() -> Runtime:
    settings = load_settings()
    configure_logging(settings)
    return _build(settings)


@cache
def working_runtime() -> Runtime:
    """The same for work on events, once its schema is known to be there.

    Raises SchemaBehindError.
    """
    rt = runtime()
    require_schema(rt.database)
    return rt


def require_schema(database: Database) -> None:
    """Raises SchemaBehindError: a function that is ahead of its schema would fail oddly
    later, so it takes no work, and its messages come again after the migrations.
    """
    if problem := schema_problem(database):
        raise SchemaBehindError(problem)
