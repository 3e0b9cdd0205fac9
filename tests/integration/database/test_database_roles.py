"""A deployment to a server on which no account of ours is a superuser, as on Cloud SQL.

Terraform makes the logins and the database; `scripts/migrate` makes the roles, the tables and the
grants, and gives the logins their roles.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from scripts.local.postgres.cluster import Postgres
from scripts.local.postgres.logins import ensure_logins
from shared.database.connections import Database
from shared.database.migrate import head_revision, migrate, migrate_down
from shared.database.roles import FUNCTION_ROLES, OWNER, RoleError, login_of
from tests.integration.conftest import _free_port
from tests.support.database.postgres import FOUND

PROJECT = "lectures"
DEPLOYER, SECOND_DEPLOYER = "pegasus-deploy@lectures.iam", "another@lectures.iam"
PASSWORD = "of-every-login-here"


class Server:
    """As Cloud SQL presents itself: `cloudsqlsuperuser` may make roles and databases, and owns
    the database; deployers are its members and have no such attribute themselves."""

    def __init__(self, url: str) -> None:
        self._superuser = make_url(url).set(drivername="postgresql+pg8000")
        self.as_superuser("CREATE ROLE cloudsqlsuperuser CREATEROLE CREATEDB")
        for deployer in (DEPLOYER, SECOND_DEPLOYER):
            self.add_login(deployer)
            self.as_superuser(f'GRANT cloudsqlsuperuser TO "{deployer}"')

    def as_superuser(self, statement: str) -> None:
        engine = create_engine(self._superuser, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def add_login(self, name: str) -> None:
        self.as_superuser(f"""CREATE ROLE "{name}" LOGIN PASSWORD '{PASSWORD}'""")

    def add_database(self, name: str) -> None:
        self.as_superuser(f"CREATE DATABASE {name} OWNER cloudsqlsuperuser")

    @contextmanager
    def connected(self, login: str, database: str) -> Iterator[Database]:
        connected = Database(create_engine(self.url(login, database)))
        yield connected
        connected.close()

    def url(self, login: str, database: str) -> URL:
        return self._superuser.set(username=login, password=PASSWORD, database=database)


@pytest.fixture(scope="module", params=FOUND)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    if (binaries := FOUND[request.param]) is None:
        pytest.skip(f"there is no Postgres from the {request.param}")
    with TemporaryDirectory(prefix="pegasus-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server's account must get in
        postgres = Postgres(folder, port=_free_port(), binaries=binaries)
        postgres.start()
        yield Server(postgres.url)
        postgres.remove()


@pytest.mark.sampled(1)
def test_a_first_deployment_needs_no_superuser(server: Server) -> None:
    logins = {function: login_of(function, PROJECT) for function in FUNCTION_ROLES}
    *early, late = logins
    for function in early:
        server.add_login(logins[function])
    server.add_database("first")

    with server.connected(DEPLOYER, "first") as database:
        migrate(database, project=PROJECT)
    server.add_login(logins[late])
    with server.connected(logins[late], "first") as database, pytest.raises(DBAPIError):
        database.revision()

    # The next deployment, from another account, with a function that is new.
    with server.connected(SECOND_DEPLOYER, "first") as database:
        migrate(database, project=PROJECT)
        owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        with database.engine.connect() as connection:
            assert connection.scalars(text(owners)).all() == [OWNER]
    for login in logins.values():
        with server.connected(login, "first") as database:
            assert database.revision() == head_revision()
            with database.engine.connect() as connection, pytest.raises(DBAPIError):
                connection.execute(text("CREATE TABLE mine ()"))

    with server.connected(SECOND_DEPLOYER, "first") as database:
        migrate_down(database, "base")


def test_tables_of_an_account_that_deployed_before_there_were_roles_are_taken_over(
    server: Server,
) -> None:
    server.add_database("older")
    with server.connected(DEPLOYER, "older") as database:
        migrate(database, "0011")
        with database.engine.begin() as connection:
            for table in connection.scalars(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ).all():
                connection.execute(text(f'ALTER TABLE {table} OWNER TO "{DEPLOYER}"'))
        migrate(database)
        with database.engine.connect() as connection:
            owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
            assert connection.scalars(text(owners)).all() == [OWNER]


def test_an_account_that_may_not_act_as_the_owner_is_told_so(server: Server) -> None:
    server.add_login("nobody@lectures.iam")
    server.add_database("refused")

    with (
        server.connected("nobody@lectures.iam", "refused") as database,
        pytest.raises(RoleError, match=r"nobody@lectures\.iam"),
    ):
        migrate(database)


@pytest.mark.sampled(1)
def test_the_local_stack_gives_each_function_a_login_of_its_own(server: Server) -> None:
    server.add_database("local")
    server.as_superuser(f'ALTER ROLE "{DEPLOYER}" CREATEROLE')

    with server.connected(DEPLOYER, "local") as database:
        for _ in range(2):
            urls = ensure_logins(database, "local")
            migrate(database, project="local")

    for function, url in urls.items():
        engine = create_engine(make_url(url).set(drivername="postgresql+pg8000"))
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT current_user")) == login_of(function, "local")
            assert connection.scalar(text("SELECT version_num FROM alembic_version"))
        engine.dispose()
