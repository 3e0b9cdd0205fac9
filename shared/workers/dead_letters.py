"""Dead letters: a record of each message, and of each unit of work, that was given up.

What is recorded may hold anything, so all of it is made storable here.
"""

import hashlib
import uuid
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.errors import MalformedEventError
from shared.models import DeadLetter, Job
from shared.runtime import Runtime
from shared.text import spelled_out

KEY_LENGTH = 255


def record(
    rt: Runtime,
    session: Session,
    *,
    source: str,
    message_id: str,
    payload: str,
    attributes: Mapping[str, str],
    job_id: uuid.UUID | None = None,
    lecture_id: uuid.UUID | None = None,
) -> bool:
    """Record it in the caller's transaction. False if it has been recorded before.

    Without a lecture it is recorded as one about the job's, if that is still there.
    """
    if lecture_id is None and job_id is not None:
        lecture_id = session.scalar(select(Job.lecture_id).where(Job.id == job_id))
    recorded = session.scalar(
        insert(DeadLetter)
        .values(
            id=rt.new_id(),
            source=_key(source),
            message_id=_key(message_id),
            payload=spelled_out(payload),
            attributes={spelled_out(k): spelled_out(v) for k, v in attributes.items()},
            job_id=job_id,
            lecture_id=lecture_id,
            created_at=rt.clock(),
        )
        .on_conflict_do_nothing()
        .returning(DeadLetter.id)
    )
    return recorded is not None


def record_unreadable(rt: Runtime, source: str, body: bytes, error: MalformedEventError) -> None:
    """Record a request that is no event, where no dead-letter policy does so."""
    with rt.transaction() as tx:
        record(
            rt,
            tx.session,
            source=source,
            message_id=hashlib.sha256(body).hexdigest(),
            payload=as_text(body),
            attributes={"reason": error.code, "message": error.message},
        )
        tx.commit()


def as_text(data: bytes) -> str:
    return data.decode(errors="backslashreplace")


def _key(text: str) -> str:
    """A part of the unique key: text too long for an index is replaced by its digest."""
    text = spelled_out(text)
    return text if len(text) <= KEY_LENGTH else hashlib.sha256(text.encode()).hexdigest()
