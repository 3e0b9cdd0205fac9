"""Who is asking. Every row belongs to an owner and is found only by its owner's requests."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.auth.callers import bearer_token, listens_on_loopback
from shared.auth.daily_usage import USER_PREFIX
from shared.auth.tokens import published_keys, verify_id_token
from shared.config import Settings
from shared.errors import UnauthorizedError

LOCAL_OWNER = "local"
OPERATOR = "operator"


@dataclass(frozen=True)
class Principal:
    owner: str
    """Whose rows the caller's are. A user's is `user:` and the subject of their ID token, so
    that no subject can be taken for one of ours."""
    operates: bool = False
    """May see and replay everybody's jobs."""


def authenticate(settings: Settings, environ: Mapping[str, Any]) -> Principal:
    """The caller, from the `Authorization` header of a WSGI request.

    The local stack asks nobody, as long as only this machine can reach it. Everywhere else
    the one header takes either kind of token: the operator's, or a user's ID token. Where
    neither is configured nobody gets in. Raises UnauthorizedError, EmailNotVerifiedError,
    EmailNotAllowedError, TransientError.
    """
    if settings.plc_environment == "local" and listens_on_loopback(environ):
        return Principal(LOCAL_OWNER, operates=True)
    token = bearer_token(environ)
    expected = settings.plc_write_api_token
    if expected is not None and hmac.compare_digest(
        token.encode(errors="replace"), expected.get_secret_value().encode()
    ):
        return Principal(OPERATOR, operates=True)
    if settings.plc_id_token_audience is None:
        raise UnauthorizedError()
    subject = verify_id_token(
        token,
        published_keys(settings.plc_id_token_keys_url),
        audience=settings.plc_id_token_audience,
        email_domains=settings.allowed_email_domains,
        verified_email=settings.plc_require_verified_email,
    )
    return Principal(f"{USER_PREFIX}{subject}")
