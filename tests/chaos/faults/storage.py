"""What the storm does to requests to the bucket; and what the bucket was seen to do."""

import json
import re
import threading
import time
from collections import Counter
from urllib.parse import unquote

from scripts.local.gcs.errors import Refusal
from scripts.local.gcs.http.faults import Answer, half, half_sent, lost, refused
from scripts.local.gcs.http.messages import FileSlice, Request, Response
from tests.chaos.faults.schedule import Fault, Storm

SLOWEST_SEC = 1.0
_OBJECT = re.compile(r"/(?:storage|download/storage)/v1/b/[^/]+/o/(?P<name>[^/?]+)")
_ATTEMPT = re.compile(r"-\d+(?=[./])")


class StormyBucket:
    """Stands between the bucket and everybody. Counts what was written and what was deleted."""

    def __init__(self, storm: Storm) -> None:
        self._storm = storm
        self._lock = threading.Lock()
        self.written: Counter[str] = Counter()
        """How often each name was given an object."""
        self.deleted: set[tuple[str, int | None]] = set()
        """Names and, where the request said so, generations."""

    def between(self, request: Request, answer: Answer) -> Response:
        what, name = _what(request)
        # An attempt has names of its own; the next one does the same under others.
        same = f"bucket {what} {_ATTEMPT.sub('', name)}"
        fault = self._storm.befalls("storage", what, mended_by=same)
        response = self._disturbed(request, answer, name, what, fault)
        if response.status < 500 and (fault is None or fault.kind == "slow"):
            self._storm.mended(same)
        return response

    def _disturbed(
        self, request: Request, answer: Answer, name: str, what: str, fault: Fault | None
    ) -> Response:
        if fault is not None and fault.kind in ("503", "412"):
            # Only where a function creates an object is there such a precondition to fail.
            fails = fault.kind == "412" and what == "POST upload"
            return refused(request, Refusal.CONDITION_NOT_MET if fails else Refusal.SUPERSEDED)
        breaks_off = fault is not None and fault.kind == "half_a_body"
        if breaks_off and request.method in ("POST", "PUT"):
            return self._watched(half_sent(request), answer, name)
        if fault is not None and fault.kind == "slow":
            time.sleep(fault.size * SLOWEST_SEC)
        response = self._watched(request, answer, name)
        if fault is not None and fault.kind == "answer_lost":
            return lost(response)
        return half(response) if breaks_off else response

    def _watched(self, request: Request, answer: Answer, name: str) -> Response:
        response = answer(request)
        with self._lock:
            made = request.method in ("POST", "PUT") and response.status in (200, 201)
            if made and (written := _written(response)):
                self.written[written] += 1
            if request.method == "DELETE" and response.status == 204:
                generation = request.query.get("generation")
                self.deleted.add((name, int(generation) if generation else None))
        return response


def _what(request: Request) -> tuple[str, str]:
    """The kind of request, and the object it is about where its address says so."""
    path = request.path
    if request.method == "GET" and path.endswith("/o"):
        return "list", request.query.get("prefix", "")
    if (found := _OBJECT.match(path)) is not None:
        media = request.query.get("alt") == "media" or path.startswith("/download/")
        return f"{request.method} {'media' if media else 'record'}", unquote(found["name"])
    if path.startswith("/upload/"):
        return f"{request.method} upload", request.query.get("name", "")
    return f"{request.method} signed", request.bucket_and_name[1]


def _written(response: Response) -> str | None:
    """The name of the object that an answer says was made."""
    body = response.body
    if isinstance(body, FileSlice) or not body.startswith(b"{"):
        return None
    record = json.loads(body)
    return record.get("name") if "generation" in record else None
