"""Which callers an internal entry point accepts, and when it asks for no token."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from shared.auth.callers import bearer_token, listens_on_loopback, require_internal_caller
from shared.errors import UnauthorizedError
from tests.support.access.issuer import SERVICE_ACCOUNT, SERVICE_AUDIENCE, Issuer
from tests.support.lectures.builders import make_settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens there, it only says so


@pytest.mark.parametrize(
    ("server", "peer", "expected"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", None, True),
        ("127.1.2.3", "127.0.0.1", True),
        ("localhost", "127.0.0.1", True),
        ("::1", "::1", True),
        ("[::1]", "::1", True),
        (EVERYWHERE, "127.0.0.1", False),
        ("::", "::1", False),
        ("10.0.0.5", "127.0.0.1", False),
        ("127.0.0.1", "10.0.0.5", False),
        ("localhost.evil.test", "127.0.0.1", False),
        ("127.0.0.1.evil.test", "127.0.0.1", False),
        ("", "127.0.0.1", False),
        (None, None, False),
    ],
)
def test_only_a_listener_on_loopback_is_reached_from_its_machine_alone(
    server: str | None, peer: str | None, expected: bool
) -> None:
    environ = {"SERVER_NAME": server, "REMOTE_ADDR": peer, "HTTP_HOST": "localhost"}

    assert listens_on_loopback({k: v for k, v in environ.items() if v is not None}) is expected


def test_a_host_header_does_not_make_a_unix_socket_local() -> None:
    # As gunicorn has it behind a proxy: the name is the header's, the peer has no address.
    assert not listens_on_loopback({"SERVER_NAME": "localhost", "REMOTE_ADDR": ""})


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "BEARER   abc "])
def test_the_bearer_token_is_read(header: str) -> None:
    assert bearer_token({"HTTP_AUTHORIZATION": header}) == "abc"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer  ", "Basic abc", "abc"])
def test_anything_else_is_no_token(header: str) -> None:
    with pytest.raises(UnauthorizedError):
        bearer_token({"HTTP_AUTHORIZATION": header})


@pytest.mark.parametrize(
    ("settings", "let_in"),
    [
        ({}, True),
        ({"plc_internal_service_accounts": f"a@b.c, {SERVICE_ACCOUNT} ,"}, True),
        ({"plc_internal_service_accounts": "a@b.c"}, False),
        ({"plc_internal_service_accounts": " , "}, False),
        ({"plc_internal_audience": None}, False),
        ({"plc_internal_audience": "https://elsewhere.test"}, False),
    ],
    ids=str,
)
def test_nobody_gets_in_but_the_accounts_that_are_named(
    settings: dict[str, Any], let_in: bool
) -> None:
    with Issuer() as issuer:
        given = make_settings(
            **{
                "plc_environment": "cloud",
                "plc_internal_audience": SERVICE_AUDIENCE,
                "plc_internal_service_accounts": SERVICE_ACCOUNT,
                "plc_oidc_keys_url": issuer.url,
                **settings,
            }
        )
        environ = {
            "SERVER_NAME": "127.0.0.1",
            "HTTP_AUTHORIZATION": f"Bearer {issuer.service_token()}",
        }
        if let_in:
            require_internal_caller(given, environ)
        else:
            with pytest.raises(UnauthorizedError):
                require_internal_caller(given, environ)


def test_the_cloud_asks_on_loopback_too() -> None:
    with pytest.raises(UnauthorizedError):
        require_internal_caller(
            make_settings(plc_environment="cloud"), {"SERVER_NAME": "127.0.0.1"}
        )


def test_the_local_stack_asks_whoever_is_not_on_its_machine() -> None:
    local = make_settings()
    require_internal_caller(local, {"SERVER_NAME": "127.0.0.1"})
    with pytest.raises(UnauthorizedError):
        require_internal_caller(local, {"SERVER_NAME": EVERYWHERE})


CLOUD_RUN = {
    "plc_environment": "cloud",
    "k_revision": "export-00007-abc",
    "plc_internal_audience": SERVICE_AUDIENCE,
    "plc_internal_service_accounts": SERVICE_ACCOUNT,
    "plc_caller_check": "platform",
}


def without_signature(token: str) -> str:
    """As Cloud Run hands a token on that it has checked."""
    head, payload, _ = token.split(".")
    return f"{head}.{payload}.SIGNATURE_REMOVED_BY_GOOGLE"


def shown(token: str, **headers: str) -> dict[str, str]:
    return {"SERVER_NAME": EVERYWHERE, "HTTP_AUTHORIZATION": f"Bearer {token}", **headers}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


class TestBehindThePlatformsCheck:
    """Cloud Run has verified the signature, which is gone; the claims are verified once more."""

    def test_the_caller_that_is_named_gets_in(self, issuer: Issuer) -> None:
        token = without_signature(issuer.service_token())

        require_internal_caller(make_settings(**CLOUD_RUN), shown(token))

    @pytest.mark.parametrize(
        "claims",
        [
            {"email": "stranger@example.com"},
            {"email": None},
            {"email_verified": False},
            {"email_verified": None},
            {"audience": "https://elsewhere.test"},
            {"aud": [SERVICE_AUDIENCE]},
            {"aud": None},
            {"iss": "https://securetoken.google.com/pegasus"},
            {"iss": None},
            {"exp": 1},
            {"exp": None},
            {"iat": 9_999_999_999},
            {"iat": None},
            {"nbf": 9_999_999_999},
            {"sub": None},
        ],
        ids=str,
    )
    def test_every_claim_is_verified(self, issuer: Issuer, claims: dict[str, Any]) -> None:
        token = without_signature(issuer.service_token(**claims))

        with pytest.raises(UnauthorizedError):
            require_internal_caller(make_settings(**CLOUD_RUN), shown(token))

    @pytest.mark.parametrize(
        "token", ["", "x", "a.b", "a.b.c", "e30.e30.SIGNATURE_REMOVED_BY_GOOGLE"]
    )
    def test_what_is_no_token_is_refused(self, token: str) -> None:
        with pytest.raises(UnauthorizedError):
            require_internal_caller(make_settings(**CLOUD_RUN), shown(token))

    def test_a_token_beside_the_one_that_cloud_run_has_checked_is_refused(
        self, issuer: Issuer
    ) -> None:
        token = without_signature(issuer.service_token())
        environ = shown(token, HTTP_X_SERVERLESS_AUTHORIZATION="Bearer another")

        with pytest.raises(UnauthorizedError):
            require_internal_caller(make_settings(**CLOUD_RUN), environ)

    def test_elsewhere_a_token_without_its_signature_is_a_forgery(self, issuer: Issuer) -> None:
        changed = {"plc_caller_check": "signature", "plc_oidc_keys_url": issuer.url}
        settings = make_settings(**{**CLOUD_RUN, **changed})
        token = issuer.service_token()
        require_internal_caller(settings, shown(token))

        with pytest.raises(UnauthorizedError):
            require_internal_caller(settings, shown(without_signature(token)))

    @pytest.mark.parametrize(
        "changed",
        [
            {"k_revision": None},
            {"plc_environment": "local"},
            {"plc_internal_audience": None},
            {"plc_internal_service_accounts": ""},
        ],
        ids=str,
    )
    def test_the_setting_is_refused_where_the_platform_does_not_check(
        self, changed: dict[str, Any]
    ) -> None:
        with pytest.raises(ValidationError, match="platform"):
            make_settings(**{**CLOUD_RUN, **changed})
