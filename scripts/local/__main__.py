"""`make up`: the whole product in the foreground, until Ctrl-C."""

import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from scripts.local.home import HomeInUseError
from scripts.local.ports import Ports, PortsTakenError
from scripts.local.postgres.binaries import PostgresError
from scripts.local.processes.lifetime import Ended, end_in_order
from scripts.local.processes.log_watch import LogWatch
from scripts.local.stack import Options, Stack
from shared.config import ConfigurationError
from shared.database.roles import RoleError
from shared.topology import load_topology

UNABLE = (PortsTakenError, PostgresError, ConfigurationError, RoleError, TimeoutError)
"""Why a stack does not come up; the message says it all."""


def options_from_environment() -> Options:
    """`PEGASUS_HOME`, `PORT` and `AUTH`; every other setting reaches the functions as it is."""
    topology = load_topology()
    passed_on = {"DATABASE_URL": url} if (url := os.environ.get("DATABASE_URL")) else {}
    return Options(
        home=Path(os.environ.get("PEGASUS_HOME", ".pegasus")).resolve(),
        ports=Ports(int(os.environ.get("PORT", "8080")), tuple(topology.functions)),
        topology=topology,
        environment=passed_on,
        sign_in=os.environ.get("AUTH") == "1",
    )


def main() -> int:
    logging.basicConfig(format="%(levelname)s %(name)s %(message)s", level=logging.WARNING)
    end_in_order()
    stack = Stack(options_from_environment())
    try:
        run(stack)
    except (HomeInUseError, *UNABLE) as error:
        print(f"cannot start: {error}", file=sys.stderr)
        return 1
    except Ended:
        return 0
    return 0


def wait_for_signal() -> None:
    threading.Event().wait()


def run(stack: Stack, wait: Callable[[], object] = wait_for_signal) -> None:
    """Until `wait` returns, or a signal ends it. Raises what `Stack.start` raises."""
    with LogWatch(stack.options.home / "logs"):
        stack.start()
        try:
            for name, address in stack.addresses():
                print(f"  {name:<26}{address}", flush=True)
            print(
                f"\nPegasus is up: {stack.api_url}  (Ctrl-C ends it; data in {stack.options.home})",
                flush=True,
            )
            wait()
        finally:
            print("\nstopping …", flush=True)
            stack.stop()


if __name__ == "__main__":
    sys.exit(main())
