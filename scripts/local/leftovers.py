"""Processes of a stack that was itself killed: they go on, and hold its ports and its data."""

import subprocess
from pathlib import Path


def command_of(pid: int) -> str:
    """The command line of a running process, "" if there is none or nobody can tell."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        pass
    try:
        return subprocess.run(
            ["ps", "-p", str(pid), "-o", "args="], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return ""
