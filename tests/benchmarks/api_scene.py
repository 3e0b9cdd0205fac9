"""What the API's load is measured on: Postgres, storage, lectures, two functions beside."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, delete, make_url, text

from scripts.local.gcs import StorageServer, ensure_service_account_key
from scripts.local.ports import HOST
from scripts.local.postgres.cluster import Postgres
from scripts.local.postgres.logins import ensure_logins
from scripts.local.processes.functions import FunctionProcess
from shared.config import load_settings
from shared.database.migrate import migrate
from shared.models import Lecture, LectureStatus
from shared.runtime import Runtime, build_runtime
from shared.topology import load_topology
from tests.support.lectures.builders import (
    BUCKET,
    PROJECT,
    add_lecture,
    fan_out,
    finish_segment,
    uploaded,
)
from tests.support.lectures.messages import RecordingMessages

ROOT = Path(__file__).resolve().parents[2]
API = load_topology().functions["ingest-api"]
THREADS, CONNECTIONS = API.concurrency, 8
"""As the local stack starts the API: threads of its one process, connections to Postgres."""
LECTURES = 100
SEGMENTS, SEGMENTS_DONE = 12, 5
WRITTEN = "written-"
"""How the names of lectures that a load writes begin."""
_SIGNER = f"signer@{PROJECT}.iam.gserviceaccount.com"
_START_SEC = 60


@dataclass(frozen=True)
class Scene:
    admin: Engine
    """On the same Postgres, every statement a transaction of its own."""
    api_port: int
    hello_port: int
    completed: str
    """A lecture with a transcript."""
    under_way: str
    """A lecture of which some segments are transcribed."""

    def forget_written(self) -> None:
        """So that no load finds more lectures than the one before."""
        with self.admin.connect() as connection:
            connection.execute(delete(Lecture).where(Lecture.slug.startswith(WRITTEN)))
            connection.execute(text("VACUUM ANALYZE"))


@contextmanager
def scene(home: Path) -> Iterator[Scene]:
    """Everything is up and has its lectures; logs are `api.log` and `hello.log` in `home`."""
    with ExitStack() as running:
        postgres = Postgres(home / "postgres", port=_free_port())
        running.callback(postgres.remove)
        postgres.start()
        key_file = home / "signing-key.json"
        public_key = ensure_service_account_key(key_file, email=_SIGNER, project=PROJECT)
        storage = StorageServer(
            home / "storage",
            port=0,
            signing_keys={_SIGNER: public_key},
            publish=lambda *_: None,
        )
        storage.start()
        running.callback(storage.stop)
        storage.ensure_bucket(BUCKET)
        environment = {
            **_inherited(),
            "PLC_ENVIRONMENT": "local",
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "GCS_BUCKET": BUCKET,
            "STORAGE_EMULATOR_HOST": storage.url,
            "PLC_SIGNING_KEY_FILE": str(key_file),
            "DATABASE_URL": postgres.url,
            "PLC_DB_POOL_SIZE": str(CONNECTIONS),
            "PLC_HANDLED_AT_ONCE": str(API.handled),
            "PLC_WRITE_RATE_LIMIT_MAX_REQUESTS": "100000",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "THREADS": str(THREADS),
            "WORKERS": "1",
        }
        rt = build_runtime(load_settings(environment), messages=RecordingMessages())
        running.callback(rt.database.close)
        urls = ensure_logins(rt.database, PROJECT)
        migrate(rt.database, project=PROJECT)
        admin = create_engine(
            make_url(postgres.url).set(drivername="postgresql+pg8000"),
            isolation_level="AUTOCOMMIT",
        )
        running.callback(admin.dispose)
        made = Scene(
            admin=admin,
            api_port=_free_port(),
            hello_port=_free_port(),
            completed=_add_lectures(rt),
            under_way=_add_under_way(rt),
        )
        made.forget_written()
        for name, source, entry_point, port in (
            ("api", ROOT / "functions" / "ingest" / "main.py", "api", made.api_port),
            ("hello", ROOT / "tests" / "benchmarks" / "hello.py", "hello", made.hello_port),
        ):
            function = FunctionProcess(
                name,
                home=home,
                source=source,
                entry_point=entry_point,
                port=port,
                # The peer is no function, and has no role.
                environment={
                    **environment,
                    "K_SERVICE": name,
                    **({"DATABASE_URL": urls["ingest-api"]} if name == "api" else {}),
                },
                log=home / f"{name}.log",
                pid_file=home / f"{name}.pid",
            )
            function.start()
            running.callback(function.stop)
            function.wait_until_listening(time.monotonic() + _START_SEC)
        yield made


def _add_lectures(rt: Runtime) -> str:
    """All of them completed; gives the name of one."""
    for index in range(LECTURES):
        slug = f"lecture-{index}"
        transcript = rt.names.root + f"transcripts/{slug}.json"
        rt.store.create(transcript, b"{}", "application/json")
        add_lecture(
            rt,
            slug,
            status=LectureStatus.COMPLETED,
            title=f"Lecture {index}",
            duration_sec=3600.0,
            language="en",
            transcript_object=transcript,
        )
    return slug


def _add_under_way(rt: Runtime) -> str:
    lecture = uploaded(rt, "under-way", duration_sec=SEGMENTS * 10.0)
    lease = fan_out(rt, lecture, SEGMENTS)
    for index in range(SEGMENTS_DONE):
        finish_segment(rt, lease.job_id, index)
    return lecture.slug


def _inherited() -> dict[str, str]:
    """The machine's environment, less what would change what is measured."""
    ours = ("PLC_", "GOOGLE_", "CLOUDSDK_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
