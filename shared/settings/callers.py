"""Who may call: users and operators of the API, and Google's services."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings


class CallerSettings(BaseSettings):
    """Internal entry points."""

    plc_internal_audience: str | None = None
    """Audience of the OIDC tokens that Pub/Sub, Cloud Tasks and Cloud Scheduler show a
    function. Outside the local stack a function without it refuses every call."""
    plc_internal_service_accounts: str = ""
    """Addresses of the accounts whose tokens are accepted there, separated by commas. Outside
    the local stack a function without any refuses every call."""
    plc_caller_check: Literal["signature", "platform"] = Field("signature", validate_default=True)
    """Who verifies the signature of those tokens: the function (`signature`), or Cloud Run's check
    of the invoker, which hands them on without it (`platform`). The latter is refused outside Cloud
    Run, and for the API, which has no such check before it."""
    plc_oidc_keys_url: str = "https://www.googleapis.com/oauth2/v3/certs"
    """Where the keys that sign Google's OIDC tokens are published (JWKS)."""

    @field_validator("plc_caller_check")
    @classmethod
    def _is_checked(cls, value: str, info: ValidationInfo) -> str:
        if value == "platform":
            if info.data.get("plc_environment") != "cloud" or not info.data.get("k_revision"):
                raise ValueError("platform needs Cloud Run, which sets K_REVISION")
            audience = info.data.get("plc_internal_audience")
            if not audience or not info.data.get("plc_internal_service_accounts"):
                raise ValueError(
                    "platform is for internal functions: set PLC_INTERNAL_AUDIENCE and"
                    " PLC_INTERNAL_SERVICE_ACCOUNTS"
                )
        return value
