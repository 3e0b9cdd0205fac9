"""The published public keys (JWKS) of an issuer that signs tokens."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jwt
import requests

from shared.errors import TransientError
from shared.log import log
from shared.redaction.exception_text import reason_of

FETCH_TIMEOUT_SEC = 5
DEFAULT_AGE_SEC, LEAST_AGE_SEC, MOST_AGE_SEC = 3600.0, 300.0, 6 * 3600.0
"""How long keys count as fresh, whatever the publisher says."""
LAST_USE_SEC = 24 * 3600.0
"""Age at which keys that could not be fetched again are used no longer."""
REFETCH_PAUSE_SEC = 30.0
"""Between two fetches: any client can send a token that names an unknown key."""
FIRST_FETCH_PAUSE_SEC = 1.0
"""The same while there are no keys at all."""

Keys = Mapping[str, jwt.PyJWK]
"""By `kid`."""


def fetch_keys(url: str) -> tuple[Keys, float]:
    """Keys for RS256 published at a URL (JWKS), and for how many seconds they are good.

    Raises TransientError unless there is at least one.
    """
    try:
        response = requests.get(url, timeout=FETCH_TIMEOUT_SEC)
        response.raise_for_status()
        published = jwt.PyJWKSet.from_dict(dict(response.json())).keys
    except (
        requests.RequestException,
        jwt.PyJWTError,
        ValueError,
        TypeError,
        AttributeError,
    ) as error:
        raise TransientError(f"signing keys: {type(error).__name__}") from error
    keys = {key.key_id: key for key in published if key.key_id and key.algorithm_name == "RS256"}
    if not keys:
        raise TransientError("signing keys: none for RS256")
    age = re.search(r"\bmax-age=(\d{1,9})\b", response.headers.get("Cache-Control", ""))
    return keys, float(age[1]) if age else DEFAULT_AGE_SEC


@dataclass(frozen=True)
class _Held:
    keys: Keys
    fresh_until: float
    usable_until: float


class PublishedKeys:
    """The keys behind a URL, fetched when they are needed and kept while they are good.

    Keys the publisher no longer names are dropped with the next fetch. While the
    publisher is unavailable, the last ones are used for another day.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        fetch: Callable[[str], tuple[Keys, float]] = fetch_keys,
    ) -> None:
        self._url = url
        self._clock = clock
        self._fetch = fetch
        self._fetching = threading.Lock()
        self._held = _Held({}, fresh_until=-1.0, usable_until=-1.0)
        self._may_fetch_at: float | None = None
        self._away = False

    def get(self, kid: str) -> jwt.PyJWK | None:
        """None if the publisher names no such key. Raises TransientError if that is unknown."""
        if not self._has(kid, fresh=True):
            # A thread that has usable keys does not wait for another thread's fetch.
            if self._fetching.acquire(blocking=not self._has(kid)):
                try:
                    self._refresh(kid)
                finally:
                    self._fetching.release()
            if self._away and not self._has(kid):
                raise TransientError("The keys that sign tokens cannot be fetched just now.")
        return self._held.keys.get(kid)

    def _has(self, kid: str, *, fresh: bool = False) -> bool:
        held = self._held
        until = held.fresh_until if fresh else held.usable_until
        return kid in held.keys and self._clock() < until

    def _refresh(self, kid: str) -> None:
        now = self._clock()
        if self._has(kid, fresh=True) or now < (self._may_fetch_at or now):
            return
        try:
            keys, age = self._fetch(self._url)
            age = min(max(age, LEAST_AGE_SEC), MOST_AGE_SEC)
            self._held = _Held(keys, fresh_until=now + age, usable_until=now + LAST_USE_SEC)
            self._away = False
        except TransientError as error:
            self._away = True
            log.warning("signing_keys.away", url=self._url, reason=reason_of(error))
        now = self._clock()
        usable = now < self._held.usable_until
        self._may_fetch_at = now + (REFETCH_PAUSE_SEC if usable else FIRST_FETCH_PAUSE_SEC)
