"""A stand-in's server: it answers calls, and it pushes what was accepted."""

from typing import Protocol

from scripts.local.delivery.rpc import RpcServer


class Deliveries(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


class DeliveringServer:
    def __init__(self, rpc: RpcServer, deliveries: Deliveries) -> None:
        self._rpc = rpc
        self._deliveries = deliveries

    @property
    def address(self) -> str:
        """host:port; the port is known once started."""
        return self._rpc.address

    def start(self, *, deliver: bool = True) -> None:
        """Without `deliver` nothing is pushed before `start_deliveries`.

        Raises RuntimeError when the port is taken.
        """
        self._rpc.start()
        if deliver:
            self.start_deliveries()

    def start_deliveries(self) -> None:
        self._deliveries.start()

    def stop(self) -> None:
        self._rpc.stop()
        self._deliveries.stop()
