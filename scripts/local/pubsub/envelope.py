"""The shapes in which Pub/Sub hands messages over."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from google import pubsub_v1

from scripts.local.pubsub.subscription import Subscription


@dataclass(frozen=True)
class StoredMessage:
    id: str
    data: bytes
    attributes: Mapping[str, str]
    published_at: float
    """Seconds since the epoch."""

    @property
    def _published(self) -> datetime:
        return datetime.fromtimestamp(self.published_at, UTC)

    def resource(self) -> pubsub_v1.PubsubMessage:
        return pubsub_v1.PubsubMessage(
            data=self.data,
            attributes=dict(self.attributes),
            message_id=self.id,
            publish_time=self._published,
        )

    def push_body(self, subscription: Subscription, *, attempt: int) -> bytes:
        """The wrapped push request. Empty data and attributes are left out, as in any
        protobuf JSON; `deliveryAttempt` is there with a dead-letter policy only."""
        published = self._published.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        message: dict[str, object] = {
            "messageId": self.id,
            "message_id": self.id,
            "publishTime": published,
            "publish_time": published,
        }
        if self.data:
            message["data"] = base64.b64encode(self.data).decode()
        if self.attributes:
            message["attributes"] = dict(self.attributes)
        envelope: dict[str, object] = {"message": message, "subscription": subscription.name}
        if subscription.dead_letter:
            envelope["deliveryAttempt"] = attempt
        return json.dumps(envelope).encode()

    def dead_letter_attributes(
        self, subscription: Subscription, *, attempts: int
    ) -> dict[str, str]:
        """The message's own attributes and those Google adds when it gives up.

        https://cloud.google.com/pubsub/docs/handling-failures#track-delivery-attempts
        """
        _, project, _, short_name = subscription.name.split("/")
        return {
            **self.attributes,
            "CloudPubSubDeadLetterSourceDeliveryCount": str(attempts),
            "CloudPubSubDeadLetterSourceSubscription": short_name,
            "CloudPubSubDeadLetterSourceSubscriptionProject": project,
            "CloudPubSubDeadLetterSourceTopicPublishTime": self._published.isoformat(
                timespec="milliseconds"
            ),
        }
