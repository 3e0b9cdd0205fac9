"""Every statement of the API about an owner's rows names the owner, or a row of the owner.

A statement passes that compares with the caller's name, as functions/ingest/lectures/lookup.py has
it, or whose every id is of a row of the caller: it was found by a statement that names the owner,
since the same tests ask for others' rows too. A statement with neither, or with the id of another
owner's row, does not pass.
"""

import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import Delete, Update
from sqlalchemy.sql.elements import BindParameter

from shared.models import Base
from tests.support.database.logins import function_of_caller

NOBODYS = {"dead_letters", "outbox", "sweep_failures", "sweep_positions", "retention_runs"}
"""Tables of messages and of the installation; the API shows them to operators alone."""
OPERATORS = ("/accounts/", "/jobs/", "/me/exports/", "/messages/", "/takedowns/")
"""Routes by which an operator may reach the jobs, accounts and lectures of all owners."""
OWNERS = [table for table in Base.metadata.tables if table not in NOBODYS]
OWNERS_OF_IDS = text(
    """
    SELECT owner FROM lectures WHERE id = ANY(:ids)
    UNION SELECT owner FROM courses WHERE id = ANY(:ids)
    UNION SELECT owner FROM jobs JOIN lectures ON lectures.id = lecture_id WHERE jobs.id = ANY(:ids)
    UNION SELECT owner FROM threads JOIN courses ON courses.id = course_id
        WHERE threads.id = ANY(:ids)
    UNION SELECT owner FROM account_exports WHERE id = ANY(:ids)
    """
)
NO_ROW = "(1 != 1)"
"""SQLAlchemy's condition for a comparison with an empty list."""
MEDIAN = "SELECT percentile_cont("
"""How long jobs have taken lately, of all owners, for the estimate of the time that is left
(functions/ingest/progress/estimate.py): one figure and no row."""
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class OwnerConditions:
    """Listens to all statements; `broken` are those that do not pass."""

    def __init__(self) -> None:
        self.seen = 0
        self.broken: list[str] = []
        self._engines: dict[str, Engine] = {}

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()

    def note(
        self,
        connection: Connection,
        _cursor: object,
        statement: str,
        _parameters: object,
        context: Any,
        _many: bool,
    ) -> None:
        if function_of_caller() != "ingest-api" or not has_request_context():
            return
        if "principal" not in g or (g.principal.operates and request.path.startswith(OPERATORS)):
            return
        tables = {table for table in OWNERS if re.search(rf"\b{table}\b", statement)}
        if not tables or statement.startswith(("INSERT", MEDIAN)) or NO_ROW in statement:
            return
        self.seen += 1
        compared = [str(value) for value in _flat(_compared(context))]
        if any(g.principal.owner in value for value in compared):
            return
        ids = {found for value in compared for found in UUID.findall(value)}
        owners = self._owners(connection.engine, ids)
        if not ids or owners - {g.principal.owner}:
            self.broken.append(f"{statement}\n  compares with {compared}, of {owners or 'nobody'}")

    def _owners(self, engine: Engine, ids: set[str]) -> set[str]:
        if not ids:
            return set()
        url = engine.url.render_as_string(hide_password=False)
        if url not in self._engines:
            self._engines[url] = create_engine(
                engine.url, connect_args={"ssl_context": False}, pool_size=1
            )
        with self._engines[url].connect() as connection:
            return set(connection.scalars(OWNERS_OF_IDS, {"ids": [uuid.UUID(id) for id in ids]}))


def _compared(context: Any) -> Iterator[Any]:
    """Values in conditions, not those that a row is given."""
    element = context.compiled.statement if context.compiled is not None else None
    for parameters in context.compiled_parameters:
        if not isinstance(element, Update | Delete):
            yield from parameters.values()
            continue
        for condition in element._where_criteria:
            for bind in visitors.iterate(condition):
                if isinstance(bind, BindParameter):
                    name = context.compiled.bind_names.get(bind, bind.key)
                    yield parameters.get(name, bind.effective_value)


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple | set | frozenset):
            yield from value
        else:
            yield value
