"""How a push subscription's messages reach its endpoint, and what failing means."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from scripts.local.delivery.courier import Courier
from scripts.local.delivery.faults import Delivery
from scripts.local.delivery.push import Outcome, PushRequest, SignToken, authorization
from scripts.local.pubsub.registry import Registry
from scripts.local.pubsub.store import NewMessage, Pending, PubSubStore
from scripts.local.pubsub.subscription import PushTarget

_log = logging.getLogger(__name__)

_ACKNOWLEDGING = frozenset({102, 200, 201, 202, 204})
"""https://cloud.google.com/pubsub/docs/push#receive_push"""
_USER_AGENT = "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)"


class PushDelivery:
    def __init__(
        self,
        store: PubSubStore,
        registry: Registry,
        courier: Courier,
        *,
        sign_token: SignToken | None,
        forwarded: Callable[[str, Sequence[str]], None],
        clock: Callable[[], float],
    ) -> None:
        """`forwarded` receives a dead letter's new message id and its receivers."""
        self._store = store
        self._registry = registry
        self._courier = courier
        self._sign_token = sign_token
        self._forwarded = forwarded
        self._clock = clock

    def submit(self, pending: Pending) -> None:
        """Push when due. Does nothing for a subscription that is pulled."""
        subscription = self._registry.find_subscription(pending.subscription)
        if subscription and subscription.push:
            key = (pending.subscription, pending.message_id)
            self._courier.submit(
                pending.subscription,
                pending.due,
                partial(self._load, *key),
                partial(self._settle, *key),
            )

    def _load(self, name: str, message_id: str) -> Delivery | None:
        subscription = self._registry.find_subscription(name)
        found = self._store.find(name, message_id)
        if subscription is None or subscription.push is None or found is None:
            return None
        pending, message = found
        attempt = pending.failures + 1
        return Delivery(
            channel=name.rpartition("/")[2],
            id=message_id,
            attempt=attempt,
            data=message.data,
            attributes=message.attributes,
            request=PushRequest(
                url=subscription.push.endpoint,
                headers=self._headers(subscription.push),
                body=message.push_body(subscription, attempt=attempt),
                deadline_seconds=subscription.ack_deadline_seconds,
            ),
        )

    def _headers(self, push: PushTarget) -> Mapping[str, str]:
        token = authorization(
            self._sign_token, audience=push.token_audience, email=push.token_email
        )
        return {"Content-Type": "application/json", "User-Agent": _USER_AGENT, **token}

    def _settle(self, name: str, message_id: str, outcome: Outcome) -> None:
        if outcome.status in _ACKNOWLEDGING:
            self._store.acknowledge(name, message_id)
            return
        subscription = self._registry.find_subscription(name)
        found = self._store.find(name, message_id)
        if subscription is None or found is None:
            return
        pending, message = found
        failures = pending.failures + 1
        _log.info(
            "push.failed subscription=%s message=%s attempt=%d status=%s reason=%s",
            name,
            message_id,
            failures,
            outcome.status,
            outcome.reason,
        )
        now = self._clock()
        policy = subscription.dead_letter
        if (
            policy
            and failures >= policy.max_delivery_attempts
            and self._registry.has_topic(policy.topic)
        ):
            attributes = message.dead_letter_attributes(subscription, attempts=failures)
            receivers = self._registry.subscribers(policy.topic)
            dead_letter = NewMessage(message.data, attributes)
            self._forwarded(self._store.forward(pending, dead_letter, receivers, now), receivers)
            return
        due = now + subscription.backoff.delay(failures)
        self._store.postpone(pending, failures=failures, due=due)
        self.submit(Pending(name, message_id, failures, due))
