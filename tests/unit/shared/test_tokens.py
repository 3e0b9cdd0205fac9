"""A token lets its bearer in only if its issuer signed it, for us, and it is in force."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.auth.signing_keys import LAST_USE_SEC, REFETCH_PAUSE_SEC, PublishedKeys
from shared.auth.tokens import (
    MAX_TOKEN_BYTES,
    published_keys,
    verify_id_token,
    verify_service_token,
)
from shared.errors import TransientError, UnauthorizedError
from tests.support.access.issuer import SERVICE_ACCOUNT, SERVICE_AUDIENCE, Issuer
from tests.support.lectures.builders import PROJECT

ACCOUNTS = frozenset({SERVICE_ACCOUNT, "other@example.com"})
NOW = time.time()


def told(claims: dict[str, Any]) -> str:
    """A test's name has to be the same in each process, so no time is in it."""
    return ", ".join(
        f"{name}: {'past' if value < NOW else 'future'}"
        if isinstance(value, float)
        else f"{name}: {value}"
        for name, value in claims.items()
    )


HOUR = 3600


class Ticker:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def keys(issuer: Issuer) -> PublishedKeys:
    return PublishedKeys(issuer.url)


def unsigned(alg: str, claims: dict[str, Any], kid: str, *, secret: bytes | None = None) -> str:
    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    header = part(json.dumps({"alg": alg, "kid": kid}).encode())
    text = f"{header}.{part(json.dumps(claims).encode())}"
    signature = hmac.digest(secret, text.encode(), hashlib.sha256) if secret else b""
    return f"{text}.{part(signature)}"


class TestIdTokens:
    def subject(self, token: str, keys: PublishedKeys) -> str:
        return verify_id_token(token, keys, audience=PROJECT)

    def test_a_good_token_says_whose_it_is(self, issuer: Issuer, keys: PublishedKeys) -> None:
        assert self.subject(issuer.id_token("alice"), keys) == "alice"
        assert self.subject(issuer.id_token("ä" * 128, auth_time=None), keys) == "ä" * 128

    @pytest.mark.parametrize(
        "claims",
        [
            {"aud": "another-project"},
            {"aud": [PROJECT]},
            {"aud": None},
            {"iss": "https://securetoken.google.com/another-project"},
            {"iss": "https://accounts.google.com"},
            {"iss": None},
            {"exp": NOW - HOUR},
            {"exp": "soon"},
            {"exp": None},
            {"iat": NOW + HOUR},
            {"iat": None},
            {"nbf": NOW + HOUR},
            {"auth_time": NOW + HOUR},
            {"auth_time": "yesterday"},
            {"sub": None},
            {"sub": ""},
            {"sub": 7},
            {"sub": "a" * 129},
            {"sub": "ali\x00ce"},
            {"sub": "ali\nce"},
            {"sub": "\ud800"},
            {"forged": True},
        ],
        ids=told,
    )
    def test_anything_wrong_is_refused_without_a_reason(
        self, issuer: Issuer, keys: PublishedKeys, claims: dict[str, Any]
    ) -> None:
        token = issuer.id_token(**{"sub": "alice", **claims})
        with pytest.raises(UnauthorizedError) as refusal:
            self.subject(token, keys)

        assert refusal.value.message == UnauthorizedError().message

    def test_a_clock_that_is_a_little_off_does_no_harm(
        self, issuer: Issuer, keys: PublishedKeys
    ) -> None:
        now = time.time()
        assert self.subject(issuer.id_token(iat=now + 15, auth_time=now + 15), keys) == "alice"
        assert self.subject(issuer.id_token(exp=now - 15), keys) == "alice"

    def test_only_the_algorithm_of_the_published_keys_counts(
        self, issuer: Issuer, keys: PublishedKeys
    ) -> None:
        claims = jwt.decode(issuer.id_token(), options={"verify_signature": False})
        for token in (
            unsigned("none", claims, issuer.kid),
            unsigned("RS256", claims, issuer.kid),
            unsigned("HS256", claims, issuer.kid, secret=issuer.public_pem()),
        ):
            with pytest.raises(UnauthorizedError):
                self.subject(token, keys)

    def test_a_service_is_no_user(self, issuer: Issuer, keys: PublishedKeys) -> None:
        with pytest.raises(UnauthorizedError):
            self.subject(issuer.service_token(audience=PROJECT), keys)

    @given(
        st.one_of(
            st.text(),
            st.text("ey.AJ0-_={}[]", max_size=200),
            st.binary(max_size=300).map(
                lambda data: base64.urlsafe_b64encode(data).decode().rstrip("=") + ".e30.AA"
            ),
        )
    )
    def test_garbage_is_refused(self, token: str) -> None:
        with pytest.raises(UnauthorizedError):
            self.subject(token, PublishedKeys("http://127.0.0.1:1/", fetch=_no_fetch))

    @pytest.mark.parametrize("depth", [900, 3000])
    def test_deeply_nested_garbage_is_refused(self, keys: PublishedKeys, depth: int) -> None:
        nested = base64.urlsafe_b64encode(b"[" * depth).decode().rstrip("=")
        with pytest.raises(UnauthorizedError):
            self.subject(f"{nested}.{nested}.AA", keys)

    def test_a_huge_token_is_not_even_parsed(self, issuer: Issuer, keys: PublishedKeys) -> None:
        small, huge = issuer.id_token(padding="a" * 4000), issuer.id_token(padding="a" * 7000)
        assert len(small) < MAX_TOKEN_BYTES < len(huge)

        assert self.subject(small, keys) == "alice"
        with pytest.raises(UnauthorizedError):
            self.subject(huge, keys)


class TestServiceTokens:
    def email(self, token: str, keys: PublishedKeys) -> str:
        return verify_service_token(token, keys, audience=SERVICE_AUDIENCE, accounts=ACCOUNTS)

    @pytest.mark.parametrize("name", ["https://accounts.google.com", "accounts.google.com"])
    def test_a_good_token_says_which_account_calls(
        self, issuer: Issuer, keys: PublishedKeys, name: str
    ) -> None:
        assert self.email(issuer.service_token(iss=name), keys) == SERVICE_ACCOUNT

    @pytest.mark.parametrize(
        "claims",
        [
            {"email": "stranger@example.com"},
            {"email": SERVICE_ACCOUNT.upper()},
            {"email": [SERVICE_ACCOUNT]},
            {"email": None},
            {"email_verified": False},
            {"email_verified": "true"},
            {"email_verified": None},
            {"aud": "https://elsewhere.test"},
            {"iss": f"https://securetoken.google.com/{PROJECT}"},
            {"iss": "https://accounts.google.com.evil.test"},
            {"exp": NOW - HOUR},
            {"iat": NOW + HOUR},
            {"forged": True},
        ],
        ids=told,
    )
    def test_anything_wrong_is_refused(
        self, issuer: Issuer, keys: PublishedKeys, claims: dict[str, Any]
    ) -> None:
        with pytest.raises(UnauthorizedError):
            self.email(issuer.service_token(**claims), keys)

    def test_a_token_whose_signature_cloud_run_took_off_is_refused(
        self, issuer: Issuer, keys: PublishedKeys
    ) -> None:
        head = issuer.service_token().rpartition(".")[0]
        with pytest.raises(UnauthorizedError):
            self.email(f"{head}.SIGNATURE_REMOVED_BY_GOOGLE", keys)


class TestPublishedKeys:
    @pytest.fixture
    def issuer(self) -> Iterator[Issuer]:
        with Issuer() as issuer:
            yield issuer

    @pytest.fixture
    def tick(self) -> Ticker:
        return Ticker()

    @pytest.fixture
    def keys(self, issuer: Issuer, tick: Ticker) -> PublishedKeys:
        return PublishedKeys(issuer.url, clock=tick)

    @pytest.mark.parametrize(
        ("told", "sec"), [(None, 3600), (1, 300), (1200, 1200), (10**8, 6 * 3600)]
    )
    def test_keys_are_fetched_again_when_they_are_old(
        self, issuer: Issuer, keys: PublishedKeys, tick: Ticker, told: int | None, sec: int
    ) -> None:
        issuer.max_age = told
        for _ in range(3):
            assert keys.get(issuer.kid)
        tick.now += sec - 1
        assert keys.get(issuer.kid)
        assert issuer.fetches == 1

        tick.now += 1
        assert keys.get(issuer.kid)
        assert issuer.fetches == 2

    def test_a_storm_of_unknown_keys_is_one_fetch(
        self, issuer: Issuer, keys: PublishedKeys, tick: Ticker
    ) -> None:
        assert keys.get(issuer.kid)
        tick.now += REFETCH_PAUSE_SEC
        threads = [threading.Thread(target=keys.get, args=(f"k{i}",)) for i in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert issuer.fetches == 2
        assert keys.get("forged") is None

    def test_a_new_key_is_known_at_once_and_a_withdrawn_one_no_more(
        self, issuer: Issuer, keys: PublishedKeys, tick: Ticker
    ) -> None:
        old = issuer.id_token()
        assert verify_id_token(old, keys, audience=PROJECT) == "alice"
        tick.now += REFETCH_PAUSE_SEC
        issuer.rotate()

        assert verify_id_token(issuer.id_token(), keys, audience=PROJECT) == "alice"
        with pytest.raises(UnauthorizedError):
            verify_id_token(old, keys, audience=PROJECT)

    def test_the_last_keys_serve_for_a_day_while_the_publisher_is_away(
        self, issuer: Issuer, keys: PublishedKeys, tick: Ticker
    ) -> None:
        assert keys.get(issuer.kid)
        issuer.away = True
        tick.now += LAST_USE_SEC - 1
        for _ in range(5):
            assert keys.get(issuer.kid)
        assert issuer.fetches == 2

        tick.now += 1
        with pytest.raises(TransientError):
            keys.get(issuer.kid)
        issuer.away = False
        tick.now += REFETCH_PAUSE_SEC
        assert keys.get(issuer.kid)

    def test_an_unknown_key_is_not_held_against_its_bearer_while_the_publisher_is_away(
        self, issuer: Issuer, keys: PublishedKeys, tick: Ticker
    ) -> None:
        assert keys.get(issuer.kid)
        tick.now += REFETCH_PAUSE_SEC
        issuer.away = True

        with pytest.raises(TransientError):
            keys.get("new")

    def test_without_any_keys_nothing_can_be_verified_until_they_come(
        self, issuer: Issuer, keys: PublishedKeys, tick: Ticker
    ) -> None:
        issuer.away = True
        for _ in range(3):
            with pytest.raises(TransientError):
                verify_id_token(issuer.id_token(), keys, audience=PROJECT)
        assert issuer.fetches == 1

        issuer.away = False
        tick.now += 1
        assert verify_id_token(issuer.id_token(), keys, audience=PROJECT) == "alice"

    def test_who_has_a_key_does_not_wait_for_another_threads_fetch(
        self, issuer: Issuer, tick: Ticker
    ) -> None:
        first = PublishedKeys(issuer.url)
        key = first.get(issuer.kid)
        assert key is not None
        begun, go_on = threading.Event(), threading.Event()
        fetches = iter([True, False])

        def fetch(_: str) -> tuple[dict[str, jwt.PyJWK], float]:
            if not next(fetches):
                begun.set()
                assert go_on.wait(10)
            return {"k": key}, 600.0

        keys = PublishedKeys("", clock=tick, fetch=fetch)
        assert keys.get("k")
        tick.now += 601
        slow = threading.Thread(target=keys.get, args=("k",))
        slow.start()
        assert begun.wait(10)

        assert keys.get("k") is key

        go_on.set()
        slow.join()

    def test_nobody_listening_is_somebody_away(self) -> None:
        with pytest.raises(TransientError):
            PublishedKeys("http://127.0.0.1:1/").get("k")

    def test_a_process_fetches_the_keys_of_a_url_once(self, issuer: Issuer) -> None:
        for _ in range(3):
            assert published_keys(issuer.url).get(issuer.kid)

        assert issuer.fetches == 1


def _no_fetch(_: str) -> tuple[dict[str, jwt.PyJWK], float]:
    return {}, 3600.0
