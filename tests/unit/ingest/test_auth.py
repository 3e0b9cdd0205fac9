"""Who is asking."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.ingest.admission.auth import (
    DEPLOYMENT_OWNER,
    LOCAL_OWNER,
    Principal,
    authenticate,
)
from shared.config import Settings
from shared.errors import RequestError, UnauthorizedError
from tests.support.access.issuer import OPERATOR, OPERATOR_OWNER, Issuer
from tests.support.lectures.builders import PROJECT, make_settings

CLOUD = make_settings(plc_environment="cloud", plc_write_api_token="token")
HEADERS = st.none() | st.text() | st.text().map(lambda token: f"Bearer {token}")


def environ(authorization: str | None, *, listener: str = "10.0.0.1") -> dict[str, Any]:
    given = {} if authorization is None else {"HTTP_AUTHORIZATION": authorization}
    return {"SERVER_NAME": listener, **given}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def signed_in(issuer: Issuer) -> Settings:
    return make_settings(
        plc_environment="cloud",
        plc_write_api_token="token",
        plc_id_token_audience=PROJECT,
        plc_id_token_keys_url=issuer.url,
    )


HEADERS_OF_TOKEN = ("Bearer token", "bearer token", "BEARER  token ")


@pytest.mark.parametrize("header", HEADERS_OF_TOKEN)
def test_the_static_token_opens_its_own_lectures_in_the_cloud(header: str) -> None:
    assert authenticate(CLOUD, environ(header)) == Principal(DEPLOYMENT_OWNER)


@pytest.mark.parametrize("header", HEADERS_OF_TOKEN)
def test_the_static_token_operates_the_local_stack(header: str) -> None:
    local = make_settings(plc_write_api_token="token")
    assert authenticate(local, environ(header)) == Principal(DEPLOYMENT_OWNER, "operator")


def test_where_users_sign_in_the_local_stack_lets_nobody_in_without_a_token(
    issuer: Issuer,
) -> None:
    local = make_settings(plc_id_token_audience=PROJECT, plc_id_token_keys_url=issuer.url)
    with pytest.raises(UnauthorizedError):
        authenticate(local, environ(None, listener="127.0.0.1"))

    alice = environ(f"Bearer {issuer.id_token(sub='alice')}", listener="127.0.0.1")
    assert authenticate(local, alice) == Principal("user:alice")


@given(header=HEADERS)
def test_nothing_else_lets_anybody_in(header: str | None) -> None:
    if header is not None and header.partition(" ")[2].strip() == "token":
        return
    with pytest.raises(UnauthorizedError):
        authenticate(CLOUD, environ(header))


@given(header=HEADERS)
def test_where_none_is_set_nobody_gets_in(header: str | None) -> None:
    for token in (None, "", " \n"):
        settings = make_settings(plc_environment="cloud", plc_write_api_token=token)
        with pytest.raises(UnauthorizedError):
            authenticate(settings, environ(header))


def test_a_user_is_the_subject_of_their_id_token(issuer: Issuer, signed_in: Settings) -> None:
    principal = authenticate(signed_in, environ(f"Bearer {issuer.id_token(sub='alice')}"))

    assert (principal.owner, principal.operates) == ("user:alice", False)


def test_one_header_takes_either_kind_of_token(issuer: Issuer, signed_in: Settings) -> None:
    for token, owner in (("token", DEPLOYMENT_OWNER), (issuer.id_token(), "user:alice")):
        assert authenticate(signed_in, environ(f"Bearer {token}")).owner == owner


def test_no_user_can_be_taken_for_the_operator(issuer: Issuer, signed_in: Settings) -> None:
    for name in (DEPLOYMENT_OWNER, LOCAL_OWNER):
        principal = authenticate(signed_in, environ(f"Bearer {issuer.id_token(sub=name)}"))
        assert principal.owner not in (DEPLOYMENT_OWNER, LOCAL_OWNER)
        assert not principal.operates


AUDIENCE = "operators-tools"
ADDRESS = "ops@uni.example"
VERIFIED_ADDRESS = {"email": ADDRESS, "email_verified": True}


@pytest.fixture(scope="module")
def operated(issuer: Issuer) -> Settings:
    return make_settings(
        plc_environment="cloud",
        plc_operators=f" {ADDRESS.upper()},kim@uni.example,{OPERATOR}, ",
        plc_operator_audience=AUDIENCE,
        plc_oidc_keys_url=issuer.url,
        plc_id_token_audience=PROJECT,
        plc_id_token_keys_url=issuer.url,
    )


@pytest.mark.parametrize(
    ("claims", "operator"),
    [
        ({"sub": OPERATOR}, OPERATOR),
        ({"sub": OPERATOR, "email": "x@y.example", "email_verified": True}, OPERATOR),
        ({"sub": OPERATOR.swapcase()}, None),
        ({"sub": f"{OPERATOR},"}, None),
        ({"sub": f" {OPERATOR}"}, None),
        # Any provider of the identity project may claim an address.
        ({"sub": "alice", **VERIFIED_ADDRESS}, None),
        ({"sub": "alice", "email": OPERATOR, "email_verified": True}, None),
        # An administrator of the identity project may choose the subjects of accounts.
        ({"sub": ADDRESS, **VERIFIED_ADDRESS}, None),
        ({"sub": "", **VERIFIED_ADDRESS}, "refused"),
    ],
)
def test_users_are_operators_by_their_listed_subject_alone(
    issuer: Issuer, operated: Settings, claims: dict[str, Any], operator: str | None
) -> None:
    header = environ(f"Bearer {issuer.id_token(**claims)}")
    if operator == "refused":
        with pytest.raises(UnauthorizedError):
            authenticate(operated, header)
        return
    assert authenticate(operated, header) == Principal(f"user:{claims['sub']}", operator)


def test_an_operator_may_come_with_a_google_account(issuer: Issuer, operated: Settings) -> None:
    for email in (ADDRESS, "Ops@Uni.example"):
        token = issuer.service_token(email, AUDIENCE, sub="1234")

        assert authenticate(operated, environ(f"Bearer {token}")) == Principal(
            "operator:1234", ADDRESS
        )


@pytest.mark.parametrize(
    "changed",
    [
        {"email": "alice@uni.example"},
        {"email": None},
        {"email_verified": False},
        {"email_verified": None},
        {"aud": PROJECT},
        {"aud": [AUDIENCE]},
        {"aud": "https://another-service.example"},
        {"iss": f"https://securetoken.google.com/{AUDIENCE}"},
        {"iss": "https://accounts.google.com.evil.example"},
        {"exp": 2_000},
        {"forged": True},
        {"email_verified": "true"},
        {"email_verified": 1},
        {"email": [ADDRESS]},
        {"email": f"{ADDRESS}.evil.example"},
        {"email": f" {ADDRESS}"},
        # Its lower case is kim@uni.example.
        {"email": "\u212aim@uni.example"},
        {"sub": OPERATOR, "email": "alice@uni.example"},
        {"sub": OPERATOR, "email": None},
        {"email": OPERATOR},
        {"sub": ""},
        {"sub": None},
    ],
    ids=str,
)
def test_no_other_google_account_is_admitted(
    issuer: Issuer, operated: Settings, changed: dict[str, Any]
) -> None:
    token = issuer.service_token(**{"email": ADDRESS, "aud": AUDIENCE, **changed})

    with pytest.raises(UnauthorizedError):
        authenticate(operated, environ(f"Bearer {token}"))


@pytest.mark.parametrize("listed", ["", OPERATOR])
def test_google_accounts_are_refused_where_no_address_is_listed(
    issuer: Issuer, operated: Settings, listed: str
) -> None:
    settings = Settings.model_validate({**operated.model_dump(), "plc_operators": listed})
    token = issuer.service_token(ADDRESS, AUDIENCE)

    with pytest.raises(UnauthorizedError):
        authenticate(settings, environ(f"Bearer {token}"))
    assert authenticate(settings, environ(f"Bearer {issuer.operator_token()}")) == Principal(
        OPERATOR_OWNER, operator=listed or None
    )


VERIFIED = {"email": "alice@Uni.example", "email_verified": True}


@pytest.mark.parametrize(
    ("claims", "domains", "verified", "code"),
    [
        ({}, "", False, None),
        ({}, "", True, "email_not_verified"),
        ({"email": "alice@uni.example"}, "", True, "email_not_verified"),
        ({**VERIFIED, "email_verified": "true"}, "", True, "email_not_verified"),
        (VERIFIED, "", True, None),
        (VERIFIED, "uni.example", False, None),
        (VERIFIED, "other.example, UNI.example ", False, None),
        ({**VERIFIED, "email_verified": False}, "uni.example", False, "email_not_verified"),
        (VERIFIED, "other.example", False, "email_not_allowed"),
        ({"email_verified": True}, "uni.example", False, "email_not_allowed"),
        ({**VERIFIED, "email": "a@sub.uni.example"}, "uni.example", False, "email_not_allowed"),
        ({**VERIFIED, "email": "a@notuni.example"}, "uni.example", False, "email_not_allowed"),
        (
            {**VERIFIED, "email": "a@uni.example@evil.example"},
            "uni.example",
            False,
            "email_not_allowed",
        ),
        ({**VERIFIED, "email": "uni.example"}, "uni.example", False, "email_not_allowed"),
        ({**VERIFIED, "email": "@uni.example"}, "uni.example", False, "email_not_allowed"),
        ({**VERIFIED, "email": 7}, "uni.example", False, "email_not_allowed"),
    ],
)
def test_the_accounts_address_decides_who_is_admitted(
    *,
    issuer: Issuer,
    signed_in: Settings,
    claims: dict[str, Any],
    domains: str,
    verified: bool,
    code: str | None,
) -> None:
    told = {"plc_allowed_email_domains": domains, "plc_require_verified_email": verified}
    settings = Settings.model_validate({**signed_in.model_dump(), **told})
    header = environ(f"Bearer {issuer.id_token(**claims)}")
    if code is None:
        assert authenticate(settings, header).owner == "user:alice"
    else:
        with pytest.raises(RequestError) as refused:
            authenticate(settings, header)
        assert (refused.value.status, refused.value.code) == (403, code)
    assert authenticate(settings, environ("Bearer token")).owner == DEPLOYMENT_OWNER


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(header=HEADERS)
def test_garbage_is_no_id_token(signed_in: Settings, header: str | None) -> None:
    if header is not None and header.partition(" ")[2].strip() == "token":
        return
    with pytest.raises(UnauthorizedError):
        authenticate(signed_in, environ(header))


@pytest.mark.parametrize("listener", ["127.0.0.1", "::1", "localhost"])
def test_the_local_stack_asks_nobody(listener: str) -> None:
    assert authenticate(make_settings(), environ(None, listener=listener)).owner == LOCAL_OWNER


@pytest.mark.parametrize("listener", ["10.0.0.7", "::", "192.168.1.7", "example.org", ""])
def test_a_local_stack_that_others_can_reach_asks_everybody(listener: str) -> None:
    with pytest.raises(UnauthorizedError):
        authenticate(make_settings(), environ(None, listener=listener))
