"""What Pegasus keeps, read without its code: SQL of the suite's own and the bucket's listing."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import requests
from sqlalchemy import Engine, text

from scripts.local.access import ADMINISTRATOR

AS_OPERATOR = {"Authorization": f"Bearer {ADMINISTRATOR}"}
"""The storage stand-in refuses who has no name."""


class Stored:
    def __init__(self, admin: Engine, storage_url: str, bucket: str) -> None:
        self._admin = admin
        self._bucket_url = f"{storage_url}/storage/v1/b/{bucket}/o"
        self.bucket = bucket

    def rows(self, sql: str) -> Sequence[Any]:
        with self._admin.connect() as connection:
            return connection.execute(text(sql)).all()

    def objects(self) -> Iterator[Any]:
        """The records of all objects."""
        token = ""
        while True:
            page = self._get(self._bucket_url, maxResults="1000", pageToken=token).json()
            yield from page.get("items", ())
            token = page.get("nextPageToken", "")
            if not token:
                return

    def read(self, name: str) -> bytes:
        return self._get(f"{self._bucket_url}/{quote(name, safe='')}", alt="media").content

    def _get(self, url: str, **params: str) -> requests.Response:
        answer = requests.get(url, params=params, headers=AS_OPERATOR, timeout=60)
        answer.raise_for_status()
        return answer
