"""Starts the server as a process and tells Terraform where it is."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.terraform.offline_provider.schema import available_versions

ROOT = Path(__file__).resolve().parents[3]
PROVIDER = "google"
SOURCE = f"registry.terraform.io/hashicorp/{PROVIDER}"
TO_END_SECONDS = 10


@dataclass(frozen=True)
class RunningProvider:
    version: str
    port: int
    pid: int

    @property
    def environment(self) -> dict[str, str]:
        """Makes Terraform attach to it."""
        reattach = {
            "Protocol": "grpc",
            "ProtocolVersion": 5,
            "Pid": self.pid,
            "Test": True,  # Terraform does not end the process after each step.
            "Addr": {"Network": "tcp", "String": f"127.0.0.1:{self.port}"},
        }
        return {"TF_REATTACH_PROVIDERS": json.dumps({SOURCE: reattach})}


@contextmanager
def running_provider() -> Iterator[RunningProvider]:
    """The provider in the one version that there is a schema of."""
    [version] = available_versions(PROVIDER)
    # A process of its own: Terraform kills the one it is told of if it cannot reach it.
    with subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.server", PROVIDER, version],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin and process.stdout
        try:
            line = process.stdout.readline().strip()
            if not line:
                raise RuntimeError("the offline provider did not start; its error is above")
            yield RunningProvider(version, int(line), process.pid)
        finally:
            process.stdin.close()
            try:
                process.wait(TO_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
