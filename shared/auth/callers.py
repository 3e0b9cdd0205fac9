"""Authenticates callers by a signed token; not needed where only this machine can connect."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from shared.auth.tokens import (
    published_keys,
    read_checked_service_token,
    verify_service_token,
)
from shared.config import ConfigurationError, Settings
from shared.errors import UnauthorizedError


def listens_on_loopback(environ: Mapping[str, Any]) -> bool:
    """Whether the server that made this WSGI environment is reached from its machine alone.

    Both of ours (gunicorn and Werkzeug's) put the address of the listening socket into
    SERVER_NAME, whatever the request's `Host` says. On a Unix socket, which a proxy may
    stand before, gunicorn takes it from `Host` after all, but then the peer has no address.
    """
    peer = environ.get("REMOTE_ADDR")
    return _is_loopback(environ.get("SERVER_NAME")) and (peer is None or _is_loopback(peer))


def bearer_token(environ: Mapping[str, Any]) -> str:
    """The token in a WSGI request's `Authorization`. Raises UnauthorizedError without one."""
    scheme, _, token = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise UnauthorizedError()
    return token


def require_internal_caller(settings: Settings, environ: Mapping[str, Any]) -> None:
    """Let in Pub/Sub, Cloud Tasks and Cloud Scheduler, who show their account's OIDC token.

    The local stack requires no token while only this machine can reach it. Without an
    audience or an account every call is refused. Raises UnauthorizedError, TransientError.

    Behind Cloud Run's check of the invoker (`PLC_CALLER_CHECK=platform`) the token comes without
    its signature, and its claims are verified once more; anywhere else the signature is verified
    here (docs/decisions/011-callers-are-verified-twice.md).
    """
    if settings.plc_environment == "local" and listens_on_loopback(environ):
        return
    listed = settings.plc_internal_service_accounts.split(",")
    accounts = frozenset(address.strip() for address in listed) - {""}
    if not settings.plc_internal_audience or not accounts:
        raise UnauthorizedError() from ConfigurationError()
    token, audience = bearer_token(environ), settings.plc_internal_audience
    if settings.plc_caller_check == "platform":
        if "HTTP_X_SERVERLESS_AUTHORIZATION" in environ:
            # Cloud Run checks that header in place of the one that is read here.
            raise UnauthorizedError()
        read_checked_service_token(token, audience=audience, accounts=accounts)
    else:
        keys = published_keys(settings.plc_oidc_keys_url)
        verify_service_token(token, keys, audience=audience, accounts=accounts)


def _is_loopback(address: object) -> bool:
    try:
        return address == "localhost" or ip_address(str(address).strip("[]")).is_loopback
    except ValueError:
        return False
