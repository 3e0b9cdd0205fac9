"""Making an account's export: one part for the account, one for each lecture.

A part is stored and then entered in the row, conditional on the lease, as with jobs; a worker that
dies leaves an object that no row names, and that goes with the export's folder. The export is
ready when no lecture is left.
"""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import IO, cast

from sqlalchemy import ColumnElement, and_, func, or_, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB

from functions.retention.accounts.rows import Rows, account_rows, lecture_rows
from functions.retention.accounts.zip_stream import Entry, ZipStream, text_entry
from shared.deletion.purging import folders_of
from shared.deletion.superseded import copyable
from shared.errors import LeaseLostError, WorkerLostError
from shared.fault_points import reach
from shared.log import log
from shared.models import AccountExport, AccountExportStatus, Lecture
from shared.runtime import Runtime
from shared.work.retry import Failure

LEASE = timedelta(minutes=10)
"""Longer than the sweep's function may run, so that only a dead worker's runs out."""
ACCOUNT = "account"

README = """\
Everything that Pegasus holds of you{what}.

rows.json      the rows of its database, by table
objects/       the files of its storage: recordings (raw; with
               what was cut out of them silenced), parts of them (segments), transcripts,
               study material (artifacts), files to study from (exports). Names are ids; which file
               is which is in rows.json, in the columns that end in "object".
manifest.json  size and SHA-256 of every file here
"""


@dataclass(frozen=True)
class _Lease:
    export_id: uuid.UUID
    token: uuid.UUID
    owner: str
    created_at: object


def make_exports(rt: Runtime, *, budget_sec: float) -> int:
    """Make parts of exports that wait, as far as the time goes; returns how many."""
    made, until = 0, time.monotonic() + budget_sec
    while time.monotonic() < until and (lease := _claim(rt)) is not None:
        try:
            while time.monotonic() < until:
                if not _next_part(rt, lease):
                    break
                made += 1
            else:
                _let_go(rt, lease)
        except LeaseLostError:
            log.warning("lease.lost")
        except Exception as error:
            _fail(rt, lease, Failure.of(error))
            raise
    return made


def _claim(rt: Runtime) -> _Lease | None:
    now = rt.clock()
    most = rt.settings.plc_job_max_attempts
    free = or_(
        AccountExport.status == AccountExportStatus.QUEUED,
        and_(
            AccountExport.status == AccountExportStatus.RUNNING,
            AccountExport.lease_expires_at <= now,
        ),
    )
    with rt.transaction() as tx:
        lost = Failure.of(WorkerLostError())
        tx.session.execute(
            update(AccountExport)
            .where(free, AccountExport.attempt >= most)
            .values(
                status=AccountExportStatus.FAILED,
                error=func.coalesce(AccountExport.error, type_coerce(lost.to_json(), JSONB)),
                lease_token=None,
                lease_expires_at=None,
                updated_at=now,
            )
        )
        oldest = (
            select(AccountExport.id)
            .where(free)
            .order_by(AccountExport.created_at, AccountExport.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        row = tx.session.execute(
            update(AccountExport)
            .where(AccountExport.id == oldest)
            .values(
                status=AccountExportStatus.RUNNING,
                attempt=AccountExport.attempt + 1,
                lease_token=rt.new_id(),
                lease_expires_at=now + LEASE,
                updated_at=now,
            )
            .returning(
                AccountExport.id,
                AccountExport.lease_token,
                AccountExport.owner,
                AccountExport.created_at,
            )
        ).one_or_none()
        tx.commit()
    return _Lease(row.id, row.lease_token, row.owner, row.created_at) if row else None


def _next_part(rt: Runtime, lease: _Lease) -> bool:
    """Make one part. False if there was none to make and the export is ready."""
    with rt.database.reading() as session:
        row = session.scalar(select(AccountExport).where(_holds(lease)))
        if row is None:
            raise LeaseLostError()
        if not row.parts:
            what, lecture_id, rows = ACCOUNT, None, account_rows(session, lease.owner)
            folders: list[str] = []
        else:
            lecture_id = session.scalar(
                select(Lecture.id)
                .where(
                    Lecture.owner == lease.owner,
                    Lecture.created_at <= lease.created_at,
                    *([Lecture.id > row.reached] if row.reached else []),
                )
                .order_by(Lecture.id)
                .limit(1)
            )
            if lecture_id is not None:
                what, rows = f"lecture-{lecture_id}", lecture_rows(session, lecture_id)
                folders = folders_of(rt, session, lecture_id)
    if row.parts and lecture_id is None:
        _record(rt, lease, {"status": AccountExportStatus.READY, **_RELEASED})
        return False
    part = _store(rt, lease, what, _entries(rt, rows, folders, lecture_id))
    reach("account.part_stored", lease.export_id)
    _record(
        rt,
        lease,
        {
            "parts": AccountExport.parts.op("||")(type_coerce([part], JSONB)),
            "reached": lecture_id,
            "attempt": 0,
            "lease_expires_at": rt.clock() + LEASE,
        },
    )
    return True


def _store(rt: Runtime, lease: _Lease, what: str, entries: Iterator[Entry]) -> dict[str, object]:
    stream = ZipStream(entries)
    stored = rt.store.create_from_stream(
        rt.names.account_part(lease.export_id, lease.token, what),
        cast("IO[bytes]", stream),
        "application/zip",
    )
    return {
        "name": f"{what}.zip",
        "object": stored.name,
        "generation": stored.generation,
        "size": stored.size,
        "sha256": stream.sha256,
    }


def _entries(
    rt: Runtime, rows: Rows, folders: list[str], lecture_id: uuid.UUID | None
) -> Iterator[Entry]:
    told = "" if lecture_id is None else ", of one lecture"
    yield text_entry("README.txt", README.format(what=told))
    yield text_entry("rows.json", json.dumps(rows, ensure_ascii=False, indent=2))
    for folder in folders:
        listed = list(rt.store.list(folder))
        if lecture_id is not None:
            with rt.database.reading() as session:
                listed = list(copyable(session, lecture_id, listed))
        for stored in listed:
            yield Entry(
                f"objects/{stored.name.removeprefix(rt.names.root)}",
                partial(rt.store.open, stored.name, generation=stored.generation),
            )


_RELEASED = {"lease_token": None, "lease_expires_at": None}


def _let_go(rt: Runtime, lease: _Lease) -> None:
    """The next run continues; this was no failed attempt."""
    _record(rt, lease, {"status": AccountExportStatus.QUEUED, "attempt": 0, **_RELEASED})


def _fail(rt: Runtime, lease: _Lease, failure: Failure) -> None:
    """Back to the queue; `_claim` ends what has used up its attempts."""
    try:
        _record(
            rt,
            lease,
            {"status": AccountExportStatus.QUEUED, "error": failure.to_json(), **_RELEASED},
        )
    except LeaseLostError:
        log.warning("lease.lost")


def _record(rt: Runtime, lease: _Lease, values: dict[str, object]) -> None:
    with rt.transaction() as tx:
        done = tx.session.scalar(
            update(AccountExport)
            .where(_holds(lease))
            .values(updated_at=rt.clock(), **values)
            .returning(AccountExport.id)
        )
        tx.commit()
    if done is None:
        raise LeaseLostError()


def _holds(lease: _Lease) -> ColumnElement[bool]:
    return and_(AccountExport.id == lease.export_id, AccountExport.lease_token == lease.token)
