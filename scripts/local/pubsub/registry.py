"""Which topics and subscriptions there are."""

import threading
from collections.abc import Sequence

import grpc
from google import pubsub_v1

from scripts.local.delivery.rpc import RefusedError
from scripts.local.pubsub.store import PubSubStore
from scripts.local.pubsub.subscription import Subscription, read_subscription
from scripts.local.pubsub.validation import check_name

_DELETED_TOPIC = "_deleted-topic_"
"""What Google writes in place of the topic of a subscription that outlives it."""


class Registry:
    """All names are full resource names. Raises RefusedError."""

    def __init__(self, store: PubSubStore) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._topics = store.topics()
        self._subscriptions = {
            resource.name: read_subscription(resource) for resource in store.subscriptions()
        }

    # --- topics ---

    def topics(self) -> Sequence[str]:
        with self._lock:
            return sorted(self._topics)

    def has_topic(self, name: str) -> bool:
        with self._lock:
            return name in self._topics

    def check_topic(self, name: str) -> None:
        if not self.has_topic(name):
            raise RefusedError(grpc.StatusCode.NOT_FOUND, f"topic not found: {name}")

    def create_topic(self, name: str) -> None:
        check_name(name, "topics")
        with self._lock:
            if name in self._topics:
                raise RefusedError(grpc.StatusCode.ALREADY_EXISTS, f"topic already exists: {name}")
            self._store.add_topic(name)
            self._topics.add(name)

    def delete_topic(self, name: str) -> None:
        with self._lock:
            self.check_topic(name)
            self._store.remove_topic(name)
            self._topics.remove(name)
            for subscriber in self.subscribers(name):
                resource = pubsub_v1.Subscription(self._subscriptions[subscriber].resource)
                resource.topic = _DELETED_TOPIC
                self._put(read_subscription(resource))

    # --- subscriptions ---

    def subscriptions(self) -> Sequence[str]:
        with self._lock:
            return sorted(self._subscriptions)

    def subscribers(self, topic: str) -> Sequence[str]:
        with self._lock:
            return [name for name, each in self._subscriptions.items() if each.topic == topic]

    def find_subscription(self, name: str) -> Subscription | None:
        with self._lock:
            return self._subscriptions.get(name)

    def subscription(self, name: str) -> Subscription:
        subscription = self.find_subscription(name)
        if subscription is None:
            raise RefusedError(grpc.StatusCode.NOT_FOUND, f"subscription does not exist: {name}")
        return subscription

    def create_subscription(self, resource: pubsub_v1.Subscription) -> Subscription:
        check_name(resource.name, "subscriptions")
        subscription = read_subscription(resource)
        with self._lock:
            if subscription.name in self._subscriptions:
                raise RefusedError(
                    grpc.StatusCode.ALREADY_EXISTS,
                    f"subscription already exists: {subscription.name}",
                )
            self.check_topic(subscription.topic)
            self._check_dead_letter_topic(subscription)
            self._put(subscription)
        return subscription

    def update_subscription(
        self, resource: pubsub_v1.Subscription, fields: Sequence[str]
    ) -> Subscription:
        """Take over the named fields. What waits is delivered by the new rules."""
        with self._lock:
            before = self.subscription(resource.name)
            merged = pubsub_v1.Subscription(before.resource)
            for field in fields:
                if field in {"name", "topic"} or field not in pubsub_v1.Subscription.meta.fields:
                    raise RefusedError(grpc.StatusCode.INVALID_ARGUMENT, f"cannot update {field}")
                setattr(merged, field, getattr(resource, field) if field in resource else None)
            after = read_subscription(merged)
            if (before.push is None) != (after.push is None):
                raise RefusedError(
                    grpc.StatusCode.UNIMPLEMENTED,
                    "the stand-in does not turn push into pull or back",
                )
            self._check_dead_letter_topic(after)
            self._put(after)
        return after

    def delete_subscription(self, name: str) -> None:
        with self._lock:
            self.subscription(name)
            self._store.remove_subscription(name)
            del self._subscriptions[name]

    def _put(self, subscription: Subscription) -> None:
        self._store.put_subscription(subscription.resource)
        self._subscriptions[subscription.name] = subscription

    def _check_dead_letter_topic(self, subscription: Subscription) -> None:
        policy = subscription.dead_letter
        if policy and policy.topic not in self._topics:
            raise RefusedError(
                grpc.StatusCode.NOT_FOUND, f"dead letter topic not found: {policy.topic}"
            )
