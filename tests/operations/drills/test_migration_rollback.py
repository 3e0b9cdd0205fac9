"""docs/runbooks/migration-rollback.md: a schema goes back and forward again, with rows in it."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Table, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

import shared.database.migrate
from shared.database.connections import Database
from shared.database.migrate import (
    ADVISORY_LOCK,
    BASE,
    DONE,
    REFUSED,
    UNABLE,
    DataLossError,
    RevisionError,
    head_revision,
    losses_below,
    main,
    migrate,
    migrate_down,
)
from shared.database.schema_losses import NOT_MISSED
from shared.models import (
    AccountDeletion,
    AccountExport,
    Base,
    Course,
    Cut,
    DailyUsage,
    DeadLetter,
    DeletionAuditEvent,
    IdempotencyKey,
    Purge,
    RateLimit,
    RejectedUpload,
    RetentionRun,
    SweepPosition,
    ThreadAccount,
    ThreadUpdate,
)
from shared.runtime import Runtime
from tests.support.database.locks import a_transaction_waits
from tests.support.lectures.builders import enqueue, fan_out, uploaded
from tests.support.lectures.whole_lecture import add_whole_lecture
from tests.support.processes.waiting import wait_until

BEFORE = [*reversed(shared.database.migrate._known()[1:]), BASE]
"""Every revision that one can go down to."""

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def filled(runtime: Runtime) -> Database:
    """Rows in every table, with something in every column that came after the first revision."""
    rt, now = runtime, runtime.clock()
    whole = add_whole_lecture(rt, owner="anna", course="algorithms", slug="hashing", secret="key")
    fan_out(rt, uploaded(rt, "sorting"), 2)
    enqueue(rt, uploaded(rt, "searching"))
    id = uuid.uuid4
    with rt.database.unit_of_work() as session:
        course = session.get_one(Course, whole.lecture.course_id)
        course.retention_raw_audio_days = 7
        course.held_until, course.hold_reason = now, "An appeal."
        session.add_all(
            [
                ThreadAccount(
                    thread_id=whole.thread_id,
                    lecture_id=whole.lecture.id,
                    title="Key",
                    aliases=["hash key"],
                    description="What is hashed.",
                    complexity=2,
                    change=None,
                    summary=None,
                ),
                ThreadUpdate(
                    id=id(),
                    thread_id=whole.thread_id,
                    lecture_id=whole.lecture.id,
                    change="refinement",
                    summary="It is short.",
                    created_at=now,
                ),
                DeadLetter(
                    id=id(),
                    source="uploads-push",
                    message_id="17",
                    payload="{}",
                    attributes={},
                    created_at=now,
                    replayed_at=now,
                ),
                AccountDeletion(
                    id=id(), owner="user:anna", requested_at=now, courses=1, lectures=1
                ),
                AccountExport(
                    id=id(),
                    owner="user:anna",
                    status="queued",
                    parts=[],
                    attempt=0,
                    expires_at=now,
                    created_at=now,
                    updated_at=now,
                ),
                Cut(
                    id=id(),
                    lecture_id=whole.lecture.id,
                    start_sec=1.0,
                    end_sec=2.0,
                    created_at=now,
                    folders=[],
                    purges=0,
                ),
                DailyUsage(owner="user:anna", day=now.date(), lectures=1, audio_sec=60.0),
                DeletionAuditEvent(
                    id=id(),
                    subject="gs://lectures/raw/1",
                    actor="policy:raw_audio",
                    outcome="deleted",
                    run_id=id(),
                    size=5,
                    created_at=now,
                ),
                IdempotencyKey(scope="anna", key="k", request_hash="h", claim=id(), expires_at=now),
                Purge(
                    lecture_id=id(), owner="anna", folders=[], runs=1, due_at=now, created_at=now
                ),
                RateLimit(scope="anna", theoretical_arrival_at=now),
                RejectedUpload(
                    id=id(), object="raw/x", generation=1, error={"code": "x"}, created_at=now
                ),
                RetentionRun(
                    id=id(),
                    dry_run=False,
                    started_at=now,
                    settings={},
                    step="raw_audio",
                    reached="",
                    counts={},
                ),
                SweepPosition(name="unregistered_uploads", reached="raw/", updated_at=now),
            ]
        )
        session.commit()
    with rt.database.engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if connection.scalar(select(func.count()).select_from(table)) == 0:
                connection.execute(table.insert().values(any_row(connection, table, now)))
    tables = {name: len(rows) for name, rows in all_rows(rt.database).items()}
    assert all(tables.values()), f"a table without rows shows nothing: {tables}"
    return rt.database


def any_row(connection: Connection, table: Table, now: datetime) -> dict[str, Any]:
    """Something in each column that needs it, so that a table of tomorrow has a row as well."""
    some: dict[type, Any] = {uuid.UUID: uuid.uuid4(), datetime: now, str: "x", int: 1, float: 1.0}
    some[object] = {}  # JSON
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.foreign_keys:
            [key] = column.foreign_keys
            row[column.name] = connection.scalar(select(key.column).limit(1))
        elif not column.nullable:
            kind = column.type.python_type
            row[column.name] = some[kind] if kind in some else kind()
    return row


def columns(database: Database) -> dict[str, list[str]]:
    with database.engine.connect() as connection:
        looked = inspect(connection)
        return {
            table: sorted(column["name"] for column in looked.get_columns(table))
            for table in looked.get_table_names()
            if table in Base.metadata.tables
        }


def all_rows(database: Database) -> Rows:
    return {table: rows_of(database, table) for table in columns(database)}


def rows_of(database: Database, table: str) -> list[dict[str, Any]]:
    with database.engine.connect() as connection:
        rows = connection.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608
        return [dict(row) for row in rows.mappings()]


def in_columns(rows: Rows, known: dict[str, list[str]]) -> Rows:
    """Only these tables and columns, in an order of their own."""
    return {
        table: sorted(({name: row[name] for name in names} for row in rows[table]), key=str)
        for table, names in known.items()
    }


@pytest.mark.sampled(2)
@pytest.mark.parametrize("revision", BEFORE)
def test_what_the_older_schema_knows_is_kept_on_the_way_down_and_up(
    filled: Database, revision: str
) -> None:
    everything = all_rows(filled)
    lost = losses_below(filled, revision)
    with pytest.raises(DataLossError) if lost else nullcontext():
        migrate_down(filled, revision)
    if lost:
        assert filled.revision() == head_revision()
        assert all_rows(filled) == everything, "rows went before anybody said that they may"
        migrate_down(filled, revision, accept_data_loss=True)

    assert filled.revision() == (None if revision == BASE else revision)
    gone = {each.table for each in lost if each.column is None}
    known = {table: names for table, names in columns(filled).items() if table not in gone}
    migrate(filled)

    assert filled.revision() == head_revision()
    assert {*columns(filled)} == {*Base.metadata.tables}
    assert in_columns(all_rows(filled), known) == in_columns(everything, known)
    assert {*everything} - {*known} <= gone | NOT_MISSED, "a loss that was not told"
    assert {"jobs", "lectures", "courses"} <= {*known} or revision == BASE


def test_what_would_be_lost_is_told_by_table_and_column(filled: Database) -> None:
    told = {str(each) for each in losses_below(filled, "0001")}

    assert {
        "courses.held_until: 1 row",
        "courses.hold_reason: 1 row",
        "courses.retention_raw_audio_days: 1 row",
        "dead_letters.replayed_at: 1 row",
        "deletion_audit_events.run_id: 1 row",
        "deletion_audit_events.size: 1 row",
        "idempotency_keys: 1 row",
        "idempotency_keys.claim: 1 row",
        "passages: 1 row",
        "purges: 1 row",
        "retention_runs: 1 row",
        "thread_accounts: 1 row",
    } <= told
    assert not any(each.startswith(("rate_limits", "sweep_positions")) for each in told)
    # No lecture of these has one; a column full of nothing is no loss.
    assert not any("retention_transcript_days" in each or "aliases" in each for each in told)


def test_an_empty_schema_goes_down_without_being_asked_twice(database: Database) -> None:
    migrate_down(database, BASE)

    assert database.revision() is None
    assert columns(database) == {}


def test_down_leads_down_and_nowhere_else(database: Database) -> None:
    migrate_down(database, "0001")

    migrate_down(database, "0001")
    with pytest.raises(RevisionError, match="below 0002"):
        migrate_down(database, "0002")
    with pytest.raises(RevisionError, match="no revision 9999"):
        migrate_down(database, "9999")
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RevisionError, match="does not know"):
        migrate_down(database, BASE)


def test_of_two_at_once_the_second_waits_and_finds_nothing_to_do(database: Database) -> None:
    with another_migration(database):
        waiting = threading.Thread(target=migrate_down, args=(database, "0001"))
        waiting.start()
        wait_until(lambda: a_transaction_waits(database), timeout_sec=20, what="the second to wait")
        assert database.revision() == head_revision()
    waiting.join()

    assert database.revision() == "0001"


def test_a_table_that_somebody_holds_is_not_waited_for_for_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.database.migrate, "LOCK_TIMEOUT_SEC", 0.1)
    with database.engine.begin() as busy:
        busy.execute(text("SELECT count(*) FROM lectures"))

        with pytest.raises(DBAPIError, match="lock timeout"):
            migrate_down(database, "0001")

    assert database.revision() == head_revision()


@contextmanager
def another_migration(database: Database) -> Iterator[None]:
    with database.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        yield


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def _environment(self, filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        url = make_url(filled.engine.url).set(drivername="postgresql")
        monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
        monkeypatch.setenv("GCS_BUCKET", "lectures")
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "pegasus-local")
        monkeypatch.setenv("PLC_ENVIRONMENT", "local")

    def test_down_says_what_would_be_lost_and_goes_on_when_told(
        self, filled: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["down", "0003"]) == REFUSED
        assert "thread_accounts: 1 row" in capsys.readouterr().err

        assert main(["down", "0003", "--accept-data-loss"]) == DONE
        assert capsys.readouterr().out == f"schema {head_revision()} -> 0003\n"
        assert main(["current"]) == DONE
        assert capsys.readouterr().out == f"0003 (this code: {head_revision()})\n"
        assert main([]) == DONE
        assert filled.revision() == head_revision()

    def test_a_dry_run_prints_the_statements_and_changes_nothing(
        self, filled: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = all_rows(filled)

        assert main(["down", "0003", "--dry-run"]) == DONE
        told = capsys.readouterr().out
        assert "DROP TABLE thread_accounts;" in told
        assert "--   thread_accounts: 1 row" in told
        assert all_rows(filled) == before

        migrate_down(filled, "0003", accept_data_loss=True)
        assert main(["up", "--dry-run"]) == DONE
        assert "CREATE TABLE thread_accounts" in capsys.readouterr().out
        assert filled.revision() == "0003"

    def test_a_database_that_is_not_there_is_no_traceback(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["down", "9999"]) == UNABLE
        monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
        assert main(["current"]) == UNABLE
        assert capsys.readouterr().err.count("nothing was changed") == 2
