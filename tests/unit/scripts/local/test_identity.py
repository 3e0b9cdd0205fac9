"""The stand-in for Identity Platform: what it accepts, and that its tokens are those of users."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from scripts.local.identity.server import RESET, VERIFY, IdentityServer, keys_url
from shared.auth.tokens import published_keys, verify_id_token
from shared.errors import EmailNotVerifiedError

PROJECT = "pegasus-test"
ALICE = {"email": "alice@pegasus.example", "password": "secret-enough"}
REFUSALS = {
    "signUp": [
        ({"email": "no address", "password": "secret-enough"}, "INVALID_EMAIL"),
        ({"email": "new@pegasus.example", "password": "short"}, "WEAK_PASSWORD"),
        (ALICE, "EMAIL_EXISTS"),
        ({"password": "secret-enough"}, "MISSING_EMAIL"),
    ],
    "signInWithPassword": [
        ({**ALICE, "password": "another"}, "INVALID_LOGIN_CREDENTIALS"),
        ({**ALICE, "email": "nobody@pegasus.example"}, "INVALID_LOGIN_CREDENTIALS"),
        ({"email": ALICE["email"]}, "MISSING_PASSWORD"),
    ],
    "lookup": [({"idToken": "a.b.c"}, "INVALID_ID_TOKEN")],
    "sendOobCode": [
        ({"requestType": RESET, "email": "nobody@pegasus.example"}, "EMAIL_NOT_FOUND"),
        ({"requestType": "EMAIL_SIGNIN"}, "INVALID_REQ_TYPE"),
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "identity"


@pytest.fixture
def server(folder: Path) -> Iterator[IdentityServer]:
    server = IdentityServer(folder, port=0, project=PROJECT)
    server.start()
    yield server
    server.stop()


def ask(server: IdentityServer, method: str, **body: str) -> requests.Response:
    address = f"http://{server.host}/identitytoolkit.googleapis.com/v1/accounts:{method}?key=any"
    return requests.post(address, json=body, timeout=10)


def subject(server: IdentityServer, token: str, *, verified: bool = False) -> str:
    keys = published_keys(keys_url(server.host))
    return verify_id_token(token, keys, audience=PROJECT, verified_email=verified)


def mail(folder: Path) -> str:
    return (folder / "mail.txt").read_text().splitlines()[-1]


def test_who_signs_up_is_signed_in_now_and_after_a_restart(
    server: IdentityServer, folder: Path
) -> None:
    made = ask(server, "signUp", **ALICE).json()
    again = ask(server, "signInWithPassword", **ALICE).json()

    assert made["localId"] == again["localId"] == subject(server, again["idToken"])
    restarted = IdentityServer(folder, port=0, project=PROJECT)
    restarted.start()
    try:
        renewed = requests.post(
            f"http://{restarted.host}/securetoken.googleapis.com/v1/token",
            data={"grant_type": "refresh_token", "refresh_token": made["refreshToken"]},
            timeout=10,
        ).json()
        assert renewed["user_id"] == made["localId"] == subject(restarted, renewed["id_token"])
    finally:
        restarted.stop()


def test_what_google_refuses_is_refused(server: IdentityServer, subtests: pytest.Subtests) -> None:
    ask(server, "signUp", **ALICE)
    refused = [(method, body, code) for method, each in REFUSALS.items() for body, code in each]
    for method, body, code in refused:
        answer = ask(server, method, **body)

        with subtests.test(method, code=code):
            assert answer.status_code == 400
            assert answer.json()["error"]["message"].split(" ")[0] == code


def test_an_address_is_verified_by_the_link_in_the_mail(
    server: IdentityServer, folder: Path
) -> None:
    token = ask(server, "signUp", **ALICE).json()["idToken"]
    with pytest.raises(EmailNotVerifiedError):
        subject(server, token, verified=True)
    ask(server, "sendOobCode", requestType=VERIFY, idToken=token)

    assert requests.get(mail(folder), timeout=10).ok

    assert subject(server, _sign_in(server, ALICE)["idToken"], verified=True)


def test_a_password_is_changed_by_the_link_in_the_mail(
    server: IdentityServer, folder: Path
) -> None:
    ask(server, "signUp", **ALICE)
    ask(server, "sendOobCode", requestType=RESET, email=ALICE["email"])
    link = mail(folder)
    assert "<form" in requests.get(link, timeout=10).text

    assert requests.post(link, data={"password": "another-secret"}, timeout=10).ok

    assert ask(server, "signInWithPassword", **ALICE).status_code == 400
    assert _sign_in(server, {**ALICE, "password": "another-secret"})


def test_a_code_for_one_purpose_is_none_for_another(server: IdentityServer, folder: Path) -> None:
    token = ask(server, "signUp", **ALICE).json()["idToken"]
    ask(server, "sendOobCode", requestType=VERIFY, idToken=token)

    answer = requests.post(
        mail(folder).replace(VERIFY, RESET), data={"password": "another-secret"}, timeout=10
    )

    assert answer.status_code == 400
    assert _sign_in(server, ALICE)


def test_who_is_deleted_cannot_sign_in_or_renew_a_token(server: IdentityServer) -> None:
    made = ask(server, "signUp", **ALICE).json()
    assert ask(server, "delete", idToken=made["idToken"]).ok

    assert ask(server, "signInWithPassword", **ALICE).status_code == 400
    renewed = requests.post(
        f"http://{server.host}/securetoken.googleapis.com/v1/token",
        data={"grant_type": "refresh_token", "refresh_token": made["refreshToken"]},
        timeout=10,
    )
    assert renewed.status_code == 400


def _sign_in(server: IdentityServer, who: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = ask(server, "signInWithPassword", **who).json()
    return answer
