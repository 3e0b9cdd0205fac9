"""Detects that a transaction waits for a lock, so that no test guesses how long that takes."""

from sqlalchemy import text

from shared.database.connections import Database


def a_transaction_waits(database: Database) -> bool:
    """Whether any connection to this database waits for a row or table another one holds."""
    with database.engine.connect() as connection:
        waiting = connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        )
    return bool(waiting)
