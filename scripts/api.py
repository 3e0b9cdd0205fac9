"""Calling the API from a script: its address, the token, and retries where they may help."""

import argparse
import os
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import requests

LOCAL_API = "http://127.0.0.1:8080"
PAGE = 200
"""Rows of a page: as many as the API gives."""
TRIES = 5
TIMEOUT_SEC = 110

Json = dict[str, Any]


class ApiError(Exception):
    """The API refused, or did not answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        """None if there was no answer."""


class Api:
    """What the API says, asked again where that may help."""

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        page: int = PAGE,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url.rstrip("/")
        self._http = requests.Session()
        self._page = page
        self._wait = wait
        if token:
            self._http.headers["Authorization"] = f"Bearer {token}"

    def listed(self, path: str, rows: str, **query: object) -> Iterator[Json]:
        """Every row of a list, page by page."""
        cursor = None
        while True:
            page = self._ask("GET", path, params={"limit": self._page, "cursor": cursor, **query})
            yield from page[rows]
            cursor = page["pagination"]["nextCursor"]
            if cursor is None:
                return

    def post(self, path: str, body: Json | None = None) -> Json:
        """A write that is done once, also if its answer is lost on the way."""
        return self._ask("POST", path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())})

    def get(self, path: str) -> Json:
        return self._ask("GET", path)

    def download(self, path: str) -> bytes:
        """A file behind a signed address, which must not see the token."""
        sent_to = self._request("GET", path, allow_redirects=False)
        if sent_to.status_code != 302:
            _read(sent_to)
            raise ApiError(f"no file: {sent_to.status_code} from {sent_to.url}")
        try:
            file = requests.get(sent_to.headers["Location"], timeout=TIMEOUT_SEC)
        except requests.RequestException as error:
            raise ApiError(f"the bucket does not answer: {error}") from None
        if not file.ok:
            raise ApiError(f"the bucket answered {file.status_code}", file.status_code)
        return file.content

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, path: str, **options: Any) -> Json:
        return _read(self._request(method, path, **options))

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        for left in reversed(range(TRIES)):
            try:
                answer = self._http.request(
                    method, f"{self._url}{path}", timeout=TIMEOUT_SEC, **options
                )
            except requests.RequestException as error:
                if not left:
                    raise ApiError(f"{self._url} does not answer: {error}") from None
                self._wait(1)
                continue
            pause = answer.headers.get("Retry-After")
            if pause is None or not left:
                return answer
            # Too many writes, or a dependency is unavailable: the answer says when to retry.
            self._wait(float(pause))
        raise AssertionError("the last try returns or raises")


def _read(answer: requests.Response) -> Json:
    try:
        document: Json = answer.json()
    except ValueError:
        raise ApiError(f"no API: {answer.status_code} from {answer.url}") from None
    if not answer.ok:
        raise ApiError(f"{document.get('code')}: {document.get('detail')}", answer.status_code)
    return document


def add_api_options(parser: argparse.ArgumentParser) -> None:
    """`--api` and `--token`, by default what the environment says."""
    parser.add_argument("--api", default=os.environ.get("PLC_API_URL") or LOCAL_API)
    parser.add_argument("--token", default=os.environ.get("PLC_API_TOKEN"))
