"""`make up`: the whole product in the foreground, until Ctrl-C."""

import logging
import os
import signal
import sys
import threading
from pathlib import Path

from scripts.local.ports import Ports, PortsTakenError
from scripts.local.postgres import PostgresError
from scripts.local.stack import HomeInUseError, Options, Stack
from shared.config import ConfigurationError
from shared.topology import load_topology

UNABLE = (PortsTakenError, PostgresError, ConfigurationError, TimeoutError)
"""Why a stack does not come up; the message says it all."""


def options_from_environment() -> Options:
    """`PEGASUS_HOME` and `PORT`; every other setting reaches the functions as it is."""
    topology = load_topology()
    passed_on = {"DATABASE_URL": url} if (url := os.environ.get("DATABASE_URL")) else {}
    return Options(
        home=Path(os.environ.get("PEGASUS_HOME", ".pegasus")).resolve(),
        ports=Ports(int(os.environ.get("PORT", "8080")), tuple(topology.functions)),
        topology=topology,
        environment=passed_on,
    )


def main() -> int:
    logging.basicConfig(format="%(levelname)s %(name)s %(message)s", level=logging.WARNING)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    stack = Stack(options_from_environment())
    try:
        stack.start()
    except (HomeInUseError, *UNABLE) as error:
        print(f"cannot start: {error}", file=sys.stderr)
        return 1
    for name, address in stack.addresses():
        print(f"  {name:<26}{address}", flush=True)
    print(f"\nPegasus is up: {stack.api_url}  (Ctrl-C ends it; data in {stack.options.home})")
    sys.stdout.flush()
    stopping.wait()
    print("\nstopping …", flush=True)
    stack.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
