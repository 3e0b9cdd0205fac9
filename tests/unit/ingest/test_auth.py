"""Who is asking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.auth import LOCAL_OWNER, OPERATOR, authenticate
from shared.errors import UnauthorizedError
from tests.support.builders import make_settings

CLOUD = make_settings(plc_environment="cloud", plc_write_api_token="token")
HEADERS = st.none() | st.text() | st.text().map(lambda token: f"Bearer {token}")


def test_the_operators_token_lets_the_operator_in() -> None:
    for header in ("Bearer token", "bearer token", "BEARER  token "):
        assert authenticate(CLOUD, header).owner == OPERATOR


@given(header=HEADERS)
def test_nothing_else_does(header: str | None) -> None:
    if header is not None and header.partition(" ")[2].strip() == "token":
        return
    with pytest.raises(UnauthorizedError):
        authenticate(CLOUD, header)


@given(header=HEADERS)
def test_where_none_is_set_nobody_gets_in(header: str | None) -> None:
    for token in (None, "", " \n"):
        settings = make_settings(plc_environment="cloud", plc_write_api_token=token)
        with pytest.raises(UnauthorizedError):
            authenticate(settings, header)


def test_the_local_stack_asks_nobody() -> None:
    assert authenticate(make_settings(), None).owner == LOCAL_OWNER
