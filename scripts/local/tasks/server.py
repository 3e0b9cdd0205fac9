"""The server: what the local stack and tests start."""

import time
from collections.abc import Callable
from pathlib import Path

from scripts.local.delivery.faults import DeliveryFaults
from scripts.local.delivery.push import SignToken
from scripts.local.delivery.rpc import Permit, RpcServer, permit_all
from scripts.local.delivery.server import DeliveringServer
from scripts.local.tasks.service import TasksService
from scripts.local.tasks.store import TasksStore


class TasksServer(DeliveringServer):
    """Cloud Tasks on this machine; a client reaches it with an insecure gRPC channel.

    A task stays in `root` until it succeeds or is given up, also when the process is
    killed.
    """

    def __init__(
        self,
        root: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        sign_token: SignToken | None = None,
        faults: DeliveryFaults | None = None,
        permit: Permit = permit_all,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`sign_token` signs for tasks with an `oidc_token`; `clock` gives seconds since
        the epoch. Port 0 takes a free one."""
        service = TasksService(
            TasksStore(root / "tasks.sqlite"), sign_token=sign_token, faults=faults, clock=clock
        )
        rpc = RpcServer(
            {"google.cloud.tasks.v2.CloudTasks": service.methods()},
            host=host,
            port=port,
            permit=permit,
        )
        super().__init__(rpc, service)
