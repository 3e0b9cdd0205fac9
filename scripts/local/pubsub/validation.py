"""Names and message sizes that Google accepts.

https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names and /pubsub/quotas
"""

import re

import grpc
from google import pubsub_v1

from scripts.local.delivery.rpc import RefusedError

_RESOURCE = re.compile(r"projects/[^/]+/(topics|subscriptions)/(?!goog)[A-Za-z][\w.~+%-]{2,254}")
_MAX_MESSAGE_BYTES = 10_000_000
_MAX_ATTRIBUTES = 100
_MAX_KEY_BYTES = 256
_MAX_VALUE_BYTES = 1024


def check_name(name: str, collection: str) -> None:
    """`collection`: topics or subscriptions. Raises RefusedError."""
    match = _RESOURCE.fullmatch(name)
    if match is None or match[1] != collection:
        raise _invalid(f"invalid [{collection}] name: {name}")


def check_message(message: pubsub_v1.PubsubMessage) -> None:
    if not message.data and not message.attributes:
        raise _invalid("a message needs data or attributes")
    if message.ordering_key:
        raise RefusedError(
            grpc.StatusCode.UNIMPLEMENTED, "the stand-in does not support ordering keys"
        )
    if len(message.data) > _MAX_MESSAGE_BYTES:
        raise _invalid(f"a message may hold {_MAX_MESSAGE_BYTES} bytes")
    if len(message.attributes) > _MAX_ATTRIBUTES:
        raise _invalid(f"a message may have {_MAX_ATTRIBUTES} attributes")
    for key, value in message.attributes.items():
        if not 0 < len(key.encode()) <= _MAX_KEY_BYTES or len(value.encode()) > _MAX_VALUE_BYTES:
            raise _invalid(
                f"attribute {key[:50]!r}: a key may have {_MAX_KEY_BYTES} bytes, "
                f"a value {_MAX_VALUE_BYTES}"
            )


def _invalid(message: str) -> RefusedError:
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, message)
