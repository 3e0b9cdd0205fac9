"""Objects written and read with the grants of the function that does it.

In the integration tests all functions share one process and one bucket. As for statements
(database_logins.py) the function is found from the call stack; what the test itself asks for, an
operator asks for.
"""

import re
import threading
from collections.abc import MutableMapping
from typing import Any

import pytest
from google.auth.credentials import Credentials
from google.cloud.storage import Client

from scripts.local.access import ADMINISTRATOR, Access, load_grants
from shared.config import Settings
from shared.storage.bucket import ObjectStore
from shared.storage.url_signing import signing_options
from tests.support.database.logins import function_of_caller

_TESTS_FOLDER = re.compile(r"[0-9a-f]{32}/")
"""What a test's runtime puts before every name."""

ACCESS = Access(
    load_grants(), root_of=lambda name: m[0] if (m := _TESTS_FOLDER.match(name)) else ""
)


_STARTED_BY = "started_by_function"


def caller() -> str | None:
    """The function that calls, or that has started the thread in which the call is made."""
    return function_of_caller() or getattr(threading.current_thread(), _STARTED_BY, None)


def note_who_starts_threads(patch: pytest.MonkeyPatch) -> None:
    """A function's threads act for it: those of a pool have nothing of it on their stack."""
    start = threading.Thread.start

    def noting(thread: threading.Thread) -> None:
        setattr(thread, _STARTED_BY, caller())
        start(thread)

    patch.setattr(threading.Thread, "start", noting)


class CallersCredentials(Credentials):
    """Sends the name of the function that calls, with each request."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def before_request(
        self, request: Any, method: str, url: str, headers: MutableMapping[str, str]
    ) -> None:
        headers["authorization"] = f"Bearer {caller() or ADMINISTRATOR}"

    def refresh(self, request: Any) -> None:
        """There is nothing that could expire."""


def store_of_callers(settings: Settings) -> ObjectStore:
    client = Client(
        project=settings.google_cloud_project,
        credentials=CallersCredentials(),
        client_options={"api_endpoint": settings.storage_emulator_host},
    )
    return ObjectStore(
        client.bucket(settings.gcs_bucket), signing_options=lambda: signing_options(settings)
    )
