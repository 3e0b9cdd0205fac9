"""The API as production runs it: a functions-framework process, reached over real sockets."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from scripts.local.ports import HOST
from scripts.local.processes.functions import FunctionProcess
from shared.config import Settings
from shared.database.roles import login_of
from shared.topology import load_topology
from tests.support.access.issuer import OPERATOR, Issuer

ROOT = Path(__file__).resolve().parents[3]
API = load_topology().functions["ingest-api"]
START_SEC = 60
STATIC_TOKEN = "the-static-token"


@dataclass(frozen=True)
class Answer:
    """All that came on a connection until the server closed it, or `complete` is false."""

    received: bytes
    closed: bool

    @property
    def status(self) -> int:
        return int(self.received.split(b" ", 2)[1])

    @property
    def head(self) -> str:
        return self.received.partition(b"\r\n\r\n")[0].decode("latin-1").lower()

    @property
    def body(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[2]


@dataclass(frozen=True)
class ApiProcess:
    port: int
    pid: int
    issuer: Issuer

    def connect(self, *, receive_buffer: int | None = None) -> socket.socket:
        sock = socket.socket()
        if receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(START_SEC)
        sock.connect((HOST, self.port))
        return sock

    def head(
        self, method: str, path: str, *, token: str | None = None, **headers: str | int
    ) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: pegasus.test"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if token is not None:
            lines.append(f"Authorization: Bearer {token}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def ask(self, request: bytes, *, seconds: float = 10) -> Answer:
        """Send raw bytes and take what comes until the server closes or the time is over."""
        with self.connect() as sock:
            sock.sendall(request)
            return receive(sock, seconds=seconds)

    def holds(self, sock: socket.socket) -> bool:
        """Whether the server's end of the connection is open, by the kernel's table."""
        theirs, ours = f":{self.port:04X}", f":{sock.getsockname()[1]:04X}"
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            local, remote, state = line.split()[1:4]
            if local.endswith(theirs) and remote.endswith(ours):
                return state == "01"
        return False


def receive(sock: socket.socket, *, seconds: float) -> Answer:
    received, until = b"", time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            data = sock.recv(1 << 16)
        except TimeoutError:
            break
        except ConnectionResetError:
            return Answer(received, closed=True)
        if not data:
            return Answer(received, closed=True)
        received += data
    return Answer(received, closed=False)


def _as_api(settings: Settings) -> str:
    """The database's URL with the login of the API's account, which needs no password here."""
    assert settings.database_url is not None
    login = login_of("ingest-api", settings.google_cloud_project)
    url = make_url(settings.database_url.get_secret_value()).set(username=login)
    return url.render_as_string(hide_password=False)


@contextmanager
def api_process(
    settings: Settings, folder: Path, issuer: Issuer, **changed: object
) -> Iterator[ApiProcess]:
    """In the cloud's environment, with as many threads as the topology declares."""
    given = {
        "PLC_ENVIRONMENT": "cloud",
        "GOOGLE_CLOUD_PROJECT": settings.google_cloud_project,
        "GCS_BUCKET": settings.gcs_bucket,
        "GCS_PREFIX": settings.gcs_prefix,
        "STORAGE_EMULATOR_HOST": settings.storage_emulator_host,
        "PLC_SIGNING_KEY_FILE": settings.plc_signing_key_file,
        "DATABASE_URL": _as_api(settings),
        "PLC_DB_POOL_SIZE": 8,
        "PLC_HANDLED_AT_ONCE": API.handled,
        "PLC_WRITE_API_TOKEN": STATIC_TOKEN,
        "PLC_OPERATORS": OPERATOR,
        "PLC_ID_TOKEN_AUDIENCE": settings.google_cloud_project,
        "PLC_ID_TOKEN_KEYS_URL": issuer.url,
        "PYTHONPATH": ROOT,
        "PYTHONUNBUFFERED": "1",
        "THREADS": API.concurrency,
        "WORKERS": "1",
        **{name.upper(): value for name, value in changed.items()},
    }
    port = _free_port()
    process = FunctionProcess(
        "api",
        home=folder,
        source=ROOT / "functions" / "ingest" / "main.py",
        entry_point="api",
        port=port,
        environment={**_inherited(), **{name: str(value) for name, value in given.items()}},
        log=folder / "api.log",
        pid_file=folder / "api.pid",
    )
    process.start()
    try:
        process.wait_until_listening(time.monotonic() + START_SEC)
        assert process.pid is not None
        yield ApiProcess(port, process.pid, issuer)
    finally:
        process.stop()


def _inherited() -> dict[str, str]:
    ours = ("PLC_", "GOOGLE_", "CLOUDSDK_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
