"""A person gets a copy of everything that is held, and has everything deleted."""

import hashlib
import io
import json
import re
import uuid
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select, text

from functions.ingest.app import create_app
from functions.retention.accounts.exporting import LEASE
from functions.retention.accounts.rows import LEFT_OUT, account_rows, lecture_rows
from functions.retention.repairs import accounts
from functions.retention.runs.expiry import expire
from functions.retention.sweep import sweep
from shared.accounts.deletion import carry_out, request_deletion
from shared.accounts.exports import request_export
from shared.fault_points import listen
from shared.models import (
    AccountDeletion,
    AccountExport,
    AccountExportStatus,
    Base,
    CardNamespace,
    Course,
    CourseTerm,
    DailyUsage,
    DeletionAuditEvent,
    IdempotencyKey,
    Lecture,
    Purge,
    RateLimit,
)
from shared.runtime import Runtime
from shared.workers.outcomes import DONE
from tests.support.clock import HeldClock
from tests.support.lectures.builders import OWNER
from tests.support.lectures.whole_lecture import WholeLecture, add_whole_lecture

BOB = "user:bob"
SECRET, BOBS = "aether", "phlogiston"
DAY = timedelta(days=1)

NO_OWNERS = {
    "outbox": "ids of jobs, for 7 days",
    "upload_registrations": "until an upload is registered; the object itself is in the copy",
    "sweep_positions": "the sweep's",
    "sweep_failures": "the sweep's",
    "retention_runs": "counts",
}
"""Tables whose rows lead to no owner by a column, and what they hold."""


class KilledError(BaseException):
    """The process dies: nothing catches it, and nothing is cleaned up."""


@pytest.fixture(autouse=True)
def unwatched() -> Iterator[None]:
    yield
    listen(None)


@pytest.fixture
def mine(runtime: Runtime) -> list[WholeLecture]:
    lectures = [
        add_whole_lecture(runtime, owner=OWNER, course=course, slug=slug, secret=f"{SECRET} {slug}")
        for course, slug in (("physics", "waves"), ("physics", "light"), ("chemistry", "fire"))
    ]
    now = runtime.clock()
    with runtime.database.unit_of_work() as session:
        session.add(
            CourseTerm(course_id=lectures[0].lecture.course_id, term=SECRET, corrected_at=now)
        )
        for owner in (OWNER, BOB):
            for days in (0, 1):
                day = (now - days * DAY).date()
                session.add(DailyUsage(owner=owner, day=day, lectures=1, audio_sec=1.0))
            session.add(
                IdempotencyKey(
                    scope=owner,
                    key="k",
                    request_hash="h",
                    claim=uuid.uuid4(),
                    response={"status": 200, "body": SECRET if owner == OWNER else BOBS},
                    expires_at=now + DAY,
                )
            )
            session.add(RateLimit(scope=owner, theoretical_arrival_at=now))
            session.add(CardNamespace(names_sha256=f"sha256 {owner}", owner=owner, namespace="1 2"))
        session.commit()
    return lectures


@pytest.fixture
def bobs(runtime: Runtime) -> WholeLecture:
    return add_whole_lecture(runtime, owner=BOB, course="bobs", slug="bobs", secret=BOBS)


def ask(rt: Runtime, method: str, path: str, **options: Any) -> Any:
    return create_app(rt).test_client().open(path, method=method, **options)


def export(rt: Runtime) -> str:
    answer = ask(rt, "POST", "/me/exports")
    assert answer.status_code == 202
    key: str = answer.get_json()["exportId"]
    return key


def parts_of(rt: Runtime, key: str) -> dict[str, zipfile.ZipFile]:
    """Fetched by their addresses and compared with their checksums."""
    shown = ask(rt, "GET", f"/me/exports/{key}").get_json()
    assert shown["status"] == "ready"
    found = {}
    for part in shown["parts"]:
        answer = requests.get(part["url"], timeout=30)
        assert answer.status_code == 200
        assert part["name"] in answer.headers["Content-Disposition"]
        assert len(answer.content) == part["sizeBytes"]
        assert hashlib.sha256(answer.content).hexdigest() == part["sha256"]
        found[part["name"]] = zipfile.ZipFile(io.BytesIO(answer.content))
    return found


def verified(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """The files of an archive, compared with its manifest."""
    files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))["files"]
    assert {each["name"] for each in manifest} == set(files)
    for each in manifest:
        assert hashlib.sha256(files[each["name"]]).hexdigest() == each["sha256"]
        assert len(files[each["name"]]) == each["sizeBytes"]
    return files


def objects_of(rt: Runtime, lecture_id: uuid.UUID) -> dict[str, bytes]:
    return {
        f"objects/{each.name.removeprefix(rt.names.root)}": rt.store.read(each.name)
        for kind in ("raw", "transcripts", "artifacts", "exports")
        for each in rt.store.list(rt.names.folder(kind, lecture_id))
    }


def left_in_accounts(rt: Runtime) -> list[str]:
    return [each.name for each in rt.store.list(rt.names.folder("accounts"))]


# --- a copy of everything ---


def test_a_copy_has_every_row_and_object_of_the_owner_and_nothing_of_anothers(
    runtime: Runtime, mine: list[WholeLecture], bobs: WholeLecture
) -> None:
    key = export(runtime)
    assert ask(runtime, "GET", f"/me/exports/{key}").get_json()["parts"] == []

    assert sweep(runtime) == DONE

    archives = {name: verified(archive) for name, archive in parts_of(runtime, key).items()}
    account = json.loads(archives.pop("account.zip")["rows.json"])
    assert {each["slug"] for each in account["courses"]} == {"physics", "chemistry"}
    assert [each["term"] for each in account["course_terms"]] == [SECRET]
    assert len(account["daily_usage"]) == 2
    assert set(archives) == {f"lecture-{each.lecture.id}.zip" for each in mine}
    for each in mine:
        files = archives[f"lecture-{each.lecture.id}.zip"]
        rows = json.loads(files["rows.json"])
        assert [row["title"] for row in rows["lectures"]] == [f"On {SECRET} {each.lecture.slug}"]
        assert [row["id"] for row in rows["jobs"]] == [str(each.job.id)]
        assert rows["thread_occurrences"] and rows["passages"] and rows["artifacts"]
        there = {name: data for name, data in files.items() if name.startswith("objects/")}
        assert there == objects_of(runtime, each.lecture.id)
    everything = repr(archives) + repr(account)
    assert BOBS not in everything
    assert "lease_token" not in everything


def test_every_table_is_in_the_copy_or_left_out_for_a_reason(
    runtime: Runtime, subtests: pytest.Subtests
) -> None:
    with runtime.database.reading() as session:
        copied = {*account_rows(session, OWNER), *lecture_rows(session, uuid.uuid4())}

    for table in sorted(Base.metadata.tables):
        with subtests.test(table):
            assert (table in copied) == (table not in NO_OWNERS and table not in LEFT_OUT)


def test_asked_for_twice_there_is_one(runtime: Runtime, mine: list[WholeLecture]) -> None:
    with ThreadPoolExecutor(4) as pool:
        keys = {row.id for row in pool.map(lambda _: request_export(runtime, OWNER), range(4))}

    assert len(keys) == 1
    sweep(runtime)
    assert export(runtime) not in {str(key) for key in keys}, "a ready one is not made again"


@pytest.mark.sampled(1)
@pytest.mark.parametrize("part", range(4))
def test_a_worker_that_dies_after_storing_a_part_costs_that_part_alone(
    runtime: Runtime, clock: HeldClock, mine: list[WholeLecture], part: int
) -> None:
    key = export(runtime)
    die_at(runtime, "account.part_stored", part, lambda: accounts.make_account_exports(runtime))
    assert len(left_in_accounts(runtime)) == part + 1

    assert accounts.make_account_exports(runtime) == 0, "the dead worker's lease still holds"
    clock.now += LEASE
    assert accounts.make_account_exports(runtime) == 4 - part

    names = list(parts_of(runtime, key))
    assert len(names) == len(set(names)) == 4
    assert len(left_in_accounts(runtime)) == 5, "what no row names goes with the folder"


def test_a_worker_that_was_replaced_adds_nothing(
    runtime: Runtime, clock: HeldClock, mine: list[WholeLecture]
) -> None:
    key = export(runtime)
    entered: list[str] = []

    def replaced(name: str, _work: str) -> None:
        if name == "account.part_stored" and not entered:
            entered.append(name)
            clock.now += LEASE
            assert accounts.make_account_exports(runtime) == 4

    listen(replaced)
    assert accounts.make_account_exports(runtime) == 0

    assert len(parts_of(runtime, key)) == 4


def test_a_lecture_that_is_deleted_meanwhile_is_left_out(
    runtime: Runtime, mine: list[WholeLecture]
) -> None:
    key = export(runtime)
    gone = max(mine, key=lambda each: each.lecture.id)

    def delete(name: str, _work: str) -> None:
        if name == "account.part_stored":
            listen(None)
            ask(runtime, "DELETE", f"/lectures/{gone.lecture.slug}")

    listen(delete)
    accounts.make_account_exports(runtime)

    assert f"lecture-{gone.lecture.id}.zip" not in parts_of(runtime, key)


def test_what_fails_in_every_attempt_ends_as_failed(
    runtime: Runtime, mine: list[WholeLecture]
) -> None:
    key = export(runtime)

    def fail(name: str, _work: str) -> None:
        if name == "account.part_stored":
            raise ValueError(SECRET)

    listen(fail)
    for _ in range(runtime.settings.plc_job_max_attempts):
        with pytest.raises(ValueError, match=SECRET):
            accounts.make_account_exports(runtime)
    listen(None)
    assert accounts.make_account_exports(runtime) == 0

    assert ask(runtime, "GET", f"/me/exports/{key}").get_json()["status"] == "failed"
    with runtime.database.reading() as session:
        error = session.get_one(AccountExport, uuid.UUID(key)).error
    assert error is not None and SECRET not in error["message"]


@pytest.mark.parametrize("dies", [False, True])
def test_its_files_are_deleted_after_some_days_and_its_row_after_them(
    runtime: Runtime, clock: HeldClock, mine: list[WholeLecture], dies: bool
) -> None:
    key = export(runtime)
    sweep(runtime)
    assert left_in_accounts(runtime)
    clock.now += runtime.settings.plc_account_export_days * DAY
    if dies:
        die_at(runtime, "account.export_ended", 0, lambda: accounts.end_account_exports(runtime))

    accounts.end_account_exports(runtime)

    assert left_in_accounts(runtime) == []
    assert ask(runtime, "GET", f"/me/exports/{key}").status_code == 404
    with runtime.database.reading() as session:
        row = session.get_one(AccountExport, uuid.UUID(key))
        audited = session.scalars(
            select(DeletionAuditEvent.outcome).where(
                DeletionAuditEvent.subject == f"account-export:{key}"
            )
        ).all()
    assert (row.status, row.owner, row.parts) == (AccountExportStatus.ENDED, "", [])
    assert audited == ["deleted"]

    late = runtime.names.account_part(uuid.UUID(key), uuid.uuid4(), "account")
    runtime.store.create(late, b"of a worker that was late", "application/zip")
    clock.now += accounts.LATE_WRITERS
    accounts.end_account_exports(runtime)

    assert left_in_accounts(runtime) == []
    with runtime.database.reading() as session:
        assert session.get(AccountExport, uuid.UUID(key)) is None


# --- the end of everything ---


def rows_with(rt: Runtime, *words: str) -> dict[str, list[str]]:
    """Rows in which a word stands, by table."""
    found: dict[str, list[str]] = {}
    with rt.database.unit_of_work() as session:
        for name, table in Base.metadata.tables.items():
            rows = [repr(row) for row in session.execute(select(table))]
            if hits := [row for row in rows if any(word in row for word in words)]:
                found[name] = hits
    return found


def snapshot(rt: Runtime, *words: str) -> Any:
    objects = [each.name for each in rt.store.list(rt.names.root)]
    return rows_with(rt, *words), objects


def die_at(rt: Runtime, point: str, after: int, act: Any) -> None:
    reached = []

    def die(name: str, _work: str) -> None:
        if name == point:
            reached.append(name)
            if len(reached) > after:
                raise KilledError

    listen(die)
    with pytest.raises(KilledError):
        act()
    listen(None)


def assert_gone(rt: Runtime, clock: HeldClock) -> None:
    clock.now += LEASE
    while sweep(rt) != DONE:
        pass
    left = rows_with(rt, SECRET, f"'{OWNER}'")
    today = {name: left.pop(name, []) for name in ("daily_usage", "rate_limits")}
    assert left == {}
    assert len(today["daily_usage"]) == 1, "today's use still counts"
    names = [each.name for each in rt.store.list(rt.names.root)]
    for name in names:
        assert SECRET.encode() not in rt.store.read(name)


def test_everything_of_the_owner_is_deleted_and_nothing_of_anothers(
    runtime: Runtime, clock: HeldClock, mine: list[WholeLecture], bobs: WholeLecture
) -> None:
    before = rows_with(runtime, BOB, BOBS)
    bobs_objects = objects_of(runtime, bobs.lecture.id)
    export(runtime)
    sweep(runtime)
    export(runtime)

    answer = ask(runtime, "DELETE", "/me", headers={"Idempotency-Key": "once"})

    receipt = answer.get_json()
    assert answer.status_code == 200
    assert len(left_in_accounts(runtime)) == 4
    assert (receipt["status"], receipt["courses"], receipt["lectures"]) == ("completed", 2, 3)
    assert_gone(runtime, clock)
    assert left_in_accounts(runtime) == []
    with runtime.database.reading() as session:
        audited = session.scalars(
            select(DeletionAuditEvent.outcome).where(
                DeletionAuditEvent.subject.startswith("account-export:")
            )
        ).all()
    assert audited == ["deleted"] * 2
    assert rows_with(runtime, BOB, BOBS) == before
    assert objects_of(runtime, bobs.lecture.id) == bobs_objects
    shown = ask(runtime, "GET", f"/deletions/{receipt['receiptId']}")
    assert shown.get_json() == receipt
    assert OWNER not in shown.text


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("point", "after"),
    [
        ("account.course_deleted", 0),
        ("account.course_deleted", 1),
        ("deletion.committed", 0),
        ("purge.deleted", 3),
    ],
)
def test_what_a_crash_leaves_the_sweep_deletes(
    runtime: Runtime, clock: HeldClock, mine: list[WholeLecture], point: str, after: int
) -> None:
    receipt = request_deletion(runtime, OWNER)
    die_at(runtime, point, after, lambda: carry_out(runtime, receipt.id))

    assert_gone(runtime, clock)
    shown = ask(runtime, "GET", f"/deletions/{receipt.id}").get_json()
    assert (shown["status"], shown["courses"], shown["lectures"]) == ("completed", 2, 3)


def test_a_deletion_of_which_only_the_request_is_written_is_carried_out(
    runtime: Runtime, clock: HeldClock, mine: list[WholeLecture]
) -> None:
    request_deletion(runtime, OWNER)

    assert_gone(runtime, clock)


def test_asked_for_at_the_same_moment_it_is_one_deletion(
    runtime: Runtime, clock: HeldClock, mine: list[WholeLecture]
) -> None:
    receipt = request_deletion(runtime, OWNER)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: carry_out(runtime, receipt.id), range(4)))

    assert {each.id for each in done} == {receipt.id}
    assert_gone(runtime, clock)


def test_an_export_under_way_ends_with_the_account(
    runtime: Runtime, clock: HeldClock, mine: list[WholeLecture]
) -> None:
    export(runtime)

    def delete(name: str, _work: str) -> None:
        if name == "account.part_stored":
            listen(None)
            assert ask(runtime, "DELETE", "/me").status_code == 200

    listen(delete)
    assert accounts.make_account_exports(runtime) == 0

    assert_gone(runtime, clock)
    clock.now += accounts.LATE_WRITERS
    sweep(runtime)
    assert left_in_accounts(runtime) == []
    assert rows_with(runtime, SECRET) == {}


def test_what_is_begun_afterwards_stays(runtime: Runtime, clock: HeldClock) -> None:
    receipt = request_deletion(runtime, OWNER)
    clock.now += timedelta(seconds=1)
    later = add_whole_lecture(runtime, owner=OWNER, course="new", slug="new", secret=SECRET)

    carry_out(runtime, receipt.id)

    with runtime.database.reading() as session:
        assert session.get(Lecture, later.lecture.id) is not None
        assert session.scalars(select(Course.slug)).all() == ["new"]


@pytest.mark.slow
def test_it_does_not_renew_the_limits_of_the_day(
    runtime: Runtime, clock: HeldClock, mine: list[WholeLecture]
) -> None:
    with runtime.database.unit_of_work() as session:
        session.get_one(RateLimit, OWNER).theoretical_arrival_at = clock.now + timedelta(seconds=9)
        session.commit()

    carry_out(runtime, request_deletion(runtime, OWNER).id)

    with runtime.database.reading() as session:
        days = session.scalars(select(DailyUsage.day).where(DailyUsage.owner == OWNER)).all()
        assert days == [clock.now.date()]
        assert session.get(RateLimit, OWNER) is not None
        assert not session.scalars(select(Purge).where(Purge.owner == OWNER)).all()
        assert session.scalars(select(AccountDeletion.owner)).all() == [None]

    clock.now += 2 * DAY
    expire(runtime, dry_run=False)

    assert rows_with(runtime, f"'{OWNER}'") == {}


def test_an_operator_does_the_same_for_a_subject(
    runtime: Runtime, bobs: WholeLecture, mine: list[WholeLecture]
) -> None:
    made = ask(runtime, "POST", "/accounts/exports", json={"subject": "bob"})
    sweep(runtime)
    assert BOBS in str(verified(parts_of(runtime, made.get_json()["exportId"])["account.zip"]))

    answer = ask(runtime, "POST", "/accounts/deletions", json={"subject": "bob"})

    assert answer.get_json()["status"] == "completed"
    assert "lectures" not in rows_with(runtime, BOBS)
    assert "lectures" in rows_with(runtime, SECRET)


@pytest.mark.parametrize("key", ["nonsense", str(uuid.UUID(int=1))])
def test_an_unknown_receipt_or_export_is_404(runtime: Runtime, key: str) -> None:
    assert ask(runtime, "GET", f"/deletions/{key}").status_code == 404
    assert ask(runtime, "GET", f"/me/exports/{key}").status_code == 404


# --- words that were put right ---


def test_a_courses_vocabulary_can_be_seen_and_forgotten(
    runtime: Runtime, mine: list[WholeLecture]
) -> None:
    assert ask(runtime, "GET", "/courses/physics/vocabulary").get_json() == {
        "courseId": "physics",
        "terms": [SECRET],
    }

    forgotten = [ask(runtime, "DELETE", "/courses/physics/vocabulary") for _ in range(2)]

    assert [each.get_json()["termsDeleted"] for each in forgotten] == [1, 0]
    assert ask(runtime, "GET", "/courses/physics/vocabulary").get_json()["terms"] == []


# --- whose data? ---


@pytest.mark.parametrize("by", ["lecture", "job"])
def test_the_query_of_the_runbook_tells_whose_data_an_id_leads_to(
    runtime: Runtime, mine: list[WholeLecture], bobs: WholeLecture, by: str
) -> None:
    page = Path("docs/runbooks/data-breach.md").read_text()
    query, _ = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    ids: dict[str, list[uuid.UUID]] = {"lectures": [], "jobs": []}
    for each in (mine[0], bobs):
        ids[f"{by}s"].append(each.lecture.id if by == "lecture" else each.job.id)

    with runtime.database.autocommit() as connection:
        found = connection.execute(text(query), ids).all()

    assert {(row.owner, row.lecture) for row in found} == {
        (OWNER, mine[0].lecture.id),
        (BOB, bobs.lecture.id),
    }
    assert all(row.recording_there and row.transcript_there for row in found)
