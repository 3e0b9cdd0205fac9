"""A fault at one of the operations by which pg8000 talks to Postgres."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from shared.database.connections import Database


class FaultySocket:
    """What pg8000 reads from and writes to, with one fault at the given operation."""

    def __init__(self, inner: Any, at: int, fault: BaseException, *, late: bool) -> None:
        self._inner, self._at, self._fault, self._late = inner, at, fault, late
        self.raised = False

    def write(self, data: bytes) -> Any:
        return self._do(self._inner.write, data)

    def flush(self) -> Any:
        return self._do(self._inner.flush)

    def read(self, size: int) -> Any:
        return self._do(self._inner.read, size)

    def close(self) -> None:
        self._inner.close()

    def disarm(self) -> None:
        self._at = -1

    def _do(self, operation: Callable[..., Any], *given: Any) -> Any:
        self._at -= 1
        if self._at != -1:
            return operation(*given)
        self.raised = True
        if self._late:
            operation(*given)
        raise self._fault


def place_fault(
    database: Database, at: int, fault: BaseException, *, late: bool
) -> tuple[FaultySocket, int]:
    """In the connection that is taken next; its server session."""
    with database.autocommit() as connection:
        session: int = connection.scalar(text("SELECT pg_backend_pid()"))
        driver: Any = connection.connection.driver_connection
        inner = getattr(driver._sock, "_inner", driver._sock)
        driver._sock = FaultySocket(inner, at, fault, late=late)
        return driver._sock, session
