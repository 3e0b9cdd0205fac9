"""Takedowns of lectures in which a person objects to being recorded; for operators."""

import uuid

from sqlalchemy.orm import Session

from functions.ingest.admission.operator_access import (
    record_access,
    require_operator,
    subject,
)
from functions.ingest.routes.lectures.deletion import deletion_response
from functions.ingest.schemas.lectures import DeletionResponse
from functions.ingest.schemas.takedowns import TakedownRequest, TakedownResponse
from functions.ingest.web.operations import Operations
from shared.deletion import takedowns
from shared.errors import NotFoundError
from shared.models import Lecture, account_subject
from shared.runtime import Runtime


def operations(rt: Runtime) -> Operations:
    routes = Operations("takedowns")

    @routes.put("/takedowns/{lecture_key}")
    def take_down_lecture(lecture_key: str, body: TakedownRequest) -> TakedownResponse:
        """Keep a lecture, and neither process nor show it, until an operator has decided.

        `lectureKey` is the id that the lecture's objects and its lines in the log have. The
        lecture is restricted, and its owner can delete it but not lift the restriction (409
        `taken_down`). Sent again it changes nothing.
        """
        return _response(takedowns.take_down(rt, _lecture(lecture_key), body.reference))

    @routes.delete("/takedowns/{lecture_key}")
    def lift_takedown(lecture_key: str) -> TakedownResponse:
        """Decide that the lecture stays: it is processed and shown again.

        A restriction that its owner had made before stays.
        """
        return _response(takedowns.lift_takedown(rt, _lecture(lecture_key)))

    @routes.post("/takedowns/{lecture_key}/deletion", status=200)
    def delete_taken_down_lecture(lecture_key: str) -> DeletionResponse:
        """Decide that the lecture is deleted, as its owner could delete it.

        409 if it is not taken down.
        """
        return deletion_response(takedowns.delete_taken_down(rt, _lecture(lecture_key)))

    def _lecture(lecture_key: str) -> Lecture:
        """Any owner's, for an operator, whose access is recorded. Raises NotFoundError."""
        require_operator()
        with rt.database.reading() as session:
            lecture = _find(session, lecture_key)
        record_access(rt, [account_subject(lecture.owner), subject("lecture", lecture.id)])
        return lecture

    return routes


def _find(session: Session, lecture_key: str) -> Lecture:
    try:
        lecture = session.get(Lecture, uuid.UUID(lecture_key))
    except ValueError:
        lecture = None
    if lecture is None:
        raise NotFoundError(f"There is no lecture {lecture_key!r}.")
    return lecture


def _response(lecture: Lecture) -> TakedownResponse:
    return TakedownResponse(
        lecture_key=str(lecture.id),
        taken_down_at=lecture.taken_down_at,
        restricted_at=lecture.restricted_at,
    )
