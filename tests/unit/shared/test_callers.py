"""Who may call an internal entry point, and when nobody is asked for a token."""

from typing import Any

import pytest

from shared.auth.callers import bearer_token, listens_on_loopback, require_internal_caller
from shared.errors import UnauthorizedError
from tests.support.builders import make_settings
from tests.support.issuer import SERVICE_ACCOUNT, SERVICE_AUDIENCE, Issuer

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
