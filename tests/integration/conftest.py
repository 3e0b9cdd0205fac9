"""Real parts: one Postgres and one storage server for the session, a database for each test."""

import shutil
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url

from scripts.local.gcs import StorageServer, ensure_service_account_key
from scripts.local.postgres.cluster import Postgres
from shared.config import Settings
from shared.database.connections import Database
from shared.database.migrate import migrate
from shared.database.roles import FUNCTION_ROLES, login_of
from shared.fault_points import listen
from shared.log import configure_logging
from shared.runtime import Runtime, build_runtime
from shared.storage.bucket import ObjectStore
from tests.support.access.grant_witnesses import grants_witnessed_by
from tests.support.access.issuer import Issuer
from tests.support.access.object_access import ACCESS, note_who_starts_threads, store_of_callers
from tests.support.clock import HeldClock
from tests.support.database.logins import use_logins
from tests.support.database.owner_conditions import OwnerConditions
from tests.support.database.reuse import ReusedDatabases
from tests.support.lectures.builders import BUCKET, PROJECT, make_settings
from tests.support.lectures.drafts_once import draft_once
from tests.support.lectures.messages import RecordingMessages

__all__ = [
    "_logs",
    "clock",
    "cluster",
    "cluster_folder",
    "database",
    "databases",
    "issuer",
    "messages",
    "runtime",
    "signing_key_file",
    "storage_server",
    "storage_settings",
    "store",
]
"""Fixtures that tests of other folders use as well."""

SIGNER = f"fn-ingest-api@{PROJECT}.iam.gserviceaccount.com"
TEMPLATE = "migrated"
MEMORY = Path("/dev/shm")  # noqa: S108 - a name of its own is made in it
MEMORY_NEEDED_BYTES = 2 << 30
NOT_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
"""Nothing here has to survive a power cut."""
NO_PASSWORD = "host all all 127.0.0.1/32 trust\n"
"""Every test opens connections of its own, and a password's hash takes most of the time that one
needs. tests/integration/database/test_local_postgres.py logs in with it."""


class Cluster:
    """A Postgres server on which a test's databases come and go."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._admin = _engine(self._url, isolation_level="AUTOCOMMIT")
        for setting in NOT_DURABLE:
            self._run(f"ALTER SYSTEM SET {setting} = off")
        with self._admin.connect() as connection:
            Path(connection.execute(text("SHOW hba_file")).scalar_one()).write_text(NO_PASSWORD)
        self._run("SELECT pg_reload_conf()")

    def create(self, name: str, *, template: str = "template0") -> URL:
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self._url.set(database=name)

    def add_login(self, name: str) -> None:
        self._run(f'CREATE ROLE "{name}" LOGIN')

    def drop(self, name: str) -> None:
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        self._admin.dispose()

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))


def connect(url: URL) -> Database:
    """As superuser for a test's own statements, and with a function's privileges for its own."""
    database = Database(_engine(url, pool_size=20, max_overflow=0))
    use_logins(database, lambda function: login_of(function, PROJECT))
    return database


def _engine(url: URL, **options: Any) -> Engine:
    # pg8000 offers TLS unless told not to, and setting that up costs more than most tests.
    return create_engine(
        url.set(drivername="postgresql+pg8000"), connect_args={"ssl_context": False}, **options
    )


@pytest.fixture(autouse=True)
def _no_listener_is_left() -> Iterator[None]:
    """What one test does at a fault point would be done in the next."""
    yield
    listen(None)


@pytest.fixture(autouse=True)
def _logs() -> None:
    """As in production, one line of JSON each; whatever the test before has set up."""
    configure_logging(make_settings())


@pytest.fixture(autouse=True)
def _grants(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that no longer uses a grant for which it is the witness (grant_witnesses.py)."""
    ACCESS.forget_used()
    with pytest.MonkeyPatch.context() as patch:
        note_who_starts_threads(patch)
        yield
    unused = grants_witnessed_by(request.node.nodeid) - ACCESS.used
    assert not unused, f"not used any more, though tests/data/grants.json says so: {unused}"


@pytest.fixture(autouse=True)
def _drafts_once() -> Iterator[None]:
    """Where the draft itself is not what is tested, it is not made again for each test."""
    with pytest.MonkeyPatch.context() as patch:
        draft_once(patch)
        yield


@pytest.fixture(scope="session")
def cluster_folder() -> Iterator[Path]:
    """In memory where there is enough: each test's database is some 300 new files."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED_BYTES
    with TemporaryDirectory(prefix="pegasus-", dir=MEMORY if roomy else None) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server's account must get in
        yield folder


@pytest.fixture(scope="session")
def cluster(cluster_folder: Path) -> Iterator[Cluster]:
    server = Postgres(cluster_folder, port=_free_port())
    server.start()
    cluster = Cluster(server.url)
    for function in FUNCTION_ROLES:
        cluster.add_login(login_of(function, PROJECT))
    template = connect(cluster.create(TEMPLATE))
    migrate(template, project=PROJECT)
    template.close()
    yield cluster
    cluster.close()
    server.remove()


@pytest.fixture(scope="session")
def databases(cluster: Cluster) -> Iterator[ReusedDatabases]:
    databases = ReusedDatabases(
        create=lambda: cluster.create(_name(), template=TEMPLATE),
        drop=lambda url: cluster.drop(str(url.database)),
        connect=lambda url: _engine(url, pool_size=1, isolation_level="AUTOCOMMIT"),
    )
    yield databases
    databases.close()


@pytest.fixture
def database(databases: ReusedDatabases) -> Iterator[Database]:
    """With the tables and nothing in them, and of no other test meanwhile."""
    url = databases.lend()
    database = connect(url)
    yield database
    database.close()
    databases.give_back(url)


@pytest.fixture
def empty_database(cluster: Cluster) -> Iterator[Database]:
    """A database without tables."""
    name = _name()
    database = connect(cluster.create(name))
    yield database
    database.close()
    cluster.drop(name)


def _name() -> str:
    return f"test_{uuid.uuid4().hex}"


@pytest.fixture(scope="session")
def signing_key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("signing") / "signer.json"
    ensure_service_account_key(path, email=SIGNER, project=PROJECT)
    return path


@pytest.fixture(scope="session")
def storage_server(
    tmp_path_factory: pytest.TempPathFactory, signing_key_file: Path
) -> Iterator[StorageServer]:
    public_key = ensure_service_account_key(signing_key_file, email=SIGNER, project=PROJECT)
    server = StorageServer(
        tmp_path_factory.mktemp("storage"),
        port=0,
        signing_keys={SIGNER: public_key},
        publish=lambda *_: None,
        access=ACCESS,
        access_bucket=BUCKET,
    )
    server.start()
    server.ensure_bucket(BUCKET)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def storage_settings(storage_server: StorageServer, signing_key_file: Path) -> Settings:
    return make_settings(
        storage_emulator_host=storage_server.url, plc_signing_key_file=str(signing_key_file)
    )


@pytest.fixture(scope="session")
def store(storage_settings: Settings) -> ObjectStore:
    """The one bucket, asked with the grants of the function that asks; what a test puts there lies
    under its runtime's prefix."""
    return store_of_callers(storage_settings)


@pytest.fixture
def owner_conditions() -> Iterator[None]:
    """Fails a test in which the API asks for an owner's rows without naming the owner."""
    conditions = OwnerConditions()
    event.listen(Engine, "before_cursor_execute", conditions.note)
    yield
    event.remove(Engine, "before_cursor_execute", conditions.note)
    conditions.close()
    assert not conditions.broken, "\n".join(conditions.broken)


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """Signs the tokens that the API of `signed_in` accepts."""
    with Issuer() as issuer:
        yield issuer


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def messages() -> Iterator[RecordingMessages]:
    """Fails a test in which a function sends what its account may not send."""
    messages = RecordingMessages()
    yield messages
    assert messages.refused == []


@pytest.fixture
def runtime(
    storage_settings: Settings,
    database: Database,
    store: ObjectStore,
    messages: RecordingMessages,
    clock: HeldClock,
) -> Runtime:
    """All of Pegasus with a held clock, on a database and a bucket folder of its own."""
    settings = storage_settings.model_copy(update={"gcs_prefix": uuid.uuid4().hex})
    return build_runtime(settings, database=database, store=store, messages=messages, clock=clock)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
