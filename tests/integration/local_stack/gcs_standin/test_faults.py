"""A test may stand between the bucket and its client; the real client bears what it does there."""

import gc
import warnings
from collections.abc import Iterator

import pytest
import requests

from scripts.local.gcs.errors import Refusal
from scripts.local.gcs.http.faults import Answer, half, half_sent, lost, refused
from scripts.local.gcs.http.messages import Request, Response
from shared.storage.bucket import ObjectStore
from tests.integration.local_stack.gcs_standin.support import BUCKET, Workbench


class Between:
    """Does to the next request what it is told, and lets the others pass."""

    def __init__(self) -> None:
        self.fault = ""
        self.seen: list[str] = []

    def __call__(self, request: Request, answer: Answer) -> Response:
        fault, self.fault = self.fault, ""
        self.seen.append(request.method)
        match fault:
            case "503":
                return refused(request, Refusal.SUPERSEDED)
            case "answer lost":
                return lost(answer(request))
            case "half an answer":
                return half(answer(request))
            case "half a body":
                return answer(half_sent(request))
        return answer(request)


@pytest.fixture
def between(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Between, ObjectStore]]:
    line = Between()
    server = workbench.serve(between=line)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
    store = workbench.store(server)
    line.seen.clear()
    yield line, store
    server.stop()


def written(between: tuple[Between, ObjectStore], fault: str) -> tuple[Between, ObjectStore]:
    """With an object in the bucket; the next request meets the fault."""
    line, store = between
    store.create("a/b.txt", b"content" * 1000, "text/plain")
    line.seen.clear()
    line.fault = fault
    return line, store


@pytest.mark.parametrize("fault", ["503", "answer lost", "half a body"])
def test_an_object_is_written_once_whatever_becomes_of_the_request(
    between: tuple[Between, ObjectStore], fault: str
) -> None:
    line, store = between
    line.fault = fault

    stored = store.create("a/b.txt", b"content" * 1000, "text/plain")

    assert len(line.seen) > 1, "nothing went wrong"
    assert store.read("a/b.txt", generation=stored.generation) == b"content" * 1000


@pytest.mark.parametrize("fault", ["503", "answer lost", "half an answer"])
def test_an_object_is_read_whole_whatever_becomes_of_the_answer(
    between: tuple[Between, ObjectStore], fault: str
) -> None:
    line, store = written(between, fault)

    assert store.read("a/b.txt") == b"content" * 1000
    assert len(line.seen) > 1, "nothing went wrong"


@pytest.mark.parametrize("fault", ["503", "answer lost", "half an answer"])
def test_a_repeated_download_leaves_no_connection_to_the_garbage_collector(
    between: tuple[Between, ObjectStore], fault: str
) -> None:
    line, store = written(between, fault)
    gc.collect()

    store.read("a/b.txt")
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        gc.collect()

    assert len(line.seen) > 1, "nothing went wrong"
    assert [str(each.message) for each in found] == []


def test_a_refusal_is_worded_as_the_api_that_was_asked_words_it(
    workbench: Workbench,
) -> None:
    server = workbench.serve(between=lambda request, _: refused(request, Refusal.SUPERSEDED))
    try:
        json_api = requests.get(f"{server.url}/storage/v1/b/{BUCKET}/o/x", timeout=10)
        xml_api = requests.get(f"{server.url}/{BUCKET}/x", timeout=10)
    finally:
        server.stop()
    assert json_api.status_code == xml_api.status_code == 503
    assert json_api.json()["error"]["errors"][0]["reason"] == "backendError"
    assert "<Code>ServiceUnavailable</Code>" in xml_api.text
