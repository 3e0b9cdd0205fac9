"""Postgres' error codes (SQLSTATE)."""

from typing import Any

from sqlalchemy.exc import DBAPIError

FOREIGN_KEY_VIOLATION = "23503"


def sqlstate(error: DBAPIError) -> str:
    """The code that Postgres gave the error; empty for an error of the driver."""
    return str(_fields(error).get("C", ""))


def constraint_of(error: DBAPIError) -> str:
    """The constraint that a statement violated; empty if none."""
    return str(_fields(error).get("n", ""))


def _fields(error: DBAPIError) -> dict[str, Any]:
    """The fields of the server's message (PostgreSQL documentation, 55.8)."""
    fields = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return fields if isinstance(fields, dict) else {}
