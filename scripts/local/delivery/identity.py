"""The OIDC token with which Google's services authenticate to a function."""

from collections.abc import Callable

SignToken = Callable[[str, str], str | None]
"""(audience, service account's address) → a signed JWT, or None for no token."""


def authorization(sign_token: SignToken | None, *, audience: str, email: str) -> dict[str, str]:
    """The header that carries the token; empty without an account or a signer."""
    token = sign_token(audience, email) if sign_token and email else None
    return {"Authorization": f"Bearer {token}"} if token else {}
