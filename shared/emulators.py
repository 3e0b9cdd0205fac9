"""Connections to the local stand-ins for Google's services.

Where Google is sent an access token of the function's account, a stand-in is sent the function's
name: it grants what that account may do in the cloud, and refuses the rest.
"""

from typing import Any, NamedTuple

import grpc
from google.oauth2.credentials import Credentials

from shared.config import Settings


def emulator_credentials(settings: Settings) -> Credentials:
    """Credentials of the running function for an HTTP client."""
    return Credentials(token=settings.k_service)  # type: ignore[no-untyped-call]


def emulator_channel(address: str, identity: str) -> grpc.Channel:
    """A plain channel to host:port on which every call carries the identity."""
    return grpc.intercept_channel(grpc.insecure_channel(address), _Identified(identity))


class _Call(NamedTuple):
    """What gRPC's own type of this name holds; it is not public."""

    method: str
    timeout: float | None
    metadata: Any
    credentials: Any
    wait_for_ready: bool | None
    compression: Any


class _Identified(grpc.UnaryUnaryClientInterceptor):  # type: ignore[misc]  # it has no types
    def __init__(self, identity: str) -> None:
        self._header = ("authorization", f"Bearer {identity}")

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        return continuation(
            _Call(
                details.method,
                details.timeout,
                [*(details.metadata or ()), self._header],
                details.credentials,
                getattr(details, "wait_for_ready", None),
                getattr(details, "compression", None),
            ),
            request,
        )
