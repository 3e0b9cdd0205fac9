"""Who signs the URLs a client is handed: a key file on the laptop, IAM in the cloud."""

from datetime import timedelta
from functools import cache, partial
from typing import Any, cast

import google.auth
import google.auth.transport.requests
from google.auth import exceptions as auth_errors
from google.auth import iam
from google.auth.credentials import Signing
from google.oauth2 import service_account

from shared.config import Settings

DOWNLOAD_URL_TTL = timedelta(minutes=15)
"""How long a signed address opens a file or a recording, for anyone who has it."""
IAM_TIMEOUT_SEC = 10
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class IamSigning(Signing):
    """Signs with a key that never leaves Google: each signature is one call of `signBlob`.

    The access token goes to IAM alone, and is renewed there when it runs out.
    """

    def __init__(self, source: Any, email: str, request: Any) -> None:
        """`source`: credentials that may sign for `email`; `request`: google.auth's transport."""
        self._signer = iam.Signer(request, source, email)  # type: ignore[no-untyped-call]
        self._email = email

    def sign_bytes(self, message: bytes) -> bytes:
        return cast(bytes, self._signer.sign(message))

    @property
    def signer_email(self) -> str:
        return self._email

    @property
    def signer(self) -> Any:
        return self._signer


def signing_options(settings: Settings) -> dict[str, Any]:
    """Arguments for the storage client's `generate_signed_url`: signer and address.

    Raises google.auth's errors, as does signing itself.
    """
    options: dict[str, Any] = {
        "credentials": _key_file(settings.plc_signing_key_file)
        if settings.plc_signing_key_file
        else _iam(settings.plc_signing_account)
    }
    if settings.storage_emulator_host:
        options["api_access_endpoint"] = settings.storage_emulator_host
    return options


def iam_signing(source: Any, email: str | None, request: Any) -> IamSigning:
    """A signer in the name of `email`, or of the account that `source` belongs to."""
    if not email:
        # The metadata server's credentials do not know their account until they have a token.
        source.refresh(request)
        email = getattr(source, "service_account_email", None)
    if not email:
        raise auth_errors.DefaultCredentialsError(  # type: ignore[no-untyped-call]
            "PLC_SIGNING_ACCOUNT is needed to sign URLs"
        )
    return IamSigning(source, email, request)


@cache
def _key_file(path: str) -> Any:
    return service_account.Credentials.from_service_account_file(path)  # type: ignore[no-untyped-call]


@cache
def _iam(email: str | None) -> IamSigning:
    # The transport's own limit is two minutes, as long as a whole request may take.
    request = partial(google.auth.transport.requests.Request(), timeout=IAM_TIMEOUT_SEC)
    return iam_signing(google.auth.default(scopes=[_SCOPE])[0], email, request)
