"""A local stack that says it is ready runs the lecture that is handed in that moment."""

import threading
from pathlib import Path

import pytest
import requests

from scripts.local.ports import find_free
from scripts.local.stack import Options, Stack
from shared.topology import load_topology
from tests.support.processes.functions_folder import functions_folder
from tests.support.processes.running_stack import QUICK, RunningStack, SwitchedFaults, impatient
from tests.support.processes.waiting import wait_until
from tests.support.sound.speech import clip

SLOW_TO_START = """
import time
from pathlib import Path
while not Path({gate!r}).exists():
    time.sleep(0.01)
"""


@pytest.mark.selection
def test_a_lecture_handed_in_at_the_first_sign_of_readiness_is_registered_and_completed(
    tmp_path: Path,
) -> None:
    """One function is held in its start, so nothing is delivered yet. The sweep, which would
    find a lost notification, does not run."""
    gate = tmp_path / "gate"
    topology = impatient(load_topology())
    stack = Stack(
        Options(
            home=tmp_path / "home",
            ports=find_free(tuple(topology.functions)),
            topology=topology,
            environment=QUICK,
            schedule_seconds={"sweep": 86_400.0, "retention": 86_400.0},
            functions=functions_folder(
                tmp_path / "functions", {"export": SLOW_TO_START.format(gate=str(gate))}
            ),
        )
    )
    starting = threading.Thread(target=stack.start)
    starting.start()
    try:
        wait_until(lambda: _is_ready(stack.api_url), timeout_sec=60, what="the API to be ready")
        running = RunningStack(stack, SwitchedFaults())
        try:
            lecture = running.hand_in(clip("economics", seconds=20), lecture="early")
            assert starting.is_alive(), "the stack was to be starting still"

            gate.touch()

            assert running.ended(lecture)["overallStatus"] == "completed"
        finally:
            running.close()
    finally:
        gate.touch()
        starting.join()
        stack.stop()
        stack.postgres.remove()


def _is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/health/ready", timeout=5).ok
    except requests.RequestException:
        return False
