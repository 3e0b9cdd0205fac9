"""What a downgrade through the migrations would delete, found by running it and rolling back.

Postgres can roll back changes to tables as well as to rows. So a migration need not declare what
its downgrade loses, and no declaration can be forgotten.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

NOT_MISSED = frozenset(
    {"alembic_version", "rate_limits", "sweep_failures", "sweep_positions", "upload_registrations"}
)
"""Tables whose rows are made again by the work that they are about."""

Columns = dict[tuple[str, str], str | None]
"""Table and column, with the column's default."""


@dataclass(frozen=True)
class Loss:
    table: str
    column: str | None
    """None where whole rows go."""
    rows: int

    def __str__(self) -> str:
        where = self.table if self.column is None else f"{self.table}.{self.column}"
        return f"{where}: {self.rows} {'row' if self.rows == 1 else 'rows'}"


def losses(connection: Connection, go_down: Callable[[], None], *, lock: bool) -> list[Loss]:
    """What is in the tables and columns that are not there after `go_down`, and the rows it
    deletes elsewhere. Everything is as before when this returns.

    With `lock`, no other transaction can add to it until this one ends.
    """
    before, deleted_before = _columns(connection), _deleted(connection)
    with connection.begin_nested() as attempt:
        go_down()
        after = _columns(connection)
        deleted = _deleted(connection) - deleted_before
        attempt.rollback()
    gone = {name: default for name, default in before.items() if name not in after}
    tables = {table for table, _ in before} - {table for table, _ in after}
    found = [Loss(table, None, rows) for table, rows in deleted.items() if table not in tables]
    for table in sorted({table for table, _ in gone}):
        if lock:
            # What the way down takes anyway; taken before, so that what is counted stays so.
            connection.execute(text(f'LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE'))
        columns = {column: default for (name, column), default in gone.items() if name == table}
        found += _inside(connection, table, None if table in tables else columns)
    return sorted(
        (loss for loss in found if loss.rows and loss.table not in NOT_MISSED),
        key=lambda loss: (loss.table, loss.column or ""),
    )


def _columns(connection: Connection) -> Columns:
    rows = connection.execute(
        text(
            "SELECT table_name, column_name, column_default FROM information_schema.columns"
            " WHERE table_schema = current_schema()"
        )
    )
    return {(row.table_name, row.column_name): row.column_default for row in rows}


def _deleted(connection: Connection) -> Counter[str]:
    """Rows that this transaction has deleted, by table; and perhaps some of the one before it."""
    rows = connection.execute(
        text("SELECT relname, n_tup_del FROM pg_stat_xact_user_tables WHERE n_tup_del > 0")
    )
    return Counter({row.relname: row.n_tup_del for row in rows})


def _inside(
    connection: Connection, table: str, columns: Mapping[str, str | None] | None
) -> list[Loss]:
    """Of a column, the rows that have something else in it than every new row has."""
    if columns is None:
        rows = connection.scalar(text(f'SELECT count(*) FROM "{table}"'))  # noqa: S608
        return [Loss(table, None, rows or 0)]
    counted = ", ".join(f"count(*) FILTER (WHERE {_told(*each)})" for each in columns.items())
    counts = connection.execute(text(f'SELECT {counted} FROM "{table}"')).one()  # noqa: S608
    return [Loss(table, name, rows) for name, rows in zip(columns, counts, strict=True)]


def _told(column: str, default: str | None) -> str:
    # A default that is computed is another one each time.
    if default is None or "(" in default:
        return f'"{column}" IS NOT NULL'
    return f'"{column}" IS DISTINCT FROM {default}'
