"""The record of an operator's accesses to rows of other owners.

It is committed before the answer of a read, and before a write. So an access that cannot be
recorded fails, and one that is refused later is recorded too.
"""

import uuid
from collections.abc import Iterable, Sequence

from flask import g, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.ingest.admission.auth import caller
from shared.errors import NotFoundError
from shared.log import log
from shared.models import DeadLetter, Job, Lecture, OperatorAccess, account_subject
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


def subjects_of_messages(session: Session, letters: Iterable[DeadLetter]) -> list[str]:
    """The dead letters, and the jobs, lectures and owners that they are about."""
    letters = list(letters)
    lectures = {letter.lecture_id for letter in letters} - {None}
    owners = session.scalars(select(Lecture.owner).where(Lecture.id.in_(lectures)).distinct())
    named = (
        subject(kind, key)
        for letter in letters
        for kind, key in (
            ("message", letter.id),
            ("job", letter.job_id),
            ("lecture", letter.lecture_id),
        )
        if key is not None
    )
    return _distinct([*named, *map(account_subject, owners)])


def record_access(rt: Runtime, subjects: Sequence[str]) -> None:
    """Record the caller's access to these rows, in a transaction of its own.

    Users have access to their own rows alone, which is not recorded.
    """
    operator = caller().operator
    if operator is None or not subjects:
        return
    access_id = rt.new_id()
    route = request.url_rule.rule if request.url_rule else ""

    def record(session: Session) -> None:
        session.add(
            OperatorAccess(
                id=access_id,
                operator=operator,
                method=request.method,
                route=route,
                subjects=list(subjects),
                accessed_at=rt.clock(),
            )
        )

    rt.transact(record)
    g.accessed = list(subjects)
    log.info(
        "operator.access",
        access=str(access_id),
        method=request.method,
        route=route,
        accessed=len(subjects),
    )


def accessed() -> list[str] | None:
    """What this request has recorded."""
    recorded: list[str] | None = g.get("accessed")
    return recorded


def record_repetition(rt: Runtime, subjects: Sequence[str] | None) -> None:
    """Record that a kept answer about these rows is given again.

    Raises NotFoundError if the caller is an operator no longer.
    """
    if subjects:
        require_operator()
        record_access(rt, subjects)


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
