"""The stream of all lectures as production serves it: a process, reached over real sockets."""

import re
import uuid
from collections.abc import Iterator
from socket import socket

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from functions.ingest.progress.estimate import TypicalTimes
from functions.ingest.progress.following import AllLectures
from functions.ingest.progress.streams import OWN_STREAMS
from shared.config import Settings
from shared.database.connections import Database
from shared.models import LectureStatus
from shared.runtime import Runtime, build_runtime
from tests.integration.conftest import TEMPLATE, Cluster
from tests.support.access.issuer import Issuer
from tests.support.lectures.builders import add_lecture
from tests.support.lectures.messages import RecordingMessages
from tests.support.processes.api_process import ApiProcess, api_process
from tests.support.processes.waiting import wait_until

ALICE, BOB = "user:alice", "user:bob"
SOON_SEC = 20
"""Far below the time that a stream lasts, also where the machine is busy."""
SHORT: dict[str, object] = {"plc_body_min_bytes_per_sec": 16_384}
"""Each 64 KiB has four seconds to be taken."""
LARGE = 200_000
"""Characters of a lecture's reason of failure: fifty of them fill the sockets' buffers."""


@pytest.fixture(scope="module")
def settings(cluster: Cluster, storage_settings: Settings) -> Iterator[Settings]:
    name = f"events_{uuid.uuid4().hex}"
    url = cluster.create(name, template=TEMPLATE).set(drivername="postgresql")
    yield storage_settings.model_copy(
        update={"database_url": SecretStr(url.render_as_string(hide_password=False))}
    )
    cluster.drop(name)


@pytest.fixture(scope="module")
def rt(settings: Settings) -> Iterator[Runtime]:
    database = Database.from_settings(settings)
    yield build_runtime(settings, database=database, messages=RecordingMessages())
    database.close()


@pytest.fixture(scope="module")
def api(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, issuer: Issuer
) -> Iterator[ApiProcess]:
    with api_process(settings, tmp_path_factory.mktemp("api"), issuer, **SHORT) as process:
        yield process


@pytest.fixture
def token(issuer: Issuer) -> str:
    return issuer.id_token("alice")


def opened(api: ApiProcess, token: str, since: str = "", **options: int) -> socket:
    headers = {"Last_Event_ID": since} if since else {}
    sock = api.connect(**options)
    sock.sendall(api.head("GET", "/events", token=token, **headers))
    return sock


def read_until(sock: socket, pattern: str) -> str:
    """What comes until the pattern does, and is its first group."""
    received = ""

    def found() -> str | None:
        nonlocal received
        if match := re.search(pattern, received):
            return match[1]
        sock.settimeout(SOON_SEC)
        data = sock.recv(1 << 16)
        assert data, f"closed before {pattern!r} came: {received[:500]}"
        received += data.decode()
        return None

    return wait_until(found, timeout_sec=SOON_SEC, what=pattern, every_sec=0)


def test_an_event_comes_as_soon_as_something_changes_and_is_resumed_from(
    api: ApiProcess, rt: Runtime, token: str
) -> None:
    with opened(api, token) as sock:
        reset = read_until(sock, r"event: reset\ndata: {}\nid: (\S+)\n\n")
        add_lecture(rt, "first", owner=ALICE)
        last = read_until(sock, r'event: lecture\ndata: {"lectureId":"first".*\nid: (\S+)\n\n')
    add_lecture(rt, "second", owner=ALICE)

    for since, lecture in ((reset, "first"), (last, "second")):
        with opened(api, token, since) as sock:
            assert read_until(sock, r'event: \w+\ndata: {"lectureId":"(\w+)"') == lecture


def test_clients_that_do_not_read_are_cut_off_and_their_room_is_given_back(
    api: ApiProcess, rt: Runtime, issuer: Issuer
) -> None:
    [reset] = AllLectures(rt, BOB, rt.database.autocommit, None, TypicalTimes()).look()
    for number in range(50):
        add_lecture(rt, f"large-{number}", owner=BOB, status=LectureStatus.COMPLETED)
    with rt.database.unit_of_work() as session:
        session.execute(
            text(
                "UPDATE lectures SET status = 'failed', error = jsonb_build_object("
                "'code', 'x', 'message', repeat('x', :large)) WHERE owner = :owner"
            ),
            {"large": LARGE, "owner": BOB},
        )
        session.commit()
    token = issuer.id_token("bob")

    def open_all() -> list[tuple[socket, str]]:
        """All streams that the caller may have, and the status of each."""
        socks = [
            opened(api, token, reset.id or "", receive_buffer=4096) for _ in range(OWN_STREAMS)
        ]
        return [(sock, read_until(sock, r"HTTP/1.1 (\d+) ")) for sock in socks]

    idle = open_all()
    assert [status for _, status in idle] == ["200"] * OWN_STREAMS
    with opened(api, token) as refused:
        assert read_until(refused, r"HTTP/1.1 (\d+) ") == "503"

    wait_until(
        lambda: not any(api.holds(sock) for sock, _ in idle),
        timeout_sec=SOON_SEC,
        what="all of them to be cut off",
    )
    again = open_all()
    assert [status for _, status in again] == ["200"] * OWN_STREAMS
    for sock, _ in (*idle, *again):
        sock.close()
