"""Postgres: connections, the unit of work, and whether the schema is the code's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pg8000.converters import TIMESTAMPTZ, timestamptz_in
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from shared.config import Settings
from shared.database.pool import TRUSTED_SEC, PoolGuard


class Database:
    """A pool of connections to one Postgres."""

    def __init__(self, engine: Engine, *, trusted_sec: float = TRUSTED_SEC) -> None:
        PoolGuard(engine, trusted_sec)
        _commit_each_statement(engine)
        _read_times_fast(engine)
        self._autocommit = engine
        self.engine = engine.execution_options()
        _begin_explicitly(self.engine)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._readers = sessionmaker(self._autocommit, expire_on_commit=False, autoflush=False)

    @classmethod
    def from_settings(cls, settings: Settings) -> "Database":
        if settings.database_url is not None:
            url = make_url(settings.database_url.get_secret_value()).set(
                drivername="postgresql+pg8000"
            )
            return cls(_engine(str(url.render_as_string(hide_password=False)), settings))
        return cls(
            _engine("postgresql+pg8000://", settings, creator=_cloud_sql_connections(settings))
        )

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """A session whose work is undone unless the caller commits."""
        session = self._sessions()
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads. It opens no transaction: each statement sees what is
        committed by then, as it would in one, and two trips to the database are saved."""
        session = self._readers()
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def autocommit(self) -> Iterator[Connection]:
        """A connection on which each statement is a transaction of its own."""
        with self._autocommit.connect() as connection:
            yield connection

    def revision(self) -> str | None:
        """The schema's revision, None for a database without tables. Raises if unreachable."""
        with self.engine.connect() as connection:
            if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
                return None
            revision: str | None = connection.scalar(
                text("SELECT version_num FROM alembic_version")
            )
            return revision

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: str, settings: Settings, **options: Any) -> Engine:
    return create_engine(
        url,
        pool_size=settings.plc_db_pool_size,
        max_overflow=0,
        # An error of a statement does not repeat its parameters.
        hide_parameters=True,
        # Cloud Run freezes idle instances; a connection older than this is likely dead.
        pool_recycle=1800,
        **options,
    )


def _commit_each_statement(engine: Engine) -> None:
    """The driver would otherwise begin a transaction for whatever comes, and it would have to
    be ended."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.autocommit = True


def _begin_explicitly(engine: Engine) -> None:
    """The driver begins no transaction of its own: of what may have to be undone, this does."""

    @event.listens_for(engine, "begin")
    def _begins(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")


def _read_times_fast(engine: Engine) -> None:
    """pg8000 tries one pattern after another on each time: a seventh of what a list cost."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: ConnectionPoolEntry) -> None:
        def read(text: str) -> Any:
            try:
                return datetime.fromisoformat(text)
            except ValueError:  # infinity, and years of five digits
                return timestamptz_in(text)

        connection.register_in_adapter(TIMESTAMPTZ, read)


def _cloud_sql_connections(settings: Settings) -> Callable[[], Any]:
    from google.cloud.sql.connector import Connector  # noqa: PLC0415 - 0.3 s only the cloud pays

    # Lazy: a background refresh starves while a function's CPU is throttled.
    connector = Connector(refresh_strategy="lazy")

    def connect() -> Any:
        return connector.connect(
            settings.instance_connection_name or "",
            "pg8000",
            user=settings.db_user,
            db=settings.db_name,
            enable_iam_auth=True,
            ip_type=settings.plc_db_ip_type,
        )

    return connect
