"""Marks: moments of a lecture that its owner wants to find again."""

from collections.abc import Sequence

from flask import Response, request
from sqlalchemy.orm import Session

from functions.ingest.corrections.marks import (
    Marked,
    NewMark,
    add_marks,
    etag_of_mark,
    name_mark,
    remove_mark,
)
from functions.ingest.lectures.lookup import own_lecture
from functions.ingest.schemas.items import (
    MarkChanges,
    MarkRecord,
    MarksChanged,
    MarksRequest,
    MarksResponse,
)
from functions.ingest.web.answers import matched, unless_known
from functions.ingest.web.operations import Operations
from shared.courses.marks import Mark, marks_of
from shared.models import Lecture
from shared.runtime import Runtime


def operations(rt: Runtime) -> Operations:
    routes = Operations("lectures")

    @routes.get("/lectures/{lecture_id}/marks", answers={200: MarksResponse}, conditional=True)
    def list_marks(lecture_id: str) -> Response:
        """Moments that the owner has marked."""
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id, Lecture.slug)
            known = MarksResponse(lecture_id=lecture.slug, marks=mark_records(session, lecture))
        body = known.to_json()
        return unless_known(request, body.decode(), lambda: body)

    @routes.post("/lectures/{lecture_id}/marks")
    def mark_moments(lecture_id: str, body: MarksRequest) -> MarksChanged:
        """Mark moments, as those that a student marked while recording.

        The lecture may still wait for its recording. A mark is known by its second: one that is
        there already stays as it is, with its label, so that marks can be sent again. The files
        are made again with them.
        """
        lecture = _lecture(lecture_id)
        new = [NewMark(each.at_sec, each.label) for each in body.marks]
        return _changed(lecture, add_marks(rt, lecture, new))

    @routes.patch("/lectures/{lecture_id}/marks/{mark_id}", matching=True)
    def name_one_mark(lecture_id: str, mark_id: str, body: MarkChanges) -> MarksChanged:
        """Give a mark another label, or none. `If-Match` is the ETag of the mark."""
        etag = matched(request)
        lecture = _lecture(lecture_id)
        return _changed(lecture, name_mark(rt, lecture, mark_id, body.label, etag))

    @routes.delete("/lectures/{lecture_id}/marks/{mark_id}", matching=True)
    def remove_one_mark(lecture_id: str, mark_id: str) -> MarksChanged:
        """Remove a mark. `If-Match` is the ETag of the mark."""
        etag = matched(request)
        lecture = _lecture(lecture_id)
        return _changed(lecture, remove_mark(rt, lecture, mark_id, etag))

    def _lecture(slug: str) -> Lecture:
        with rt.database.reading() as session:
            return own_lecture(session, slug, Lecture.id, Lecture.slug)

    return routes


def mark_records(session: Session, lecture: Lecture) -> tuple[MarkRecord, ...]:
    return _records(marks_of(session, lecture.id))


def _records(marks: Sequence[Mark]) -> tuple[MarkRecord, ...]:
    return tuple(
        MarkRecord(
            mark_id=str(mark.id),
            at_sec=mark.at_sec,
            label=mark.label,
            etag=f'"{etag_of_mark(mark)}"',
            created_at=mark.created_at,
            updated_at=mark.updated_at,
        )
        for mark in marks
    )


def _changed(lecture: Lecture, done: Marked) -> MarksChanged:
    return MarksChanged(
        lecture_id=lecture.slug,
        marks=_records(done.marks),
        job_id=str(done.job_id) if done.job_id else None,
    )
