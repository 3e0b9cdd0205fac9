"""What is deployed: the same bytes each time, and everything in it that it needs."""

import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
import requests

from scripts.local.gcs.http.signing_key import ensure_service_account_key
from scripts.local.processes.watchdog import python_options
from scripts.package import ROOT, STAGES, main, materials_of, package
from shared.topology import load_topology

ENTRY_POINTS = [
    (function.stage, function.entry_point) for function in load_topology().functions.values()
]
PATIENCE_SEC = 60
ENVIRONMENT = {
    "GCS_BUCKET": "bucket",
    "GOOGLE_CLOUD_PROJECT": "project",
    # No database answers: a function starts and refuses unknown callers without one.
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
    "PLC_SIGNING_ACCOUNT": "signer@project.iam.gserviceaccount.com",
    "PLC_SEGMENT_URL": "https://segments.invalid/",
    "PLC_TASKS_SERVICE_ACCOUNT": "tasks@project.iam.gserviceaccount.com",
    "PLC_INTERNAL_AUDIENCE": "https://pegasus.invalid",
    "PLC_INTERNAL_SERVICE_ACCOUNTS": "caller@project.iam.gserviceaccount.com",
}


def names(stage: str) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(package(stage))).namelist()


@pytest.mark.parametrize("stage", STAGES)
def test_the_same_files_give_the_same_bytes(stage: str, tmp_path: Path) -> None:
    # A copy has other times, other modes, and another order in its directories.
    for folder in ("shared", f"functions/{stage}"):
        shutil.copytree(ROOT / folder, tmp_path / folder, copy_function=shutil.copy)
    shutil.copy(ROOT / "functions" / "__init__.py", tmp_path / "functions" / "__init__.py")
    for path in tmp_path.rglob("*.py"):
        path.chmod(0o600)
        os.utime(path, (0, 0))
    (tmp_path / "shared" / "__pycache__").mkdir(exist_ok=True)
    (tmp_path / "shared" / "__pycache__" / "stale.pyc").write_bytes(b"stale")
    assert package(stage, tmp_path) == package(stage)


def test_a_changed_file_gives_other_bytes(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "shared", tmp_path / "shared")
    shutil.copytree(ROOT / "functions", tmp_path / "functions")
    with (tmp_path / "shared" / "clock.py").open("a") as file:
        file.write("# changed\n")
    assert package("export", tmp_path) != package("export")


@pytest.mark.parametrize("stage", STAGES)
def test_an_archive_holds_its_own_stage_and_no_other(stage: str) -> None:
    held = names(stage)
    assert {"main.py", "requirements.txt", "shared/topology.json"} <= set(held)
    stages = {name.split("/")[1] for name in held if name.count("/") > 1 and "functions/" in name}
    assert stages == {stage}
    tracked = subprocess.run(
        ["git", "ls-files", f"functions/{stage}", "shared"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    # Templates, phrases, fonts and migrations are as necessary as code.
    assert {name for name in tracked if not name.endswith("requirements.txt")} <= set(held)
    assert not [name for name in held if "pycache" in name or name.endswith(".pyc")]


def test_only_speech_recognition_is_heavy() -> None:
    for stage in STAGES:
        wanted = (ROOT / "functions" / stage / "requirements.txt").read_text()
        assert ("faster-whisper==" in wanted) is (stage == "transcribe")


def test_the_command_writes_and_tells_what_it_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--into", str(tmp_path / "new"), "export", "retention"]) == 0
    told = capsys.readouterr().out
    for stage in ("export", "retention"):
        archive = (tmp_path / "new" / f"{stage}.zip").read_bytes()
        assert hashlib.sha256(archive).hexdigest() in told
        bill = (tmp_path / "new" / f"{stage}.cdx.json").read_bytes()
        assert bill == materials_of(stage, archive)
    assert len(list((tmp_path / "new").iterdir())) == 4
    with pytest.raises(SystemExit):
        main(["--into", str(tmp_path), "sales"])


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The archive of a stage alone in a folder, with an environment that has what it pins and no
    more; made once for each stage."""
    uv = Path(sys.executable).with_name("uv")

    @cache
    def deploy(stage: str) -> Path:
        folder = tmp_path_factory.mktemp(stage)
        zipfile.ZipFile(io.BytesIO(package(stage))).extractall(folder / "code")
        # Google's libraries look for an account when they are set up; no call is made.
        ensure_service_account_key(
            folder / "account.json", email="own@project.iam.gserviceaccount.com", project="project"
        )
        subprocess.run(
            [uv, "venv", "--quiet", "--python", sys.executable, folder / "venv"], check=True
        )
        subprocess.run(
            [
                *(uv, "pip", "install", "--quiet", "--require-hashes"),
                *("--python", folder / "venv" / "bin" / "python"),
                *("-r", folder / "code" / "requirements.txt"),
            ],
            check=True,
        )
        return folder

    return deploy


@contextmanager
def started(folder: Path, entry_point: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                folder / "venv" / "bin" / "python",
                *python_options(folder),
                *("-m", "functions_framework"),
                *("--target", entry_point, "--port", str(port), "--host", "127.0.0.1"),
            ],
            cwd=folder / "code",
            env={
                "PATH": "/usr/bin:/bin",
                "GOOGLE_APPLICATION_CREDENTIALS": str(folder / "account.json"),
                **ENVIRONMENT,
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answer_of(folder: Path, method: str, url: str) -> int:
    """The status, as soon as there is one."""
    deadline = time.monotonic() + PATIENCE_SEC
    while True:
        try:
            return requests.request(method, url, json={}, timeout=PATIENCE_SEC).status_code
        except requests.ConnectionError:
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("stage", "entry_point"),
    [
        each if each[0] == "ingest" else pytest.param(*each, marks=pytest.mark.selection)
        for each in ENTRY_POINTS
    ],
    ids=str,
)
def test_an_archive_starts_by_itself_and_answers(
    deployed: Callable[[str], Path], stage: str, entry_point: str
) -> None:
    folder = deployed(stage)
    with started(folder, entry_point) as url:
        if entry_point == "api":
            assert answer_of(folder, "GET", f"{url}/health") == 200
        else:
            # A caller without a token.
            assert answer_of(folder, "POST", url) == 401, (folder / "log").read_text()
