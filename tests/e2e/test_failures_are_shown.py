"""A function that fails is shown while it does, by `make demo` and by `make up`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest
import requests

from scripts.demo.__main__ import demonstrate
from scripts.demo.patience import Patience
from scripts.local.__main__ import run
from scripts.local.down import bring_down
from scripts.local.ports import HOST, find_free
from scripts.local.postgres.cluster import Postgres
from scripts.local.stack import Options, Stack
from shared.topology import load_topology
from tests.support.processes.functions_folder import functions_folder
from tests.support.processes.running_stack import QUICK, impatient
from tests.support.processes.waiting import wait_until
from tests.support.sound.speech import clip

RAISES = """
from shared.workers.outcomes import answer_event

def on_upload(request):
    def handle(event):
        raise TypeError("open() got an unexpected keyword argument")
    return answer_event(request, handle)
"""


@pytest.fixture
def options(tmp_path: Path) -> Iterator[Options]:
    topology = impatient(load_topology())
    home = tmp_path / "home"
    yield Options(
        home=home,
        ports=find_free(tuple(topology.functions)),
        topology=topology,
        environment=QUICK,
        functions=functions_folder(tmp_path / "functions", {"ingest": RAISES}),
    )
    bring_down(home)
    Postgres(home / "postgres", port=0).remove()


@pytest.mark.selection
def test_the_demo_of_a_function_that_raises_ends_with_the_reason(
    options: Options, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / "lecture.flac"
    recording.write_bytes(clip("economics", seconds=20))

    status = demonstrate(
        options,
        recording,
        course="course",
        preset="exam",
        patience=Patience(quiet_sec=2, base_sec=8),
    )

    said = capsys.readouterr()
    log = options.home / "logs" / "ingest-on-upload.log"
    assert status == 1
    assert "TypeError" in said.out
    assert f"{log}:" in said.out
    assert "waiting for upload: the recording is in the bucket and is not registered" in said.out
    assert "the lecture has not ended after 8 s: waiting for upload" in said.err
    assert str(log.parent) in said.err


@pytest.mark.slow
def test_up_shows_a_failing_request_and_a_restart_as_they_happen(
    options: Options, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = Stack(options)
    over: Queue[BaseException] = Queue()
    said: list[str] = []

    def heard(*words: str) -> bool:
        said.append(capsys.readouterr().out)
        return all(word in "".join(said) for word in words)

    def until_over() -> None:
        try:
            run(stack, wait=lambda: over.get(timeout=300))
        except BaseException as error:
            print(error, file=sys.stderr)

    running = Thread(target=until_over)
    running.start()
    try:
        wait_until(lambda: heard("Pegasus is up"), timeout_sec=120, what="the stack")
        port = options.ports.function("ingest-on-upload")
        event = {
            "message": {"data": "", "messageId": "1", "attributes": {}},
            "subscription": "projects/pegasus-local/subscriptions/uploads-push",
        }
        requests.post(f"http://{HOST}:{port}", json=event, timeout=30)
        wait_until(
            lambda: heard("! ingest-on-upload: event.error", "TypeError"),
            timeout_sec=30,
            what="the failed request to be shown",
        )
        stack.functions["export"].kill()
        wait_until(
            lambda: heard("! export: function.died exit_status=-9 restarts=1"),
            timeout_sec=30,
            what="the restart to be shown",
        )
    finally:
        over.put(SystemExit())
        running.join()
