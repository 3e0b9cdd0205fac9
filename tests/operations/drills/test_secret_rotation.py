"""docs/runbooks/incident-response.md: a secret gets a new value while requests are under way."""

import re
import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from scripts.local.processes.functions import FunctionProcess
from scripts.local.stack import ROOT
from scripts.recovery import rotate_secret
from scripts.recovery.rotate_secret import DONE, NOT_ACCEPTED, UNABLE, VARIABLES, main
from tests.operations.drill_stack import DrillStack, free_port
from tests.operations.gcloud import gcloud_on_path
from tests.support.processes.waiting import wait_until

CLIENTS = 3
PAUSE_SEC = 0.02
"""Of a client between two requests, so that the function has some of the processor as well."""


class Door(socketserver.ThreadingTCPServer):
    """What Cloud Run has in front of a function: each connection goes to the newest revision."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self._target = 0
        self._open: Counter[int] = Counter()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Connection)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def turn_to(self, port: int) -> None:
        """New connections go there; returns when the last old one has ended."""
        with self._lock:
            self._target = port
        wait_until(
            lambda: all(count == 0 or at == port for at, count in list(self._open.items())),
            timeout_sec=60,
            what="the old revision to have answered",
        )

    @contextmanager
    def connection(self) -> Iterator[int]:
        """The port that a connection goes to, as long as it lasts."""
        with self._lock:
            port = self._target
            self._open[port] += 1
        try:
            yield port
        finally:
            with self._lock:
                self._open[port] -= 1


class _Connection(socketserver.BaseRequestHandler):
    server: Door

    def handle(self) -> None:
        with (
            self.server.connection() as port,
            socket.create_connection(("127.0.0.1", port)) as inside,
        ):
            out = threading.Thread(target=_pump, args=(inside, self.request), daemon=True)
            out.start()
            _pump(self.request, inside)
            out.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while some := source.recv(65536):
            sink.sendall(some)
        sink.shutdown(socket.SHUT_WR)


def readers(secret: str) -> str:
    """As Terraform grants it in an installation that asks a model and a hosted recognizer."""
    functions = {
        "write-api-token": ["ingest-api"],
        "openai-api-key": ["generate", "transcribe", "transcribe-on-segment"],
    }
    account = "serviceAccount:fn-{}@a-project.iam.gserviceaccount.com\n"
    return "".join(account.format(name) for name in functions.get(secret, []))


def quiet(arguments: list[str], _given: str) -> str:
    """One version, and the functions that read it."""
    return readers(arguments[2]) if arguments[1] == "get-iam-policy" else "1\n"


class CloudRun:
    """Secret Manager and Cloud Run as far as a rotation goes; the API behind is the real one."""

    def __init__(self, drilled: DrillStack, folder: Path) -> None:
        self.versions: dict[int, str] = {}
        self.disabled: set[int] = set()
        self.door = Door()
        self.revisions: list[FunctionProcess] = []
        self._drilled = drilled
        self._folder = folder

    def answer(self, arguments: list[str], given: str) -> str:
        match arguments:
            case ["secrets", "versions", "list", *_]:
                return "".join(f"{n}\n" for n in self.versions if n not in self.disabled)
            case ["secrets", "get-iam-policy", secret, *_]:
                return readers(secret)
            case ["secrets", "versions", "add", *_]:
                self.versions[len(self.versions) + 1] = given
            case ["secrets", "versions", "disable", number, *_]:
                self.disabled.add(int(number))
            case ["run", "services", "update", "ingest-api", *options]:
                [version] = re.findall(r"--update-secrets=\w+=[\w-]+:(\d+)", " ".join(options))
                self.new_revision(int(version))
            case _:
                raise ValueError(f"unforeseen: {arguments}")
        return ""

    def new_revision(self, version: int) -> None:
        """Starts with this version, takes the requests, and lets the old one finish."""
        port = free_port()
        number = len(self.revisions)
        revision = FunctionProcess(
            f"revision-{number}",
            home=self._folder,
            source=ROOT / "functions" / "ingest" / "main.py",
            entry_point="api",
            port=port,
            environment={
                **self._drilled.environment,
                "PLC_ENVIRONMENT": "cloud",
                "PLC_WRITE_API_TOKEN": self.versions[version],
                "PYTHONPATH": str(ROOT),
                "THREADS": "8",
            },
            log=self._folder / f"revision-{number}.log",
            pid_file=self._folder / f"revision-{number}.pid",
        )
        revision.start()
        self.revisions.append(revision)
        wait_until(lambda: _answers(port), timeout_sec=60, what="the new revision")
        self.door.turn_to(port)
        for old in self.revisions[:-1]:
            old.stop()

    def close(self) -> None:
        for revision in self.revisions:
            revision.stop()
        self.door.shutdown()
        self.door.server_close()


def _answers(port: int) -> bool:
    with suppress(requests.RequestException):
        return requests.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).ok
    return False


@pytest.fixture
def cloud(drilled: DrillStack, tmp_path: Path) -> Iterator[CloudRun]:
    cloud = CloudRun(drilled, tmp_path)
    cloud.versions[1] = "the-old-token"
    cloud.new_revision(1)
    yield cloud
    cloud.close()


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROJECT", "a-project")
    monkeypatch.setenv("REGION", "europe-west1")
    monkeypatch.setenv("API_BASE_URL", "http://127.0.0.1:9")


class Client(threading.Thread):
    """Asks on and on. When its token is refused, it takes the new one, once."""

    def __init__(self, url: str, tokens: list[str]) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._tokens = tokens
        self.answers: list[int] = []
        self.problems: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.wait(PAUSE_SEC):
            try:
                answer = requests.get(
                    f"{self._url}/jobs/dead-letter?limit=1",
                    headers={"Authorization": f"Bearer {self._tokens[0]}"},
                    timeout=30,
                )
            except requests.RequestException as error:
                self.problems.append(repr(error))
                continue
            self.answers.append(answer.status_code)
            if answer.status_code == 401 and len(self._tokens) > 1:
                self._tokens.pop(0)
            elif not answer.ok:
                self.problems.append(answer.text)


@pytest.mark.selection
def test_a_new_token_takes_over_and_no_request_is_lost(
    cloud: CloudRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("the-new-token\n")
    clients = [Client(cloud.door.url, ["the-old-token", "the-new-token"]) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    wait_until(lambda: all(c.answers for c in clients), timeout_sec=30, what="first answers")

    with gcloud_on_path(tmp_path, monkeypatch, cloud.answer) as gcloud:
        asked = ["write-api-token", "--file", str(tmp_path / "token"), "--api", cloud.door.url]
        assert main(asked) == DONE

    seen = [len(client.answers) for client in clients]
    wait_until(
        lambda: all(len(c.answers) > n + 2 for c, n in zip(clients, seen, strict=True)),
        timeout_sec=30,
        what="answers after it",
    )
    for client in clients:
        client.enough.set()
        client.join()
    assert [client.problems for client in clients] == [[]] * CLIENTS
    assert all(client.answers.count(401) == 1 for client in clients), "the old token still opens"
    assert cloud.versions == {1: "the-old-token", 2: "the-new-token"}
    assert cloud.disabled == {1}
    assert not any("the-new-token" in call for call in gcloud.calls)
    assert [*map(_verb, gcloud.calls)] == [
        "list",
        "write-api-token",
        "add",
        "list",
        "update",
        "disable",
    ]


def test_a_value_that_is_not_taken_leaves_the_old_one_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rotate_secret, "CHECK_TIMEOUT_SEC", 0)
    (tmp_path / "token").write_text("a-token")

    with gcloud_on_path(tmp_path, monkeypatch, quiet) as gcloud:
        assert main(["write-api-token", "--file", str(tmp_path / "token")]) == NOT_ACCEPTED

    assert [*map(_verb, gcloud.calls)] == ["list", "write-api-token", "add", "list", "update"]
    assert "the old versions are still enabled" in capsys.readouterr().err


def test_a_deployment_that_fails_disables_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("sk-1")

    def broken(arguments: list[str], _given: str) -> str:
        if arguments[0] == "run":
            raise RuntimeError("the revision did not start")
        return readers("openai-api-key") if arguments[1] == "get-iam-policy" else "1\n2\n"

    with gcloud_on_path(tmp_path, monkeypatch, broken) as gcloud:
        assert main(["openai-api-key", "--file", str(tmp_path / "key")]) == UNABLE

    assert gcloud.said("secrets versions disable") == []


def test_a_dry_run_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with gcloud_on_path(tmp_path, monkeypatch) as gcloud:
        assert main(["gemini-api-key", "--dry-run"]) == DONE

    assert gcloud.calls == []


@pytest.mark.parametrize("value", ["", "\n", "two words"])
def test_what_is_no_secret_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    (tmp_path / "key").write_text(value)
    with gcloud_on_path(tmp_path, monkeypatch) as gcloud:
        assert main(["openai-api-key", "--file", str(tmp_path / "key")]) == UNABLE

    assert gcloud.calls == []


def test_every_function_that_reads_a_secret_takes_the_new_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("sk-1")
    with gcloud_on_path(tmp_path, monkeypatch, quiet) as gcloud:
        assert main(["openai-api-key", "--file", str(tmp_path / "key")]) == DONE

    updated = [call.split()[3] for call in gcloud.said("run services update")]
    assert updated == ["generate", "transcribe", "transcribe-on-segment"]


def test_secrets_have_the_names_that_terraform_gives_them() -> None:
    declared = re.findall(
        r'(\S+)\s+= \{ variable = "(\w+)"', (ROOT / "terraform" / "secrets.tf").read_text()
    )

    assert dict(declared) == VARIABLES
    accounts = re.search(r'account_id += "(.+)"', (ROOT / "terraform" / "iam.tf").read_text())
    assert accounts is not None
    assert accounts[1] == "fn-${each.key}"


def _verb(call: str) -> str:
    return call.split()[2]
