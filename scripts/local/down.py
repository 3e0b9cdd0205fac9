"""`make down`: end everything that belongs to the folder PEGASUS_HOME."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from scripts.local.home import HomeInUseError, belonging_to, holder
from scripts.local.processes.table import Process, end

STACK_SEC = 40.0
"""How long a stack may take to stop in order: functions, deliveries, Postgres."""
_LOOK_SEC = 0.05


def bring_down(home: Path) -> list[Process]:
    """Ask the stack on `home` to stop, then end what is left of it.

    Returns what was ended, the stack first; nothing if nothing runs. Raises HomeInUseError if
    the stack's process cannot be identified, PermissionError and TimeoutError if a process
    cannot be ended.
    """
    ended = []
    if (stack := holder(home)) is not None:
        _stop(home, stack)
        ended.append(stack)
    return ended + end(lambda: belonging_to(home))


def _stop(home: Path, stack: Process) -> None:
    for number, patience in ((signal.SIGTERM, STACK_SEC), (signal.SIGKILL, STACK_SEC)):
        with suppress(ProcessLookupError):
            os.kill(stack.pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if holder(home) != stack:
                return
            time.sleep(_LOOK_SEC)
    raise TimeoutError(f"not ended: {stack.pid} ({stack.command})")


def main() -> int:
    home = Path(os.environ.get("PEGASUS_HOME") or ".pegasus").resolve()
    try:
        ended = bring_down(home)
    except (HomeInUseError, PermissionError, TimeoutError) as error:
        print(f"{home} is not down: {error}", file=sys.stderr)
        return 1
    for each in ended:
        print(f"ended {each.pid}  {each.command}")
    if not ended:
        print(f"nothing of {home} runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
