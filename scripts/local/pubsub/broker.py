"""Routes messages from topics to subscriptions, pushed or pulled."""

import threading
from collections.abc import Callable, Sequence

import grpc
from google import pubsub_v1

from scripts.local.delivery.courier import Courier
from scripts.local.delivery.faults import DeliveryFaults
from scripts.local.delivery.push import SignToken
from scripts.local.delivery.rpc import RefusedError
from scripts.local.pubsub.push import PushDelivery
from scripts.local.pubsub.registry import Registry
from scripts.local.pubsub.store import NewMessage, Pending, PubSubStore
from scripts.local.pubsub.subscription import Subscription
from scripts.local.pubsub.validation import check_message


class Broker:
    """All names are full resource names. Raises RefusedError."""

    def __init__(
        self,
        store: PubSubStore,
        *,
        concurrency: Callable[[str], int],
        sign_token: SignToken | None,
        faults: DeliveryFaults | None,
        clock: Callable[[], float],
    ) -> None:
        """`concurrency`: how many pushes a subscription, by its short name, may have
        in progress concurrently."""
        self.registry = Registry(store)
        self._store = store
        self._concurrency = concurrency
        self._clock = clock
        self._courier = Courier("pubsub", faults=faults, clock=clock)
        self._push = PushDelivery(
            store,
            self.registry,
            self._courier,
            sign_token=sign_token,
            forwarded=self._hand_out,
            clock=clock,
        )
        self._arrived = threading.Condition()
        for name in self.registry.subscriptions():
            self._open_channel(name)
            for pending in store.pending(name):
                self._push.submit(pending)

    def start(self) -> None:
        self._courier.start()

    def stop(self) -> None:
        self._courier.stop()
        self._store.close()

    def create_subscription(self, resource: pubsub_v1.Subscription) -> Subscription:
        # First the channel: a message may be published before this returns.
        self._open_channel(resource.name)
        return self.registry.create_subscription(resource)

    def delete_subscription(self, name: str) -> None:
        self.registry.delete_subscription(name)
        self._courier.close_channel(name)

    def publish(self, topic: str, messages: Sequence[pubsub_v1.PubsubMessage]) -> list[str]:
        """Returns the message ids once the messages are on disk."""
        for message in messages:
            check_message(message)
        self.registry.check_topic(topic)
        receivers = self.registry.subscribers(topic)
        new = [NewMessage(message.data, dict(message.attributes)) for message in messages]
        ids = self._store.publish(new, receivers, self._clock())
        for message_id in ids:
            self._hand_out(message_id, receivers)
        return ids

    def pull(self, name: str, limit: int, *, patience: float) -> list[pubsub_v1.ReceivedMessage]:
        """Lease due messages for the acknowledgement deadline.

        Waits up to `patience` seconds for the first.
        """
        subscription = self.registry.subscription(name)
        if subscription.push:
            raise RefusedError(
                grpc.StatusCode.FAILED_PRECONDITION, f"the subscription is pushed: {name}"
            )
        with self._arrived:
            self._arrived.wait_for(lambda: self._due(name), patience)
            due = self._due(name)[:limit]
            until = self._clock() + subscription.ack_deadline_seconds
            for pending in due:
                self._store.postpone(pending, failures=pending.failures + 1, due=until)
        found = [self._store.find(name, pending.message_id) for pending in due]
        return [
            pubsub_v1.ReceivedMessage(ack_id=message.id, message=message.resource())
            for _, message in filter(None, found)
        ]

    def acknowledge(self, name: str, ack_ids: Sequence[str]) -> None:
        self.registry.subscription(name)
        for ack_id in ack_ids:
            if not ack_id.isdecimal():
                raise RefusedError(grpc.StatusCode.INVALID_ARGUMENT, f"invalid ack id: {ack_id}")
            self._store.acknowledge(name, ack_id)

    def _due(self, name: str) -> list[Pending]:
        return self._store.pending(name, due_by=self._clock())

    def _hand_out(self, message_id: str, receivers: Sequence[str]) -> None:
        now = self._clock()
        for name in receivers:
            self._push.submit(Pending(name, message_id, failures=0, due=now))
        with self._arrived:
            self._arrived.notify_all()

    def _open_channel(self, subscription: str) -> None:
        short_name = subscription.rpartition("/")[2]
        self._courier.open_channel(subscription, max_concurrent=self._concurrency(short_name))
