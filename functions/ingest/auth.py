"""Who is asking. Every row belongs to an owner and is found only by its owner's requests."""

import hmac
from dataclasses import dataclass

from shared.config import Settings
from shared.errors import UnauthorizedError

LOCAL_OWNER = "local"
OPERATOR = "operator"


@dataclass(frozen=True)
class Principal:
    owner: str


def authenticate(settings: Settings, authorization: str | None) -> Principal:
    """The caller, from the `Authorization` header.

    The local stack asks nobody. Everywhere else the operator's token is needed, and
    where none is set nobody gets in. Raises UnauthorizedError.
    """
    if settings.plc_environment == "local":
        return Principal(LOCAL_OWNER)
    scheme, _, token = (authorization or "").partition(" ")
    expected = settings.plc_write_api_token
    if (
        expected is not None
        and scheme.lower() == "bearer"
        and hmac.compare_digest(token.strip().encode(), expected.get_secret_value().encode())
    ):
        return Principal(OPERATOR)
    raise UnauthorizedError()
