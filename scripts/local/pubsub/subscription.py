"""What a subscription asks for, checked as Google checks it."""

from dataclasses import dataclass

import grpc
from google import pubsub_v1

from scripts.local.delivery.backoff import PubSubBackoff
from scripts.local.delivery.rpc import RefusedError

_DEFAULT_PUSH_BACKOFF = PubSubBackoff(minimum=0.1, maximum=60.0)
"""Without a retry policy Google's push backoff grows from 100 ms to 60 s."""
_DEFAULT_RETRY_MINIMUM = 10.0
_DEFAULT_RETRY_MAXIMUM = 600.0

_UNSUPPORTED = (
    "bigquery_config",
    "bigtable_config",
    "cloud_storage_config",
    "detached",
    "enable_exactly_once_delivery",
    "enable_message_ordering",
    "filter",
    "message_transforms",
    "retain_acked_messages",
)


@dataclass(frozen=True)
class DeadLetterPolicy:
    topic: str
    max_delivery_attempts: int


@dataclass(frozen=True)
class PushTarget:
    endpoint: str
    token_email: str
    """Whose OIDC token the push carries; empty for none."""
    token_audience: str


@dataclass(frozen=True)
class Subscription:
    """Names are full resource names. `push` is None when messages are pulled."""

    name: str
    topic: str
    push: PushTarget | None
    ack_deadline_seconds: int
    backoff: PubSubBackoff
    dead_letter: DeadLetterPolicy | None
    resource: pubsub_v1.Subscription
    """What the API answers with: the request with Google's defaults filled in."""


def read_subscription(resource: pubsub_v1.Subscription) -> Subscription:
    """Raises RefusedError for what Google refuses, and for what the stand-in cannot do."""
    for field in _UNSUPPORTED:
        if field in resource and getattr(resource, field):
            raise RefusedError(
                grpc.StatusCode.UNIMPLEMENTED, f"the stand-in does not support {field}"
            )
    filled = pubsub_v1.Subscription(resource)
    filled.ack_deadline_seconds = resource.ack_deadline_seconds or 10
    if not 10 <= filled.ack_deadline_seconds <= 600:
        raise RefusedError(
            grpc.StatusCode.INVALID_ARGUMENT, "ack_deadline_seconds must be between 10 and 600"
        )
    push = _read_push(resource)
    dead_letter = _read_dead_letter(filled)
    if dead_letter and push is None:
        raise RefusedError(
            grpc.StatusCode.UNIMPLEMENTED,
            "the stand-in forwards dead letters of push subscriptions only",
        )
    return Subscription(
        name=filled.name,
        topic=filled.topic,
        push=push,
        ack_deadline_seconds=filled.ack_deadline_seconds,
        backoff=_read_backoff(resource),
        dead_letter=dead_letter,
        resource=filled,
    )


def _read_push(resource: pubsub_v1.Subscription) -> PushTarget | None:
    config = resource.push_config
    if not config.push_endpoint:
        return None
    if not config.push_endpoint.startswith("http://"):
        raise RefusedError(
            grpc.StatusCode.INVALID_ARGUMENT, "the stand-in pushes to http:// endpoints only"
        )
    if "no_wrapper" in config:
        raise RefusedError(
            grpc.StatusCode.UNIMPLEMENTED, "the stand-in does not support no_wrapper"
        )
    return PushTarget(
        endpoint=config.push_endpoint,
        token_email=config.oidc_token.service_account_email,
        token_audience=config.oidc_token.audience or config.push_endpoint,
    )


def _read_backoff(resource: pubsub_v1.Subscription) -> PubSubBackoff:
    if "retry_policy" not in resource:
        return _DEFAULT_PUSH_BACKOFF
    policy = resource.retry_policy
    minimum, maximum = _DEFAULT_RETRY_MINIMUM, _DEFAULT_RETRY_MAXIMUM
    if "minimum_backoff" in policy:
        minimum = policy.minimum_backoff.total_seconds()
    if "maximum_backoff" in policy:
        maximum = policy.maximum_backoff.total_seconds()
    if not 0 <= minimum <= maximum <= 600:
        raise RefusedError(
            grpc.StatusCode.INVALID_ARGUMENT,
            "backoff must be between 0 and 600 seconds, the minimum not above the maximum",
        )
    return PubSubBackoff(minimum, maximum)


def _read_dead_letter(filled: pubsub_v1.Subscription) -> DeadLetterPolicy | None:
    if "dead_letter_policy" not in filled:
        return None
    policy = filled.dead_letter_policy
    policy.max_delivery_attempts = policy.max_delivery_attempts or 5
    if not 5 <= policy.max_delivery_attempts <= 100:
        raise RefusedError(
            grpc.StatusCode.OUT_OF_RANGE, "max_delivery_attempts must be between 5 and 100"
        )
    return DeadLetterPolicy(policy.dead_letter_topic, policy.max_delivery_attempts)
