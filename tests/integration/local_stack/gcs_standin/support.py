"""What the tests of the storage stand-in share."""

import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from google.oauth2 import service_account

from scripts.local.access import ADMINISTRATOR
from scripts.local.gcs import BucketNotification, StorageServer
from scripts.local.gcs.http.faults import Between, undisturbed
from shared.config import Settings
from shared.storage.bucket import ObjectStore

BUCKET = "lectures"
SIGNER = "signer@pegasus-local.iam.gserviceaccount.com"
UNIT = 256 * 1024

Message = tuple[str, bytes, dict[str, str]]


@dataclass
class PubSub:
    """Takes messages, and refuses the first `refusals` of them."""

    refusals: int = 0
    messages: list[Message] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def publish(self, topic: str, data: bytes, attributes: dict[str, str]) -> None:
        with self._changed:
            if self.refusals > 0:
                self.refusals -= 1
                self._changed.notify_all()
                raise ConnectionError("Pub/Sub is away")
            self.messages.append((topic, data, attributes))
            self._changed.notify_all()

    def wait(self, condition: Callable[["PubSub"], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), timeout=10), self.messages


@dataclass
class Clock:
    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Workbench:
    """A folder and everything needed to serve it, again and again."""

    root: Path
    public_key: str
    key_file: Path
    pubsub: PubSub = field(default_factory=PubSub)
    clock: Clock = field(default_factory=Clock)
    notifications: tuple[BucketNotification, ...] = ()
    port: int = 0

    def serve(self, between: Between = undisturbed, **options: Any) -> StorageServer:
        server = StorageServer(
            self.root,
            port=self.port,
            signing_keys={SIGNER: self.public_key},
            publish=self.pubsub.publish,
            notifications=self.notifications,
            now=self.clock,
            between=between,
            **options,
        )
        self.port = urlsplit(server.url).port or 0
        server.start()
        server.ensure_bucket(BUCKET)
        return server

    def store(
        self, server: StorageServer, function: str = ADMINISTRATOR, *, bucket: str = BUCKET
    ) -> ObjectStore:
        """Pegasus's own bucket, unchanged. STORAGE_EMULATOR_HOST has to be set."""
        return ObjectStore.from_settings(
            Settings.model_validate(
                {
                    "gcs_bucket": bucket,
                    "database_url": "postgresql://nobody@127.0.0.1/none",
                    "google_cloud_project": "pegasus-local",
                    "storage_emulator_host": server.url,
                    "k_service": function,
                    "plc_signing_key_file": str(self.key_file),
                }
            )
        )


def break_off(url: str, headers: dict[str, str], sent: bytes, *, length: int) -> None:
    """PUT a body of `length` bytes, of which only `sent` gets through."""
    parts = urlsplit(url)
    lines = [
        f"PUT {parts.path}?{parts.query} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Content-Length: {length}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    with socket.create_connection(
        (parts.hostname or "", parts.port or 0), timeout=10
    ) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + sent)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1024) == b""  # the server has noticed, and says nothing


def status(session_uri: str, total: int | str = "*") -> requests.Response:
    return requests.put(session_uri, headers={"Content-Range": f"bytes */{total}"}, timeout=10)


def put_range(
    session_uri: str, data: bytes, start: int, total: int | str, **headers: str
) -> requests.Response:
    content_range = f"bytes {start}-{start + len(data) - 1}/{total}"
    return requests.put(
        session_uri, data=data, headers={"Content-Range": content_range, **headers}, timeout=10
    )


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline


def credentials(key_file: Path) -> Any:
    load: Any = service_account.Credentials.from_service_account_file
    return load(str(key_file))


def xml_code(response: requests.Response) -> str:
    match = re.search("<Code>(.*)</Code>", response.text)
    assert match, response.text
    return match.group(1)
