"""The whole product on one machine: Postgres, Google's stand-ins, and every function."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts.local.cloud import BUCKET, PROJECT, REGION, LocalCloud
from scripts.local.delivery.faults import DeliveryFaults
from scripts.local.gcs.http.faults import Between, undisturbed
from scripts.local.gcs.http.signing_key import ensure_service_account_key
from scripts.local.google_emulator import EmulatorInstallation
from scripts.local.home import HomeLock, belonging_to
from scripts.local.identity.server import IdentityServer, keys_url
from scripts.local.ports import HOST, Ports
from scripts.local.postgres.cluster import Postgres
from scripts.local.postgres.logins import ensure_logins
from scripts.local.processes.functions import FunctionProcess
from scripts.local.processes.table import end
from shared.config import Settings, load_settings
from shared.database.connections import Database
from shared.database.migrate import migrate
from shared.topology import Topology, load_topology

ROOT = Path(__file__).resolve().parents[2]
SIGNER = f"fn-ingest-api@{PROJECT}.iam.gserviceaccount.com"
START_TIMEOUT_SEC = 120
OPERATOR_ID = "local-operator"
USERS = {
    "local-alice": "alice@pegasus.example",
    "local-bob": "bob@pegasus.example",
    OPERATOR_ID: "operator@pegasus.example",
}
"""Who can sign in from the start, by their ids; others may sign up."""
PASSWORD = "pegasus"  # noqa: S105 - of users of one machine


@dataclass(frozen=True)
class Options:
    home: Path
    ports: Ports
    topology: Topology = field(default_factory=load_topology)
    environment: Mapping[str, str] = field(default_factory=dict)
    """Settings of the functions beside those the stack makes itself; these win."""
    schedule_seconds: Mapping[str, float] = field(default_factory=dict)
    segment_workers: int = min(2, os.cpu_count() or 1)
    """Instances of the segment worker; measured, two with one thread each beat one with two."""
    google_pubsub: EmulatorInstallation | None = None
    """Run Google's own Pub/Sub emulator instead of the stand-in."""
    pubsub_faults: DeliveryFaults | None = None
    tasks_faults: DeliveryFaults | None = None
    storage_faults: Between = undisturbed
    sign_in: bool = False
    """Users sign in, as in the cloud; otherwise the API takes every request of this machine."""
    functions: Path = ROOT / "functions"
    """Where each stage's `main.py` is."""


class Stack:
    """Start, use, stop; the folder keeps everything for the next start."""

    def __init__(self, options: Options) -> None:
        self.options = options
        home = options.home
        for folder in ("logs", "run"):
            (home / folder).mkdir(parents=True, exist_ok=True)
        self._lock = HomeLock(home)
        self._own_postgres = "DATABASE_URL" not in options.environment
        self.postgres = Postgres(home / "postgres", port=options.ports.postgres)
        self._key_file = home / "signing-key.json"
        public_key = ensure_service_account_key(self._key_file, email=SIGNER, project=PROJECT)
        self._signing_keys = {SIGNER: public_key}
        self.identity: IdentityServer | None = None
        self.cloud: LocalCloud | None = None
        self.functions: dict[str, FunctionProcess] = {}
        self._urls: Mapping[str, str] = {}
        """Of the database, with each function's login."""

    @property
    def api_url(self) -> str:
        return f"http://{HOST}:{self.options.ports.api}"

    def start(self) -> None:
        """Everything is up and the schema is the code's when this returns.

        Raises HomeInUseError, PortsTakenError, PostgresError, ConfigurationError, RoleError,
        TimeoutError.
        """
        options = self.options
        self._lock.take()
        try:
            # A stack that was killed may have left some: its watchdog may have been killed too.
            end(lambda: belonging_to(options.home))
            options.ports.require_free()
            if self._own_postgres:
                self.postgres.start()
            self._migrate()
            if options.sign_in:
                self._start_identity()
            self.cloud = LocalCloud(
                options.home / "cloud",
                ports=options.ports,
                topology=options.topology,
                gcs_prefix=self.settings().gcs_prefix,
                signing_keys=self._signing_keys,
                schedule_seconds=options.schedule_seconds,
                google_pubsub=options.google_pubsub,
                pubsub_faults=options.pubsub_faults,
                tasks_faults=options.tasks_faults,
                storage_faults=options.storage_faults,
            )
            self.cloud.start()
            self._start_functions()
            self.cloud.start_deliveries()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self.cloud is not None:
            self.cloud.stop_schedules()
        for function in self.functions.values():
            function.ask_to_stop()
        for function in self.functions.values():
            function.stop()
        self.functions = {}
        if self.cloud is not None:
            self.cloud.stop()
            self.cloud = None
        if self.identity is not None:
            self.identity.stop()
            self.identity = None
        if self._own_postgres:
            self.postgres.stop()
        self._lock.release()

    def settings(self) -> Settings:
        """What the functions are configured with. Raises ConfigurationError."""
        return load_settings({**_inherited(), **self.environment()})

    def environment(self) -> dict[str, str]:
        """The settings every function gets, and the database's administrator: each function has
        a login of its own instead."""
        options, ports = self.options, self.options.ports
        return {
            "PLC_ENVIRONMENT": "local",
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "PLC_REGION": REGION,
            "GCS_BUCKET": BUCKET,
            "STORAGE_EMULATOR_HOST": f"http://{HOST}:{ports.storage}",
            "PUBSUB_EMULATOR_HOST": f"{HOST}:{ports.pubsub}",
            "PLC_TASKS_EMULATOR_HOST": f"{HOST}:{ports.tasks}",
            "PLC_SEGMENT_URL": ports.function_url(options.topology.queues["segments"].function),
            "PLC_SEGMENT_WORKERS": str(options.segment_workers),
            "PLC_SIGNING_KEY_FILE": str(self._key_file.resolve()),
            "PLC_MODEL_CACHE_DIR": str((options.home / "models").resolve()),
            **({"DATABASE_URL": self.postgres.url} if self._own_postgres else {}),
            **(self._sign_in() if options.sign_in else {}),
            **options.environment,
        }

    def addresses(self) -> list[tuple[str, str]]:
        ports = self.options.ports
        return [
            (
                "Postgres",
                f"{self.postgres.address}  ({self.postgres.source})"
                if self._own_postgres
                else "DATABASE_URL",
            ),
            ("Cloud Storage", f"http://{HOST}:{ports.storage}  (gs://{BUCKET})"),
            ("Pub/Sub", f"{HOST}:{ports.pubsub}"),
            ("Cloud Tasks", f"{HOST}:{ports.tasks}"),
            *([("Identity Platform", self._users())] if self.options.sign_in else []),
            *((name, ports.function_url(name)) for name in self.options.topology.functions),
        ]

    def _users(self) -> str:
        emails = ", ".join(USERS.values())
        return f"{HOST}:{self.options.ports.identity}  ({emails}; password {PASSWORD})"

    def _sign_in(self) -> dict[str, str]:
        host = f"{HOST}:{self.options.ports.identity}"
        return {
            "PLC_ID_TOKEN_AUDIENCE": PROJECT,
            "PLC_ID_TOKEN_KEYS_URL": keys_url(host),
            "PLC_SIGN_IN_API_KEY": "local",
            "PLC_IDENTITY_EMULATOR_HOST": host,
            "PLC_OPERATORS": OPERATOR_ID,
        }

    def _start_identity(self) -> None:
        identity = IdentityServer(
            self.options.home / "identity", port=self.options.ports.identity, project=PROJECT
        )
        for id, email in USERS.items():
            identity.users.ensure(id, email, PASSWORD)
        identity.start()
        self.identity = identity

    def _migrate(self) -> None:
        settings = self.settings()
        database = Database.from_settings(settings)
        try:
            self._urls = ensure_logins(database, settings.google_cloud_project)
            migrate(database, project=settings.google_cloud_project)
        finally:
            database.close()

    def _start_functions(self) -> None:
        options = self.options
        for name, declared in options.topology.functions.items():
            segment_worker = name == options.topology.queues["segments"].function
            self.functions[name] = FunctionProcess(
                name,
                home=options.home,
                source=options.functions / declared.stage / "main.py",
                entry_point=declared.entry_point,
                port=options.ports.function(name),
                log=options.home / "logs" / f"{name}.log",
                pid_file=options.home / "run" / f"{name}.pid",
                environment={
                    **_inherited(),
                    **self.environment(),
                    "DATABASE_URL": self._urls[name],
                    "K_SERVICE": name,
                    "PYTHONPATH": str(ROOT),
                    "PYTHONUNBUFFERED": "1",
                    "THREADS": str(declared.concurrency),
                    # One process with `concurrency` threads is one instance in the cloud.
                    "WORKERS": str(options.segment_workers if segment_worker else 1),
                    "PLC_HANDLED_AT_ONCE": str(declared.handled),
                    # A connection for each request that is handled and one for the heartbeat.
                    "PLC_DB_POOL_SIZE": str(min(declared.handled + 1, 8)),
                },
            )
        for function in self.functions.values():
            function.start()
        deadline = time.monotonic() + START_TIMEOUT_SEC
        for function in self.functions.values():
            function.wait_until_listening(deadline)


def _inherited() -> dict[str, str]:
    """The machine's environment, less what could make a function talk to a real cloud."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("GOOGLE_", "CLOUDSDK_"))}
