"""Which pooled connections may be used again: those that are in step and alive."""

import math
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from shared.database.fence import FencedConnection

TRUSTED_SEC = 10.0
"""A connection that answered so lately is taken to be alive."""
_IDLE_SINCE = "pegasus.idle_since"


class PoolGuard:
    """Fences the connections of an engine's pool and checks each before it is used.

    A connection that is out of step is discarded, and no other is. SQLAlchemy invalidates the
    whole pool when one connection breaks, which a single request could bring about; here the
    others are checked before their next use.
    """

    def __init__(self, engine: Engine, trusted_sec: float) -> None:
        self._engine = engine
        self._trusted_sec = trusted_sec
        self._broken_at = -math.inf
        """When a connection was last found broken; others may have broken with it."""
        # Before the dialect's own listener, which runs the first statements.
        event.listen(engine, "connect", self._connected, insert=True)
        event.listen(engine, "checkin", self._returned)
        event.listen(engine, "checkout", self._taken)
        event.listen(engine, "handle_error", self._failed)

    def _connected(self, connection: Any, _record: ConnectionPoolEntry) -> None:
        FencedConnection.adopt(connection)

    def _returned(self, _connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_IDLE_SINCE] = time.monotonic()

    def _taken(self, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        """Raises DisconnectionError, upon which the pool connects again."""
        # A connection that was never returned is new.
        idle_since = record.info.pop(_IDLE_SINCE, math.inf)
        if not connection.in_step:
            raise DisconnectionError()
        if idle_since > max(self._broken_at, time.monotonic() - self._trusted_sec):
            return
        # SQLAlchemy's `pool_pre_ping` asks each time: one trip to the database in four, for a
        # connection that has just answered.
        try:
            self._engine.dialect.do_ping(connection)
        except Exception as error:
            self._broken_at = time.monotonic()
            raise DisconnectionError() from error

    def _failed(self, context: ExceptionContext) -> None:
        """Tell SQLAlchemy what the connection knows. The dialect searches the message instead,
        which may quote what a client sent."""
        context.invalidate_pool_on_disconnect = False
        connection = context.connection
        if connection is None or connection.closed or connection.invalidated:
            return
        in_step: bool = connection.connection.driver_connection.in_step  # type: ignore[union-attr]
        if not in_step:
            self._broken_at = time.monotonic()
        if isinstance(context.original_exception, Exception):
            context.is_disconnect = not in_step
