"""A stream that resumes reports all that has changed meanwhile; what is no position is answered."""

import base64
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from functions.ingest.progress.changes import REACH, moment
from functions.ingest.progress.estimate import TypicalTimes
from functions.ingest.progress.following import AllLectures
from functions.ingest.progress.positions import LIFETIME, Position, write_position
from shared.accounts.deletion import carry_out, request_deletion
from shared.deletion.lectures import delete_lecture
from shared.deletion.purging import PURGE_AFTER
from shared.models import LectureStatus, Purge
from shared.runtime import Runtime
from tests.support.clock import HeldClock
from tests.support.lectures.builders import OWNER, add_lecture, uploaded
from tests.support.lectures.events import assert_reported_once, events_since, position, received

pytestmark = pytest.mark.usefixtures("owner_conditions")


def about(client: FlaskClient, since: str) -> list[str]:
    return sorted(each.about for each in events_since(client, since))


def rename(session: Session, slug: str, title: str) -> None:
    session.execute(
        text("UPDATE lectures SET title = :title WHERE slug = :slug"),
        {"title": title, "slug": slug},
    )


class TestResuming:
    def test_all_that_changed_meanwhile_is_reported_deletions_included(
        self, rt: Runtime, client: FlaskClient
    ) -> None:
        gone, _ = uploaded(rt, "gone"), uploaded(rt, "same")
        since = position(client)
        delete_lecture(rt, gone)
        add_lecture(rt, "new")

        assert about(client, since) == [f"deleted {gone.id}", "lecture new"]

    def test_nothing_is_reported_again_behind_the_last_event(
        self, rt: Runtime, client: FlaskClient
    ) -> None:
        since = position(client)
        add_lecture(rt, "one")
        add_lecture(rt, "two")

        assert_reported_once(client, since)

    def test_a_stream_that_breaks_off_reports_the_rest_when_it_resumes(
        self, rt: Runtime, client: FlaskClient
    ) -> None:
        since = position(client)
        for slug in ("one", "two", "three"):
            add_lecture(rt, slug)

        seen = events_since(client, since)

        for read in range(1, 4):
            rest = about(client, seen[read - 1].id)
            known = {each.about for each in seen[:read]}
            assert known | set(rest) == {"lecture one", "lecture two", "lecture three"}

    def test_what_is_reported_in_parts_is_complete(
        self, rt: Runtime, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("functions.ingest.progress.following.BATCH", 2)
        since = position(client)
        slugs = [f"lecture-{number}" for number in range(5)]
        for slug in slugs:
            add_lecture(rt, slug)

        assert about(client, since) == [f"lecture {slug}" for slug in slugs]

    def test_a_deletion_is_reported_for_as_long_as_a_position_lives(
        self, rt: Runtime, client: FlaskClient, clock: HeldClock
    ) -> None:
        assert PURGE_AFTER[-1] > LIFETIME
        lecture = uploaded(rt)
        since = position(client)
        delete_lecture(rt, lecture)

        clock.now += LIFETIME - timedelta(minutes=1)

        assert about(client, since) == [f"deleted {lecture.id}"]

    def test_a_quiet_stream_moves_the_position_on(self, rt: Runtime, clock: HeldClock) -> None:
        """Else it would be too old in the end, and the rows of long ago be looked through."""
        add_lecture(rt)
        source = AllLectures(rt, OWNER, rt.database.autocommit, None, TypicalTimes())
        [reset] = received(source.look())
        clock.advance(days=6)
        with rt.database.unit_of_work() as session:
            session.execute(text("SELECT pg_current_xact_id()"))
            session.commit()

        assert received(source.look()) == []

        assert source.position != reset.id
        clock.advance(days=6)
        resumed = AllLectures(rt, OWNER, rt.database.autocommit, source.position, TypicalTimes())
        assert received(resumed.look()) == []


class TestLateCommits:
    """A transaction that commits after another one may have written before it, with an earlier
    time. A stream that went by times, or by the highest transaction it has seen, would pass over
    what it wrote."""

    @pytest.mark.parametrize("nested", [False, True], ids=["plain", "after a savepoint"])
    def test_what_commits_late_is_reported(
        self, rt: Runtime, client: FlaskClient, nested: bool
    ) -> None:
        for slug in ("late", "prompt"):
            add_lecture(rt, slug, status=LectureStatus.COMPLETED)
        since = position(client)
        with rt.database.unit_of_work() as late:
            if nested:
                late.execute(text("SELECT pg_current_xact_id()"))
                with late.begin_nested():
                    rename(late, "late", "First")
            else:
                rename(late, "late", "First")
            with rt.database.unit_of_work() as prompt:
                rename(prompt, "prompt", "Second")
                prompt.commit()
            [seen] = events_since(client, since)
            assert seen.about == "lecture prompt"
            late.commit()

        after = events_since(client, seen.id)

        assert "lecture late" in [each.about for each in after]
        assert_reported_once(client, seen.id)

    def test_a_deletion_that_commits_late_is_reported(
        self, rt: Runtime, client: FlaskClient, clock: HeldClock
    ) -> None:
        lecture = uploaded(rt)
        since = position(client)
        with rt.database.unit_of_work() as late:
            late.execute(text("DELETE FROM lectures"))
            late.add(
                Purge(
                    lecture_id=lecture.id,
                    owner=OWNER,
                    folders=[],
                    runs=0,
                    due_at=clock(),
                    created_at=clock(),
                )
            )
            late.flush()
            clock.advance(60)
            add_lecture(rt, "prompt")
            [seen] = events_since(client, since)
            assert seen.about == "lecture prompt"
            late.commit()

        assert f"deleted {lecture.id}" in about(client, seen.id)

    def test_an_open_stream_reports_once_what_changed_while_a_transaction_is_open(
        self, rt: Runtime
    ) -> None:
        for slug in ("late", "prompt"):
            add_lecture(rt, slug, status=LectureStatus.COMPLETED)
        source = AllLectures(rt, OWNER, rt.database.autocommit, None, TypicalTimes())
        received(source.look())
        with rt.database.unit_of_work() as late:
            rename(late, "late", "First")
            with rt.database.unit_of_work() as prompt:
                rename(prompt, "prompt", "Second")
                prompt.commit()
            looks = [[each.about for each in received(source.look())] for _ in range(3)]
            late.commit()

        assert looks == [["lecture prompt"], [], []]
        assert [each.about for each in received(source.look())] == ["lecture late"]


class TestNoPosition:
    """The client has to list again, and has a new position."""

    @pytest.fixture
    def history(self, rt: Runtime) -> str:
        with rt.database.autocommit() as connection:
            return moment(connection).history

    @pytest.mark.parametrize(
        "hostile",
        [
            "",
            "0",
            "-1",
            "null",
            "A" * 28,
            "_" * 28,
            "A" * 4000,
            "ÿ" * 28,
            "'; DROP TABLE lectures; --",
            "%00",
            base64.urlsafe_b64encode(b"\x01" + b"\xff" * 20).decode(),
        ],
    )
    def test_what_is_none_at_all(self, rt: Runtime, client: FlaskClient, hostile: str) -> None:
        add_lecture(rt)

        [reset] = events_since(client, hostile)

        assert reset.name == "reset"
        assert events_since(client, reset.id) == []

    def test_one_that_is_too_old(self, rt: Runtime, client: FlaskClient, clock: HeldClock) -> None:
        add_lecture(rt)
        since = position(client)
        clock.now += LIFETIME

        assert about(client, since) == ["reset"]

    def test_one_of_another_owner(self, rt: Runtime, client: FlaskClient, history: str) -> None:
        add_lecture(rt)
        with rt.database.autocommit() as connection:
            now = Position(moment(connection).oldest, rt.clock())

        assert about(client, write_position(now, owner=OWNER, history=history)) == []
        assert about(client, write_position(now, owner="user:bob", history=history)) == ["reset"]

    def test_one_of_before_the_database_was_restored(
        self, rt: Runtime, client: FlaskClient
    ) -> None:
        add_lecture(rt)
        with rt.database.autocommit() as connection:
            now = Position(moment(connection).oldest, rt.clock())

        assert about(client, write_position(now, owner=OWNER, history="7/1")) == ["reset"]

    @pytest.mark.parametrize("ahead", [1, REACH, 1 << 61])
    def test_one_of_a_transaction_to_come(
        self, rt: Runtime, client: FlaskClient, history: str, ahead: int
    ) -> None:
        add_lecture(rt)
        with rt.database.autocommit() as connection:
            to_come = Position(moment(connection).next + ahead + 10_000, rt.clock())

        assert about(client, write_position(to_come, owner=OWNER, history=history)) == ["reset"]

    def test_one_of_an_account_that_was_deleted(self, rt: Runtime, client: FlaskClient) -> None:
        uploaded(rt)
        open_one = AllLectures(rt, OWNER, rt.database.autocommit, None, TypicalTimes())
        since = received(open_one.look())[0].id
        carry_out(rt, request_deletion(rt, OWNER).id)

        assert about(client, since) == ["reset"]
        assert [each.about for each in received(open_one.look())] == ["reset"]
        assert received(open_one.look()) == []
