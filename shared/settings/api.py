"""The API: its callers, limits and deadlines."""

import os
from functools import cached_property

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from shared.settings.values import Secret, entries


class ApiSettings(BaseSettings):
    """API."""

    plc_write_api_token: Secret = None
    """A static bearer token. In the cloud it opens lectures of its own, with which a deployment is
    tried, and no other owner's data; on the local stack it is an operator's."""
    plc_operators: str = ""
    """Operators, separated by commas: e-mail addresses of Google accounts, and subjects (`sub`) of
    users' ID tokens. They see and replay the jobs of all owners, take their lectures down, and
    export and delete accounts; each access is recorded."""
    plc_operator_audience: str = Field("32555940559.apps.googleusercontent.com", min_length=1)
    """Audience of the ID tokens of operators' Google accounts. The default is that of
    `gcloud auth print-identity-token`."""
    plc_id_token_audience: str | None = None
    """The Firebase or Identity Platform project whose ID tokens are accepted; it is also the
    end of their issuer. Without it no user can sign in."""
    plc_sign_in_api_key: str | None = None
    """The web API key of that project, which is public: the app signs its users in with it. Without
    it the app of an installation that requires a token has no sign-in."""
    plc_identity_emulator_host: str | None = None
    """host:port of the local stand-in for Identity Platform; empty means Google's."""
    plc_id_token_keys_url: str = (
        "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"  # noqa: S105 - an address
    )
    """Where the keys that sign ID tokens are published (JWKS)."""
    plc_allowed_email_domains: str = ""
    """Domains of the e-mail addresses whose accounts are admitted, separated by commas; empty
    for all. Such an address has to be verified, and a subdomain is listed separately."""
    plc_require_verified_email: bool = False
    """Admit only accounts whose e-mail address is verified (`email_verified`)."""
    plc_write_rate_limit_max_requests: int = Field(60, ge=1, le=100_000)
    """Writes of one caller in a row, over all instances."""
    plc_write_rate_limit_window_sec: float = Field(60, ge=1, le=86_400)
    """Time in which that many are allowed again."""
    plc_read_rate_limit_max_requests: int = Field(1200, ge=1, le=1_000_000)
    """Reads of one caller in a row, for each instance: over all of them it is this times their
    number. Callers without a valid token are counted by their network address. Operators are
    not limited."""
    plc_read_rate_limit_window_sec: float = Field(60, ge=1, le=86_400)
    """Time in which that many are allowed again."""
    plc_trusted_proxy_hops: int = Field(1, ge=0, le=10)
    """How many proxies in front append the address they were called from to `X-Forwarded-For`;
    the entry of the outermost of them is taken for the caller's address. 1 is Cloud Run's own
    front end, 2 a load balancer before it, 0 no proxy."""
    plc_handled_at_once: int = Field(16, ge=1, le=1000)
    """Requests that one instance of the API handles at a time; the others it has accepted wait.
    A request that only waits for its client's bytes does not count."""
    plc_body_timeout_sec: float = Field(100, ge=1, le=3600)
    """Longest time in which a request body has to arrive, in all."""
    plc_body_min_bytes_per_sec: int = Field(4096, ge=1, le=1 << 20)
    """Least rate at which a body has to arrive and an answer has to be taken, measured over
    64 KiB: with 4096 each 64 KiB, and all of a smaller body, has 16 seconds."""
    plc_daily_lectures_max: int = Field(200, ge=1, le=1_000_000)
    """Lectures that one user may announce in a day (UTC). The static token is not limited."""
    plc_daily_audio_hours_max: float = Field(100, ge=0.01, le=1_000_000)
    """Hours of audio that one user may have transcribed in a day (UTC), repetitions included.
    The static token is not limited."""
    plc_idempotency_ttl_sec: int = Field(3600, ge=60, le=604_800)
    """How long the answer to a write with an `Idempotency-Key` is kept for its repetition."""
    plc_cors_origins: str = ""
    """Origins of web pages that may call the API, separated by commas; empty for none."""
    plc_progress_streams_max: int = Field(32, ge=0, le=1000)
    """Event streams per instance, of single lectures and of all of a caller's; each holds a thread,
    so half of them is the most, and asks the database once a second."""
    threads: int | None = Field(None, ge=1, le=1000)
    """Requests that one instance accepts concurrently. The functions framework reads the same
    variable; not set, it makes four per processor."""
    plc_progress_stream_sec: float = Field(55, ge=1, le=110)
    """How long one stream lasts at most; the client opens the next."""

    @field_validator("plc_operators")
    @classmethod
    def _names_operators(cls, value: str) -> str:
        for each in entries(value):
            local, at, domain = each.rpartition("@")
            named = bool(local and "." in domain and each.isascii()) if at else True
            if not named or len(each) > 254 or not each.isprintable() or len(each.split()) > 1:
                raise ValueError("lists addresses and subjects, separated by commas")
        return value

    @cached_property
    def allowed_email_domains(self) -> frozenset[str]:
        return frozenset(each.lower() for each in entries(self.plc_allowed_email_domains))

    @cached_property
    def operator_addresses(self) -> frozenset[str]:
        """Of Google accounts, in lower case."""
        return frozenset(each.lower() for each in entries(self.plc_operators) if "@" in each)

    @cached_property
    def operator_subjects(self) -> frozenset[str]:
        """Of users."""
        return frozenset(each for each in entries(self.plc_operators) if "@" not in each)

    @cached_property
    def progress_streams(self) -> int:
        """How many there may be, so that other requests always find a thread."""
        threads = self.threads or 4 * (os.cpu_count() or 1)
        return min(self.plc_progress_streams_max, threads // 2)
