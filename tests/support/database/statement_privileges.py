"""Which privileges a statement needs, as Postgres itself judges it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from shared.errors.sqlstate import sqlstate

INSUFFICIENT_PRIVILEGE = "42501"


class Privilege(NamedTuple):
    table: str
    kind: str
    column: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} ({self.column})" if self.column else self.kind


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    with connection.begin_nested() as attempt:
        yield
        attempt.rollback()


def prepare(connection: Connection, statement: str) -> str:
    """Have the statement of the driver planned by each `explain`; returns its name.

    Planning a prepared statement checks the privileges and executes nothing.
    """
    parts = statement.replace("%%", "\0").split("%s")
    numbered = "".join(f"{part}${n}" for n, part in enumerate(parts[:-1], 1)) + parts[-1]
    numbered = numbered.replace("\0", "%")
    connection.exec_driver_sql("DEALLOCATE ALL")
    connection.exec_driver_sql(f"PREPARE tried AS {_escaped(numbered)}")
    count = len(set(re.findall(r"\$\d+", numbered)))
    return f"tried({', '.join(['NULL'] * count)})" if count else "tried"


def is_allowed(connection: Connection, role: str, prepared: str) -> bool:
    """Whether the role may execute what is prepared."""
    with undone(connection):
        connection.execute(text(f'SET LOCAL ROLE "{role}"'))
        return succeeds(connection, f"EXPLAIN EXECUTE {prepared}")


def succeeds(connection: Connection, statement: str) -> bool:
    """False where a privilege is missing; raises whatever else is wrong."""
    try:
        with undone(connection):
            connection.exec_driver_sql(_escaped(statement))
    except DBAPIError as error:
        if sqlstate(error) != INSUFFICIENT_PRIVILEGE:
            raise
        return False
    return True


def _escaped(statement: str) -> str:
    return statement.replace("%", "%%")
