"""Who gets through to the functions: anyone to the API, to the others only the account that calls.

The API is asked without a token, and each internal function as a stranger would call it. Behind
Cloud Run's check a function trusts claims that it cannot verify itself
(docs/decisions/011-callers-are-verified-twice.md), so an answer of its own to a stranger is a hole.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from scripts.programs import ProgramError

TIMEOUT_SEC = 30
REFUSED = frozenset({401, 403, 404})
"""401 and 403 by the check of the invoker, 404 by the ingress, from outside of the project:
https://cloud.google.com/run/docs/troubleshooting"""
PAUSE_SEC = 2.0
OPEN_WITHIN_SEC = 120
"""How long a change of who may call takes to be known everywhere, generously."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def is_functions_own(self) -> bool:
        """Whether the function answered (shared/workers/outcomes.py), and not Google before it."""
        return "outcome" in self._document

    @property
    def is_apis_own(self) -> bool:
        """The same of the API (functions/ingest/web/problems.py)."""
        return "requestId" in self._document

    @property
    def _document(self) -> dict[str, object]:
        try:
            document = json.loads(self.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}


Ask = Callable[[str, str | None], Answer]
"""A POST to an address, with a token or without."""


def ask(url: str, token: str | None) -> Answer:
    """Raises ProgramError."""
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    try:
        answer = requests.post(
            url, data=b"{}", headers=headers, timeout=TIMEOUT_SEC, allow_redirects=False
        )
    except requests.RequestException as error:
        raise ProgramError(f"{url}: {type(error).__name__}") from error
    return Answer(answer.status_code, answer.content)


def forged_token(url: str, account: str) -> str:
    """Every claim is right, and the signature anybody's."""
    now = int(time.time())
    claims = {
        "iss": "https://accounts.google.com",
        "aud": url,
        "sub": "1",
        "email": account,
        "email_verified": True,
        "iat": now,
        "exp": now + 600,
    }
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "forged"})


def let_through(functions: Mapping[str, str], accounts: Mapping[str, str], ask: Ask) -> list[str]:
    """Which of the internal functions a stranger gets through to, and how. Raises ProgramError.

    `functions`: addresses by name; `accounts`: of those who may call, by function.
    """
    return [
        f"{name} answers {answer.status} to a caller {how}"
        for name, url in functions.items()
        for how, answer in _answers(url, accounts[name], ask)
        if answer.status not in REFUSED or answer.is_functions_own
    ]


def _answers(url: str, account: str, ask: Ask) -> Iterator[tuple[str, Answer]]:
    yield "without a token", ask(url, None)
    yield "with a forged token", ask(url, forged_token(url, account))


def wait_until_open(url: str, ask: Ask, *, wait: Callable[[float], None] = time.sleep) -> None:
    """Returns once the API itself answers, with one of its problem documents.

    Raises ProgramError if it does not in time.
    """
    deadline = time.monotonic() + OPEN_WITHIN_SEC
    while not (answer := ask(f"{url}/lectures/ingest", None)).is_apis_own:
        if time.monotonic() >= deadline:
            raise ProgramError(f"Google answers {answer.status} before the API does")
        wait(PAUSE_SEC)
