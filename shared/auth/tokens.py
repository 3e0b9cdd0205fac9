"""Signed tokens (JWT) of Google's two issuers: users' ID tokens, and services' OIDC tokens."""

import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt
from jwt.exceptions import InvalidSubjectError

from shared.auth.signing_keys import PublishedKeys
from shared.errors import EmailNotAllowedError, EmailNotVerifiedError, UnauthorizedError

MAX_TOKEN_BYTES = 8192
MAX_SUBJECT_CHARS = 128
"""Firebase's own limit for a user's id."""
LEEWAY_SEC = 30
"""How far the issuer's clock may be from ours."""
GOOGLE_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
"""Of the tokens of Google accounts, service accounts included."""


@dataclass(frozen=True)
class GoogleAccount:
    """Who a token of Google's was issued to."""

    subject: str
    email: str
    """Verified by Google; in lower case."""


@cache
def published_keys(url: str) -> PublishedKeys:
    """This process's keys behind a URL."""
    return PublishedKeys(url)


def verify_id_token(
    token: str,
    keys: PublishedKeys,
    *,
    audience: str,
    email_domains: frozenset[str] = frozenset(),
    verified_email: bool = False,
) -> str:
    """The subject of a user's ID token of the Firebase (Identity Platform) project `audience`.

    Every check of https://firebase.google.com/docs/auth/admin/verify-id-tokens. With
    `email_domains` (lower case) the account's verified address must be of one of them, with
    `verified_email` it must be verified. Raises UnauthorizedError, which does not say what is
    wrong, EmailNotVerifiedError, EmailNotAllowedError, and TransientError.
    """
    claims = _claims(
        token, keys, audience=audience, issuers=(f"https://securetoken.google.com/{audience}",)
    )
    subject = _subject(claims)
    signed_in = claims.get("auth_time", 0)
    if not isinstance(signed_in, int | float) or signed_in > time.time() + LEEWAY_SEC:
        raise UnauthorizedError() from jwt.ImmatureSignatureError()
    # An unverified address does not identify its holder.
    if (email_domains or verified_email) and claims.get("email_verified") is not True:
        raise EmailNotVerifiedError()
    if email_domains and _domain(claims.get("email")) not in email_domains:
        raise EmailNotAllowedError()
    return subject


def is_of_google_account(token: str) -> bool:
    """Whether a token names Google accounts as its issuer. Nothing of it is verified yet."""
    if not _may_be_token(token):
        return False
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return False
    return claims.get("iss") in GOOGLE_ISSUERS


def verify_account_token(token: str, keys: PublishedKeys, *, audience: str) -> GoogleAccount:
    """The Google account of an ID token. Which accounts are admitted is the caller's decision.

    Its address has to be verified and ASCII: outside of ASCII, letters that differ become equal
    in lower case. Raises UnauthorizedError, which does not say what is wrong, and TransientError.
    """
    claims = _claims(token, keys, audience=audience, issuers=GOOGLE_ISSUERS)
    email = claims.get("email")
    if not isinstance(email, str) or not email.isascii():
        raise UnauthorizedError() from PermissionError()
    if claims.get("email_verified") is not True:
        raise UnauthorizedError() from PermissionError()
    return GoogleAccount(_subject(claims), email.lower())


def verify_service_token(
    token: str, keys: PublishedKeys, *, audience: str, accounts: frozenset[str]
) -> str:
    """The address in the OIDC token of a Google service account that is one of `accounts`.

    Raises UnauthorizedError, which does not say what is wrong, and TransientError.
    """
    return _account(_claims(token, keys, audience=audience, issuers=GOOGLE_ISSUERS), accounts)


def read_checked_service_token(token: str, *, audience: str, accounts: frozenset[str]) -> str:
    """`verify_service_token` for a token whose signature Cloud Run has verified and removed.

    Only to be used behind Cloud Run's check of the invoker: anywhere else the claims are whatever
    the caller has written. Raises UnauthorizedError.
    """
    return _account(_claims(token, None, audience=audience, issuers=GOOGLE_ISSUERS), accounts)


def _account(claims: dict[str, Any], accounts: frozenset[str]) -> str:
    """Raises UnauthorizedError."""
    email = claims.get("email")
    if not isinstance(email, str) or email not in accounts:
        raise UnauthorizedError() from PermissionError()
    if claims.get("email_verified") is not True:
        raise UnauthorizedError() from PermissionError()
    return email


def _subject(claims: dict[str, Any]) -> str:
    """Raises UnauthorizedError."""
    subject: str = claims["sub"]
    # Not printable: control characters, and halves of characters that no database takes.
    if not 0 < len(subject) <= MAX_SUBJECT_CHARS or not subject.isprintable():
        raise UnauthorizedError() from InvalidSubjectError()
    return subject


def _domain(email: object) -> str | None:
    """Of an e-mail address, in lower case."""
    local, _, domain = str(email).rpartition("@")
    return domain.lower() if isinstance(email, str) and local else None


def _may_be_token(text: str) -> bool:
    # One character is at least one byte, and nothing but ASCII is in a token.
    return len(text) <= MAX_TOKEN_BYTES and text.isascii()


def _claims(
    token: str, keys: PublishedKeys | None, *, audience: str, issuers: tuple[str, ...]
) -> dict[str, Any]:
    """What a token claims, once it is sure who signed it, for whom, and that it is in force.

    Without keys the signature is not looked at; everything else is.
    An UnauthorizedError's cause is the reason; its kind may be logged, its text not.
    """
    if not _may_be_token(token):
        raise UnauthorizedError() from jwt.DecodeError()
    try:
        return jwt.decode(
            token,
            _signing_key(token, keys) if keys is not None else "",
            algorithms=["RS256"],
            audience=audience,
            issuer=issuers,
            leeway=LEEWAY_SEC,
            options={
                "require": ["exp", "iat", "aud", "iss", "sub"],
                "strict_aud": True,
                # All but the first are switched off with it by default.
                "verify_signature": keys is not None,
                "verify_exp": True,
                "verify_iat": True,
                "verify_nbf": True,
                "verify_aud": True,
                "verify_iss": True,
                "verify_sub": True,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise UnauthorizedError() from error


def _signing_key(token: str, keys: PublishedKeys) -> Any:
    """Raises PyJWTError, TransientError."""
    kid = jwt.get_unverified_header(token).get("kid")
    if not isinstance(kid, str):
        raise jwt.DecodeError("no kid")
    key = keys.get(kid)
    if key is None:
        raise jwt.InvalidKeyError("unknown kid")
    return key
