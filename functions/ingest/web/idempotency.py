"""`Idempotency-Key`: a repeated write returns the first answer and runs only once.

The key is claimed in Postgres before the write runs, so one of two concurrent requests runs,
on whatever instances they arrive; the other receives an error that the first is in progress.
Only successful answers are kept: a write that failed may be retried with its key. Where an
operator's write reached rows of other owners, each repetition of its answer is recorded as
an access.
"""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Request, Response
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from functions.ingest.admission.operator_access import accessed, record_repetition
from shared.errors import IdempotencyConflictError, IdempotencyInProgressError
from shared.models import IdempotencyKey
from shared.runtime import Runtime

ABANDONED_AFTER = timedelta(seconds=150)
"""No request lasts longer: `timeout_seconds` of the API's function is 120."""
REPLAYED_HEADER = "Idempotency-Replayed"


@dataclass(frozen=True)
class _Key:
    scope: str
    key: str
    claim: uuid.UUID


def once(
    rt: Runtime,
    *,
    scope: str,
    key: str | None,
    fingerprint: Callable[[], str],
    run: Callable[[], Response],
) -> Response:
    """Run a write, or repeat the answer that this key's write had.

    `fingerprint` identifies the request; it is called after the write has run
    or once a kept answer was found, so it may be something that is only known then.
    Raises IdempotencyConflictError, IdempotencyInProgressError; NotFoundError if the answer was an
    operator's, which the caller is no longer.
    """
    if key is None:
        return run()
    claimed = _Key(scope, key, rt.new_id())
    if (kept := _claim(rt, claimed)) is not None:
        if kept.request_hash != fingerprint():
            raise IdempotencyConflictError()
        record_repetition(rt, kept.accessed)
        return _repeated(kept)
    try:
        response = run()
    except BaseException:
        _release(rt, claimed)
        raise
    if response.status_code < 300:
        _keep(rt, claimed, fingerprint(), response)
    else:
        _release(rt, claimed)
    return response


def fingerprint_of(request: Request, body: bytes) -> str:
    """Of the method, the address and what was sent."""
    parts = (request.method, request.full_path, hashlib.sha256(body).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _claim(rt: Runtime, key: _Key) -> IdempotencyKey | None:
    """None if the key is ours now; the row if its write is done."""
    now = rt.clock()
    values = {
        "request_hash": "",
        "claim": key.claim,
        "response": None,
        "accessed": None,
        "expires_at": now + ABANDONED_AFTER,
    }
    with rt.transaction() as tx:
        ours = tx.session.scalar(
            insert(IdempotencyKey)
            .values(scope=key.scope, key=key.key, **values)
            .on_conflict_do_update(
                index_elements=[IdempotencyKey.scope, IdempotencyKey.key],
                set_=values,
                where=IdempotencyKey.expires_at <= now,
            )
            .returning(IdempotencyKey.claim)
        )
        tx.commit()
    if ours is not None:
        return None
    with rt.database.reading() as session:
        kept = session.scalar(
            select(IdempotencyKey).where(
                IdempotencyKey.scope == key.scope, IdempotencyKey.key == key.key
            )
        )
    if kept is None or kept.response is None:
        raise IdempotencyInProgressError()
    return kept


def _keep(rt: Runtime, key: _Key, request_hash: str, response: Response) -> None:
    ttl = timedelta(seconds=rt.settings.plc_idempotency_ttl_sec)
    with rt.transaction() as tx:
        tx.session.execute(
            update(IdempotencyKey)
            .where(_is(key))
            .values(
                request_hash=request_hash,
                response={"status": response.status_code, "body": response.get_data(as_text=True)},
                accessed=accessed(),
                expires_at=rt.clock() + ttl,
            )
        )
        tx.commit()


def _release(rt: Runtime, key: _Key) -> None:
    with rt.transaction() as tx:
        tx.session.execute(delete(IdempotencyKey).where(_is(key)))
        tx.commit()


def _is(key: _Key) -> ColumnElement[bool]:
    return (
        (IdempotencyKey.scope == key.scope)
        & (IdempotencyKey.key == key.key)
        & (IdempotencyKey.claim == key.claim)
    )


def _repeated(kept: IdempotencyKey) -> Response:
    answer = kept.response or {}
    return Response(
        answer["body"],
        status=answer["status"],
        content_type="application/json",
        headers={REPLAYED_HEADER: "true"},
    )
