"""Connections to Postgres that are closed as soon as they are out of step with the server.

A connection is in step while each request sent on it has had its whole answer. pg8000 keeps a
connection whose exchange an exception has interrupted; the next statement then reads the answer
of an earlier one, which may hold another owner's rows
([decision 020](../docs/decisions/020-a-connection-out-of-step.md)).
"""

import socket
from contextlib import suppress
from typing import Any, NoReturn

from pg8000.converters import make_params
from pg8000.core import (
    BIND,
    DESCRIBE,
    EXECUTE_MSG,
    IDLE,
    NULL_BYTE,
    PARSE,
    QUERY,
    READY_FOR_QUERY,
    STATEMENT,
    SYNC_MSG,
    Context,
    H_pack,
    i_pack,
)
from pg8000.dbapi import Connection as DriverConnection
from pg8000.dbapi import NotSupportedError
from pg8000.exceptions import InterfaceError


class FencedConnection(DriverConnection):  # type: ignore[misc] # pg8000 has no types
    """A connection of pg8000 that no statement can use once an exchange was interrupted.

    Every statement is one exchange: all of its messages are encoded before the first byte is
    sent, they end in one Sync (or are one Query), and the exchange is complete when its
    ReadyForQuery has been read. Whatever is raised between those two points, an interrupt
    included, closes the socket. What is raised before (a parameter that cannot be encoded) or
    after (the server's ErrorResponse, which pg8000 raises after ReadyForQuery) leaves the
    connection in step.
    """

    _usock: Any
    _sock: Any
    _under_way = False

    @classmethod
    def adopt(cls, connection: Any) -> None:
        """Fence a new connection of pg8000. The Cloud SQL connector makes its own connections
        and accepts no class, so the class is changed afterwards."""
        connection.__class__ = cls
        connection.message_types[READY_FOR_QUERY] = connection.handle_READY_FOR_QUERY

    @property
    def in_step(self) -> bool:
        return self._usock is not None and not self._under_way

    def execute_simple(self, statement: str) -> Context:
        return self._exchange(
            _message(QUERY, statement.encode(self._client_encoding) + NULL_BYTE), Context(statement)
        )

    def execute_unnamed(
        self, statement: str, vals: Any = (), oids: Any = (), stream: object = None
    ) -> Context:
        if stream is not None:
            _not_fenced()
        messages = (
            self._parse(statement, oids)
            + _message(DESCRIBE, STATEMENT + NULL_BYTE)
            + self._bind(make_params(self.py_types, vals))
            + EXECUTE_MSG
            + SYNC_MSG
        )
        return self._exchange(messages, Context(statement))

    def prepare_statement(self, *_: object, **__: object) -> NoReturn:
        _not_fenced()

    def execute_named(self, *_: object, **__: object) -> NoReturn:
        _not_fenced()

    def close_prepared_statement(self, *_: object, **__: object) -> NoReturn:
        _not_fenced()

    def handle_READY_FOR_QUERY(self, data: bytes, context: Context) -> None:  # noqa: N802 - pg8000's
        super().handle_READY_FOR_QUERY(data, context)
        self._under_way = False

    def close(self) -> None:
        if not self.in_step:
            self.cut()
            return
        buffered = self._sock
        try:
            super().close()
        finally:
            # pg8000 leaves the buffer, and with it the socket, to the garbage collector.
            with suppress(OSError, ValueError):
                buffered.close()

    def cut(self) -> None:
        """Close the socket without sending what is buffered. The server rolls back."""
        usock, buffered = self._usock, self._sock
        self._usock = self._sock = None
        # A rollback has nothing to do.
        self._transaction_status = IDLE
        if usock is None:
            return
        with suppress(OSError):
            usock.shutdown(socket.SHUT_RDWR)
        with suppress(OSError, ValueError):
            buffered.close()
        with suppress(OSError):
            usock.close()

    def _exchange(self, messages: bytes, context: Context) -> Context:
        if not self.in_step:
            self.cut()
            raise InterfaceError("connection is closed")
        try:
            self._under_way = True
            self._sock.write(messages)
            self._sock.flush()
            self.handle_messages(context)
        except OSError as error:
            # pg8000 translates this where it writes and in some of the places where it reads.
            raise InterfaceError("network error") from error
        finally:
            if self._under_way:
                self.cut()
        return context

    def _parse(self, statement: str, oids: Any) -> bytes:
        types = b"".join(i_pack(0 if oid == -1 else oid) for oid in oids)
        encoded = statement.encode(self._client_encoding)
        return _message(PARSE, NULL_BYTE + encoded + NULL_BYTE + H_pack(len(oids)) + types)

    def _bind(self, parameters: Any) -> bytes:
        """To the unnamed statement and portal; parameters and results in text format."""
        values = bytearray()
        for parameter in parameters:
            if parameter is None:
                values += i_pack(-1)
            else:
                encoded = parameter.encode(self._client_encoding)
                values += i_pack(len(encoded)) + encoded
        head = NULL_BYTE + NULL_BYTE + H_pack(0) + H_pack(len(parameters))
        return _message(BIND, head + values + H_pack(0))


def _message(code: bytes, data: bytes) -> bytes:
    return bytes(code + i_pack(len(data) + 4) + data)


def _not_fenced() -> NoReturn:
    raise NotSupportedError("COPY and named prepared statements are not fenced.")
