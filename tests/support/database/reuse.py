"""Databases that serve one test after the other.

To empty a database takes about a fifth of the time that it takes to create and drop one. Each test
still finds the tables as the migrations leave them and no row in them: a database whose catalog a
test has changed is dropped.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, literal, select, text, union_all
from sqlalchemy.engine import URL
from sqlalchemy.exc import ProgrammingError

from shared.models import Base

# Rows only: what TRUNCATE changes in the catalog, the names of files, is no difference.
_CATALOG = text("""
    SELECT md5(string_agg(entry, E'\\n' ORDER BY entry)) FROM (
        SELECT concat_ws(' ', oid, relname, relkind, relowner, relacl, relrowsecurity, reloptions)
            FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', attrelid, attnum, attname, atttypid, attnotnull, attacl)
            FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', oid, conname, convalidated)
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', oid, tgname, tgenabled) FROM pg_trigger
        UNION ALL SELECT concat_ws(' ', oid, proname, prosrc)
            FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', oid, nspname, nspacl) FROM pg_namespace
            WHERE nspname !~ '^pg_'
        UNION ALL SELECT concat_ws(' ', setdatabase, setrole, setconfig) FROM pg_db_role_setting
    ) AS entries (entry)
""")
_REVISION = text("SELECT version_num FROM alembic_version")
_FILLED = union_all(
    *(
        select(literal(name)).where(select(table).exists())
        for name, table in Base.metadata.tables.items()
    )
)
_END_OTHERS = text("""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend'
""")


@dataclass(frozen=True)
class _Lent:
    url: URL
    engine: Engine
    """The superuser's, to empty it."""
    state: tuple[str, ...]


class ReusedDatabases:
    """Databases with the tables and nothing in them, for one process of tests.

    `create` and `drop` make and remove a database; `connect` opens it as its superuser.
    """

    def __init__(
        self,
        *,
        create: Callable[[], URL],
        drop: Callable[[URL], None],
        connect: Callable[[URL], Engine],
    ) -> None:
        self._create, self._drop, self._connect = create, drop, connect
        self._free: list[_Lent] = []
        self._lent: dict[URL, _Lent] = {}

    def lend(self) -> URL:
        """A database that no other test has meanwhile."""
        lent = self._free.pop() if self._free else self._made()
        self._lent[lent.url] = lent
        return lent.url

    def give_back(self, url: URL) -> None:
        """End the connections to a database and empty it, or drop it if it cannot be reused."""
        lent = self._lent.pop(url)
        with lent.engine.connect() as connection:
            connection.execute(_END_OTHERS)
            clean = _state(connection) == lent.state
            if clean:
                _empty(connection)
        if clean:
            self._free.append(lent)
        else:
            lent.engine.dispose()
            self._drop(url)

    def close(self) -> None:
        for lent in (*self._free, *self._lent.values()):
            lent.engine.dispose()

    def _made(self) -> _Lent:
        url = self._create()
        engine = self._connect(url)
        with engine.connect() as connection:
            return _Lent(url, engine, _state(connection))


def _state(connection: Connection) -> tuple[str, ...]:
    """What a test that does no more than to add rows leaves as it is."""
    catalog = connection.execute(_CATALOG).scalar_one()
    try:
        return (catalog, *connection.scalars(_REVISION))
    except ProgrammingError:  # a test has dropped it
        return (catalog,)


def _empty(connection: Connection) -> None:
    # Not DELETE: the rows of the next test would lie in the places of earlier ones, and a
    # statement without ORDER BY would return them in an order of its own.
    if filled := connection.scalars(_FILLED).all():
        connection.execute(text(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE"))
