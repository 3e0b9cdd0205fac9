"""A function of the local stack as a process: it ends in time, whatever it is doing."""

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from scripts.local.ports import HOST
from scripts.local.processes.functions import STOP_SEC, FunctionProcess
from scripts.local.processes.table import processes
from scripts.local.stack import ROOT

START_SEC = 60
ENDLESS = """
import threading

def stream(request):
    def parts():
        yield b"begun\\n"
        threading.Event().wait()
    return parts()
"""


@pytest.fixture
def functions(tmp_path: Path) -> Iterator[list[FunctionProcess]]:
    """Three, each with a stream open that never ends."""
    source = tmp_path / "main.py"
    source.write_text(ENDLESS)
    started = []
    with ExitStack() as open_:
        for number in range(3):
            port = _free_port()
            function = FunctionProcess(
                f"stream-{number}",
                home=tmp_path,
                source=source,
                entry_point="stream",
                port=port,
                environment={**os.environ, "PYTHONPATH": str(ROOT), "THREADS": "2"},
                log=tmp_path / f"{number}.log",
                pid_file=tmp_path / f"{number}.pid",
            )
            function.start()
            open_.callback(function.stop)
            function.wait_until_listening(time.monotonic() + START_SEC)
            answer = requests.get(f"http://{HOST}:{port}", stream=True, timeout=START_SEC)
            open_.callback(answer.close)
            assert next(answer.iter_lines()) == b"begun"
            started.append(function)
        yield started


@pytest.mark.slow
def test_functions_with_open_streams_end_together_within_the_time_of_one(
    functions: list[FunctionProcess], tmp_path: Path
) -> None:
    began = time.monotonic()

    for function in functions:
        function.ask_to_stop()
    for function in functions:
        function.stop()

    # gunicorn alone waits 30 s for each.
    assert time.monotonic() - began < 2 * STOP_SEC
    assert not [each for each in processes() if each.belongs_to([tmp_path])]


@pytest.mark.slow
def test_a_function_that_has_ended_is_not_signalled_again(
    functions: list[FunctionProcess],
) -> None:
    """Its id may be another's by then."""
    for function in functions:
        function.stop()
    with signals() as sent:
        for function in functions:
            function.ask_to_stop()
            function.kill()
            function.stop()

    assert sent == []
    assert [function.pid for function in functions] == [None] * 3


_recorders: list[list[tuple[object, ...]]] = []


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("os.kill", "os.killpg"):
        for recorder in _recorders:
            recorder.append(arguments)


@contextmanager
def signals() -> Iterator[list[tuple[object, ...]]]:
    """Process or group, and signal, of all that this process sends."""
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked.append(True)
    recorder: list[tuple[object, ...]] = []
    _recorders.append(recorder)
    try:
        yield recorder
    finally:
        _recorders.remove(recorder)


_hooked: list[bool] = []
"""A hook stays for the life of the process."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
