"""The stack that the drills are held on. A restore starts it in another folder."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from scripts.local.stack import ROOT, Stack
from tests.support.processes.running_stack import RunningStack, running_stack

PATIENCE_SEC = 300


class DrillStack:
    def __init__(self, home: Path) -> None:
        self._opened = ExitStack()
        self.running = self._start(home)

    def close(self) -> None:
        """Kill its processes: what a drill leaves is not needed."""
        for function in self.running.stack.functions.values():
            function.ask_to_stop()
            function.kill()
        self._opened.close()

    def destroy(self) -> None:
        """Leave no process, row or object."""
        self.close()
        home = self.running.stack.options.home
        subprocess.run(["rm", "-rf", str(home)], check=True)
        assert not home.exists()

    def start_in(self, home: Path) -> RunningStack:
        self.running = self._start(home)
        return self.running

    def _start(self, home: Path) -> RunningStack:
        running = self._opened.enter_context(running_stack(home))
        self.environment = self._environment(running.stack)
        return running

    @staticmethod
    def _environment(stack: Stack) -> dict[str, str]:
        """What an operator's shell has: the functions' settings, and where everything is."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("GOOGLE_", "PLC_"))}
        return {
            **inherited,
            **stack.environment(),
            "PATH": os.pathsep.join([str(ROOT / ".venv" / "bin"), os.environ["PATH"]]),
            "PEGASUS_HOME": str(stack.options.home),
            "PORT": str(stack.options.ports.api),
            "API_BASE_URL": stack.api_url,
            "PLC_API_URL": stack.api_url,
            "PLC_API_TOKEN": "the-local-stack-asks-for-none",
        }

    def run(
        self, *command: str, expect: int = 0, extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """A command typed in the repository's folder."""
        done = subprocess.run(
            [sys.executable if command[0] == "python" else command[0], *command[1:]],
            cwd=ROOT,
            env={**self.environment, **(extra or {})},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SEC,
            check=False,
        )
        assert done.returncode == expect, (
            f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return done


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
