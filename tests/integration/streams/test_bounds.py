"""What an open stream of all lectures costs, and how many of them there are."""

import itertools
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from functions.ingest.app import create_app
from functions.ingest.progress.estimate import TypicalTimes
from functions.ingest.progress.following import AllLectures
from functions.ingest.progress.streams import OWN_STREAMS
from shared.runtime import Runtime
from tests.support.access.issuer import Issuer
from tests.support.access.signed_in import signed_in
from tests.support.lectures.builders import OWNER, add_lecture, changed, uploaded
from tests.support.lectures.events import received

pytestmark = pytest.mark.usefixtures("owner_conditions")


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """All that are sent while the test runs."""
    sent: list[str] = []

    def note(*given: object) -> None:
        sent.append(str(given[2]))

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


class TestLoad:
    def test_a_look_is_one_statement_for_all_lectures_of_the_owner(
        self, runtime: Runtime, statements: list[str]
    ) -> None:
        for number in range(5):
            uploaded(runtime, f"lecture-{number}")
        source = AllLectures(runtime, OWNER, runtime.database.autocommit, None, TypicalTimes())
        received(source.look())
        statements.clear()

        assert received(source.look()) == []

        assert len(statements) == 1

    def test_changed_lectures_are_read_together(
        self, runtime: Runtime, statements: list[str]
    ) -> None:
        source = AllLectures(runtime, OWNER, runtime.database.autocommit, None, TypicalTimes())
        received(source.look())
        for number in range(5):
            add_lecture(runtime, f"lecture-{number}")
        statements.clear()

        assert len(received(source.look())) == 5

        assert len(statements) == 3, "what has changed, the lectures, how far they are"

    def test_no_connection_is_held_while_an_event_is_sent(self, runtime: Runtime) -> None:
        source = AllLectures(runtime, OWNER, runtime.database.autocommit, None, TypicalTimes())
        received(source.look())
        add_lecture(runtime)

        for _ in source.look():
            assert runtime.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


class TestRoom:
    def test_an_owner_has_so_many_streams_and_others_have_theirs(
        self, runtime: Runtime, issuer: Issuer
    ) -> None:
        client = create_app(changed(signed_in(runtime, issuer), threads=64)).test_client()
        alice, bob = (
            {"Authorization": f"Bearer {issuer.id_token(sub=sub)}"} for sub in ("alice", "bob")
        )
        own = [client.get("/events", headers=alice, buffered=False) for _ in range(OWN_STREAMS)]

        refused = client.get("/events", headers=alice)

        assert refused.status_code == 503
        assert refused.get_json(force=True)["code"] == "streams_busy"
        assert refused.headers["Retry-After"]
        with client.get("/events", headers=bob, buffered=False) as other:
            assert other.status_code == 200
        own.pop().close()
        own.append(client.get("/events", headers=alice, buffered=False))
        assert [each.status_code for each in own] == [200] * OWN_STREAMS
        for stream in own:
            stream.close()

    def test_both_kinds_of_streams_share_the_room_of_the_instance(self, runtime: Runtime) -> None:
        uploaded(runtime)
        client = create_app(changed(runtime, threads=4)).test_client()
        paths = ("/lectures/hashing/progress/stream", "/events")
        opened = [client.get(path, buffered=False) for path in paths]

        refused = [client.get(path).status_code for path in paths]

        assert refused == [503, 503]
        for stream in opened:
            stream.close()
        assert client.get("/lectures").status_code == 200

    def test_a_stream_that_is_not_read_is_closed_with_its_request(self, runtime: Runtime) -> None:
        client = create_app(changed(runtime, threads=2)).test_client()
        for _ in range(3):
            with client.get("/events", buffered=False) as answer:
                assert answer.status_code == 200
                assert list(itertools.islice(answer.response, 1)) == [b"retry: 2000\n\n"]


def test_an_operator_who_reads_without_limit_has_no_more_streams(
    runtime: Runtime, issuer: Issuer
) -> None:
    client: FlaskClient = create_app(changed(signed_in(runtime, issuer), threads=64)).test_client()
    operator = {"Authorization": f"Bearer {issuer.operator_token()}"}
    own = [client.get("/events", headers=operator, buffered=False) for _ in range(OWN_STREAMS)]

    assert client.get("/events", headers=operator).status_code == 503
    for stream in own:
        stream.close()
