"""Authentication. Every row belongs to an owner and is found only by its owner's requests."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g

from shared.auth.callers import bearer_token, listens_on_loopback
from shared.auth.daily_usage import USER_PREFIX
from shared.auth.tokens import (
    is_of_google_account,
    published_keys,
    verify_account_token,
    verify_id_token,
)
from shared.config import Settings
from shared.errors import UnauthorizedError

LOCAL_OWNER = "local"
DEPLOYMENT_OWNER = "operator"
"""Owner of what is made with the static token, by which a deployment is tried."""
ACCOUNT_PREFIX = "operator:"
"""How the owners begin that are operators with a Google account."""


@dataclass(frozen=True)
class Principal:
    owner: str
    """Whose rows the caller's are. A user's is `user:` and the subject of their ID token, so
    that no subject can be taken for one of ours."""
    operator: str | None = None
    """An operator's identity, as `PLC_OPERATORS` lists it and the record of their accesses names
    it; None for all others."""

    @property
    def operates(self) -> bool:
        """May see and replay the jobs of all owners, take their lectures down, and export and
        delete accounts."""
        return self.operator is not None


def caller() -> Principal:
    """Who sent the request being answered."""
    principal: Principal = g.principal
    return principal


def authenticate(settings: Settings, environ: Mapping[str, Any]) -> Principal:
    """The caller, from the `Authorization` header of a WSGI request.

    The local stack requires no token while only this machine can reach it, unless its users sign
    in (`make up AUTH=1`). Everywhere else
    the one header takes a user's ID token, an ID token of an operator's Google account, or the
    static token. Operators are listed in `PLC_OPERATORS`: Google accounts by address, which Google
    has verified, and users by subject, since an address may be what any provider of the identity
    project claims. The static token names no person: in the cloud it opens only what was made with
    it, as the smoke test needs, and it operates the local stack. Without any configuration
    every request is refused. Raises UnauthorizedError, EmailNotVerifiedError,
    EmailNotAllowedError, TransientError.
    """
    if _needs_no_token(settings, environ):
        return Principal(LOCAL_OWNER, operator=LOCAL_OWNER)
    token = bearer_token(environ)
    expected = settings.plc_write_api_token
    if expected is not None and hmac.compare_digest(
        token.encode(errors="replace"), expected.get_secret_value().encode()
    ):
        local = settings.plc_environment == "local"
        return Principal(DEPLOYMENT_OWNER, operator=DEPLOYMENT_OWNER if local else None)
    if settings.operator_addresses and is_of_google_account(token):
        return _account(settings, token)
    if settings.plc_id_token_audience is None:
        raise UnauthorizedError()
    subject = verify_id_token(
        token,
        published_keys(settings.plc_id_token_keys_url),
        audience=settings.plc_id_token_audience,
        email_domains=settings.allowed_email_domains,
        verified_email=settings.plc_require_verified_email,
    )
    operates = subject in settings.operator_subjects
    return Principal(f"{USER_PREFIX}{subject}", operator=subject if operates else None)


def _needs_no_token(settings: Settings, environ: Mapping[str, Any]) -> bool:
    local = settings.plc_environment == "local" and settings.plc_id_token_audience is None
    return local and listens_on_loopback(environ)


def _account(settings: Settings, token: str) -> Principal:
    """An operator by the ID token of their Google account. Raises UnauthorizedError."""
    account = verify_account_token(
        token,
        published_keys(settings.plc_oidc_keys_url),
        audience=settings.plc_operator_audience,
    )
    if account.email not in settings.operator_addresses:
        raise UnauthorizedError()
    return Principal(f"{ACCOUNT_PREFIX}{account.subject}", operator=account.email)
