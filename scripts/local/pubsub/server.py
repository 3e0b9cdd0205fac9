"""The server: what the local stack and tests start."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from google import pubsub_v1

from scripts.local.delivery.faults import DeliveryFaults
from scripts.local.delivery.push import SignToken
from scripts.local.delivery.rpc import Permit, RpcServer, permit_all
from scripts.local.delivery.server import DeliveringServer
from scripts.local.pubsub.broker import Broker
from scripts.local.pubsub.services import PublisherService, SubscriberService
from scripts.local.pubsub.store import PubSubStore


class PubSubServer(DeliveringServer):
    """Pub/Sub on this machine; `address` is what `PUBSUB_EMULATOR_HOST` wants.

    Messages are at-least-once and unordered. What was published stays in `root` until
    it is acknowledged, also when the process is killed.
    """

    def __init__(
        self,
        root: Path,
        *,
        project: str,
        host: str = "127.0.0.1",
        port: int = 0,
        max_concurrent_pushes: int = 8,
        concurrent_pushes: Mapping[str, int] | None = None,
        sign_token: SignToken | None = None,
        faults: DeliveryFaults | None = None,
        permit: Permit = permit_all,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`concurrent_pushes` overrides `max_concurrent_pushes` for subscriptions by short
        name; `sign_token` signs for subscriptions with an `oidc_token`; `clock` gives
        seconds since the epoch. Port 0 takes a free one."""
        limits = dict(concurrent_pushes or {})
        self._project = project
        self._broker = Broker(
            PubSubStore(root / "pubsub.sqlite"),
            concurrency=lambda name: limits.get(name, max_concurrent_pushes),
            sign_token=sign_token,
            faults=faults,
            clock=clock,
        )
        rpc = RpcServer(
            {
                "google.pubsub.v1.Publisher": PublisherService(self._broker).methods(),
                "google.pubsub.v1.Subscriber": SubscriberService(self._broker).methods(),
            },
            host=host,
            port=port,
            permit=permit,
        )
        super().__init__(rpc, self._broker)

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> str:
        """Publish from within the process to a topic of the project, by its short name.

        Returns the message id once the message is on disk. Raises RefusedError.
        """
        message = pubsub_v1.PubsubMessage(data=data, attributes=dict(attributes))
        return self._broker.publish(f"projects/{self._project}/topics/{topic}", [message])[0]
