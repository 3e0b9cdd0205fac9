"""A connection whose exchange with the server was interrupted serves no one else.

Faults are injected where pg8000 writes, flushes and reads, one at every such operation of a unit
of work in turn, so that no step of the protocol is left out.
"""

import ast
import inspect
import socket
import struct
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from itertools import cycle
from typing import Any

import pytest
from google.cloud.sql.connector import pg8000 as cloud_sql
from pg8000.core import CoreConnection
from pg8000.dbapi import Connection as DriverConnection
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.database.connections import Database
from shared.database.fence import FencedConnection
from shared.models import Course
from tests.support.clock import START
from tests.support.processes.faulty_socket import place_fault

SECRET = "another owner's row"
POOL = 3

Unit = Callable[[Database], None]


def _orm(database: Database) -> None:
    with database.unit_of_work() as session:
        course = uuid.uuid4()
        session.add(
            Course(id=course, owner="mallory", slug=str(course), title=SECRET, created_at=START)
        )
        session.flush()
        session.scalars(select(Course.title).where(Course.owner == "mallory")).all()
        session.commit()


def _orm_rolls_back(database: Database) -> None:
    with database.unit_of_work() as session:
        session.scalar(text("SELECT :v"), {"v": SECRET})
        session.rollback()


def _orm_is_abandoned(database: Database) -> None:
    with database.unit_of_work() as session:
        session.scalar(text("SELECT :v"), {"v": SECRET})


def _core(database: Database) -> None:
    with database.engine.begin() as connection:
        _ask(connection, SECRET)


def _core_rolls_back(database: Database) -> None:
    with database.engine.connect() as connection:
        _ask(connection, SECRET)
        connection.rollback()


def _autocommit(database: Database) -> None:
    with database.autocommit() as connection:
        _ask(connection, SECRET)


def _reading(database: Database) -> None:
    with database.reading() as session:
        _ask(session, SECRET)
        session.scalar(text("SELECT 1"))


def _savepoint(database: Database) -> None:
    with database.engine.begin() as connection, connection.begin_nested():
        _ask(connection, SECRET)


UNITS: tuple[Unit, ...] = (
    _orm,
    _orm_rolls_back,
    _orm_is_abandoned,
    _core,
    _core_rolls_back,
    _autocommit,
    _reading,
    _savepoint,
)
FAULTS: tuple[Callable[[], BaseException], ...] = (
    lambda: UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    lambda: struct.error("unpack_from requires a buffer of at least 5 bytes"),
    lambda: BrokenPipeError("broken pipe"),
    lambda: SystemExit(1),
)


@pytest.fixture
def small_pool(database: Database) -> Iterator[Callable[..., Database]]:
    """Pools of three connections on the test's database."""
    with ExitStack() as opened:

        def pool(**options: Any) -> Database:
            engine = create_engine(
                database.engine.url,
                connect_args={"ssl_context": False},
                pool_size=POOL,
                max_overflow=0,
                # The connection that was returned last is taken next.
                pool_use_lifo=True,
            )
            made = Database(engine, **options)
            opened.callback(made.close)
            return made

        yield pool


@pytest.mark.sampled(6)
@pytest.mark.parametrize("late", (False, True), ids=("before", "after"))
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.__name__)
def test_next_user_gets_its_own_rows_after_a_fault_at_any_step(
    small_pool: Callable[..., Database], unit: Unit, late: bool
) -> None:
    _fail_at_every_step(small_pool(), unit, late=late)


@pytest.mark.parametrize("late", (False, True), ids=("before", "after"))
def test_fault_while_a_connection_is_checked_costs_that_connection(
    small_pool: Callable[..., Database], late: bool
) -> None:
    _fail_at_every_step(small_pool(trusted_sec=-1), _autocommit, late=late)


def _fail_at_every_step(database: Database, unit: Unit, *, late: bool) -> None:
    """Each operation on the socket fails once, before or after it took effect."""
    for at, make_fault in zip(range(1000), cycle(FAULTS), strict=False):
        sessions = _server_sessions(database)
        assert len(sessions) == POOL
        sock, broken = place_fault(database, at, make_fault(), late=late)
        with suppress(Exception, SystemExit):
            unit(database)
        sock.disarm()
        _assert_own_rows(database, f"{unit.__name__}, operation {at}")
        survivors = _server_sessions(database)
        assert survivors >= sessions - {broken}, "another connection was lost as well"
        if not sock.raised:
            assert at > 5, "no step was interrupted"
            return
    raise AssertionError("the unit of work has no end")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.__name__)
def test_parameter_that_cannot_be_encoded_costs_not_even_its_own_connection(
    small_pool: Callable[..., Database], unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = small_pool()
    sessions = _server_sessions(database)
    monkeypatch.setattr(f"{__name__}.SECRET", "\ud800")
    for _ in range(2 * POOL):
        with pytest.raises(UnicodeEncodeError):
            unit(database)
        _assert_own_rows(database, unit.__name__)
    assert _server_sessions(database) == sessions


@pytest.mark.parametrize("unit", (_core, _autocommit), ids=lambda unit: unit.__name__)
def test_fault_in_reading_a_value_costs_its_own_connection_alone(
    small_pool: Callable[..., Database], unit: Unit
) -> None:
    database = small_pool()
    sessions = _server_sessions(database)

    def fail(_value: str) -> None:
        raise OverflowError("date value out of range")

    with database.autocommit() as connection:
        broken = connection.scalar(text("SELECT pg_backend_pid()"))
        driver: Any = connection.connection.driver_connection
        driver.register_in_adapter(25, fail)
    with pytest.raises(OverflowError):
        unit(database)
    _assert_own_rows(database, unit.__name__)
    assert sessions - _server_sessions(database) == {broken}


def test_error_of_the_server_costs_no_connection(small_pool: Callable[..., Database]) -> None:
    database = small_pool()
    sessions = _server_sessions(database)
    # The dialect takes a message with these words for a lost connection.
    for hostile in ("connection is closed", "network error", "\x00"):
        for _ in range(POOL):
            with database.autocommit() as connection, pytest.raises(DBAPIError):
                connection.scalar(text("SELECT CAST(:v AS uuid)"), {"v": hostile})
            with database.unit_of_work() as session, pytest.raises(DBAPIError):
                session.scalar(text("SELECT CAST(:v AS uuid)"), {"v": hostile})
            _assert_own_rows(database, hostile)
    assert _server_sessions(database) == sessions


def test_after_a_restart_of_the_server_one_request_fails(
    small_pool: Callable[..., Database], database: Database
) -> None:
    pool = small_pool()
    sessions = _server_sessions(pool)
    with database.autocommit() as connection:
        for session in sessions:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": session})
    failed = 0
    for _ in range(2 * POOL):
        try:
            _assert_own_rows(pool, "after the restart")
        except DBAPIError:
            failed += 1
    assert failed == 1
    assert not _server_sessions(pool) & sessions


def test_connections_of_the_cloud_sql_connector_are_fenced(database: Database) -> None:
    url = database.engine.url

    def connect() -> Any:
        host, port = str(url.host), url.port or 5432
        return cloud_sql.connect(
            host,
            socket.create_connection((host, port)),  # type: ignore[arg-type] # TLS in the cloud
            user=url.username,
            db=url.database,
            password=url.password,
            ssl_context=False,
        )

    pool = Database(
        create_engine("postgresql+pg8000://", creator=connect, pool_size=1, max_overflow=0)
    )
    sock, _ = place_fault(pool, 2, ValueError("interrupted"), late=True)
    with pytest.raises(ValueError, match="interrupted"):
        _autocommit(pool)
    assert sock.raised
    _assert_own_rows(pool, "through the connector")
    pool.close()


def test_connection_that_two_threads_use_at_the_same_time_ends(
    small_pool: Callable[..., Database],
) -> None:
    with small_pool().autocommit() as connection:
        driver: Any = connection.connection.driver_connection
        driver._under_way = True  # an exchange of another thread
        with pytest.raises(DBAPIError, match="connection is closed"):
            connection.scalar(text("SELECT 1"))
        assert not driver.in_step


def test_every_exchange_of_the_driver_is_fenced() -> None:
    """A new version of pg8000 that can talk to the server in another way is noticed here."""
    exchanges = {
        method.name
        for driver in (CoreConnection, DriverConnection)
        for method in ast.walk(ast.parse(inspect.getsource(driver)))
        if isinstance(method, ast.FunctionDef)
        and any(
            isinstance(part, ast.Attribute) and part.attr == "handle_messages"
            for part in ast.walk(method)
        )
    }
    assert len(exchanges) >= 4
    assert exchanges <= vars(FencedConnection).keys()


def _ask(session: Connection | Session, value: str) -> Any:
    return session.scalar(text("SELECT CAST(:v AS text)"), {"v": value})


def _assert_own_rows(database: Database, step: str) -> None:
    with database.autocommit() as connection:
        for own in ("first", "second"):
            assert _ask(connection, own) == own, step
    with database.unit_of_work() as session:
        assert _ask(session, "third") == "third", step
        session.commit()
    with database.reading() as session:
        assert _ask(session, "fourth") == "fourth", step


def _server_sessions(database: Database) -> set[int]:
    """Of all connections of the pool."""
    with ExitStack() as taken:
        connections = [taken.enter_context(database.autocommit()) for _ in range(POOL)]
        return {each.scalar(text("SELECT pg_backend_pid()")) for each in connections}
