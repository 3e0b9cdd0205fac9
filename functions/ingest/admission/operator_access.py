"""The record of an operator's accesses to rows of other owners.

It is committed before the answer of a read, and before a write or with it. So an access that
cannot be recorded fails, and one that is refused later is recorded too.
"""

import uuid
from collections.abc import Iterable, Sequence

from flask import request
from sqlalchemy.orm import Session

from functions.ingest.lectures.lookup import caller
from shared.accounts.accesses import account_subject
from shared.database.transactions import transact
from shared.errors import NotFoundError
from shared.log import log
from shared.models import DeadLetter, Job, OperatorAccess
from shared.runtime import Runtime


def require_operator() -> None:
    """For routes that only operators have. Raises NotFoundError."""
    if not caller().operates:
        raise NotFoundError()


def subject(kind: str, key: uuid.UUID) -> str:
    """A row, as the record names it."""
    return f"{kind}:{key}"


def subjects_of_jobs(jobs: Iterable[Job]) -> list[str]:
    """The jobs of other owners than the caller, with their lectures and owners."""
    owner = caller().owner
    others = [job for job in jobs if job.lecture.owner != owner]
    return _distinct(
        name
        for job in others
        for name in (
            account_subject(job.lecture.owner),
            subject("lecture", job.lecture_id),
            subject("job", job.id),
        )
    )


def subjects_of_messages(letters: Iterable[DeadLetter]) -> list[str]:
    """The dead letters, and the jobs and lectures that they are about."""
    return _distinct(
        subject(kind, key)
        for letter in letters
        for kind, key in (
            ("message", letter.id),
            ("job", letter.job_id),
            ("lecture", letter.lecture_id),
        )
        if key is not None
    )


def record_access(rt: Runtime, subjects: Sequence[str]) -> None:
    """Record the caller's access to these rows, in a transaction of its own.

    Users have access to their own rows alone, which is not recorded.
    """
    if caller().operates and subjects:
        transact(rt.database, lambda session: add_record(rt, session, subjects))


def add_record(rt: Runtime, session: Session, subjects: Sequence[str]) -> None:
    """The same in a transaction that is open."""
    operator = caller().operator
    if operator is None or not subjects:
        return
    route = request.url_rule.rule if request.url_rule else ""
    access = OperatorAccess(
        id=rt.new_id(),
        operator=operator,
        method=request.method,
        route=route,
        subjects=list(subjects),
        accessed_at=rt.clock(),
    )
    session.add(access)
    session.flush()
    log.info(
        "operator.access",
        access=str(access.id),
        method=request.method,
        route=route,
        accessed=len(subjects),
    )


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
