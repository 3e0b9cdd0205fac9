"""Lectures: listing them, and the state of one."""

from typing import Any

from flask import Response
from sqlalchemy import Select, bindparam, select, update

from functions.ingest.admission.auth import caller
from functions.ingest.lectures import changes
from functions.ingest.lectures.integrity import check_lecture
from functions.ingest.lectures.lookup import no_lecture, own_course, own_lecture
from functions.ingest.lectures.shown import COLUMNS, has_recording, lecture_of, lecture_response
from functions.ingest.lectures.silencing import is_withheld
from functions.ingest.schemas.consent import Consent
from functions.ingest.schemas.lectures import (
    LectureChanges,
    LectureResponse,
    LecturesQuery,
    LecturesResponse,
)
from functions.ingest.schemas.material import IntegrityResponse
from functions.ingest.web.operations import Operations
from functions.ingest.web.paging import Listing
from shared.errors import DeletedByRetentionError, NotFoundError, RecordingWithheldError
from shared.models import Course, Lecture, unrestricted
from shared.runtime import Runtime
from shared.storage.url_signing import DOWNLOAD_URL_TTL


def _newest(rows: Select[*tuple[Any, ...]]) -> Listing:
    return Listing(
        "lectures",
        rows,
        column=Lecture.created_at,
        id=Lecture.id,
        of=lambda row: (row.created_at, row.id),
        descending=True,
    )


_OF_COURSE = COLUMNS.where(Course.slug == bindparam("course"))
_MINE, _MINE_RESTRICTED = (
    _newest(COLUMNS.where(unrestricted)),
    _newest(COLUMNS.where(~unrestricted)),
)
_COURSES = _newest(_OF_COURSE.where(unrestricted))
_COURSES_RESTRICTED = _newest(_OF_COURSE.where(~unrestricted))


def operations(rt: Runtime) -> Operations:
    routes = Operations("lectures")

    @routes.get("/lectures")
    def list_lectures(query: LecturesQuery) -> LecturesResponse:
        """The caller's lectures."""
        listing = _MINE_RESTRICTED if query.restricted else _MINE
        with rt.database.autocommit() as connection:
            rows, page = listing.page(connection, query, owner=caller().owner)
        return LecturesResponse(
            lectures=tuple(lecture_response(rt, row) for row in rows), pagination=page
        )

    @routes.get("/lectures/{lecture_id}")
    def read_lecture(lecture_id: str) -> LectureResponse:
        """One lecture."""
        return _shown(lecture_id)

    @routes.patch("/lectures/{lecture_id}")
    def change_lecture(lecture_id: str, body: LectureChanges) -> LectureResponse:
        """Another title, another course, or another preset for the material that is made from now
        on.

        Files that show the title are made again. In another course the lecture is kept by the rules
        of that course; its items keep their ids and its owner's changes. Its material is made again
        if its transcript is still there, with a language model where one is set up, so that its
        threads are those of the course. Files in which it and lectures of its former course repeat
        each other cannot be downloaded until they are made again. A lecture does not leave a
        course that is on hold (409 `course_held`).
        """
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id)
        changes.change_lecture(rt, lecture, body)
        return _shown(lecture_id)

    @routes.get("/lectures/{lecture_id}/audio", answers={302: None})
    def play_recording(lecture_id: str) -> Response:
        """The recording: a redirect to an address from which a player reads it for some minutes.

        The address takes `Range`, so that a player can begin anywhere. While something that was
        cut out of the recording is not silent yet, the answer is 409 `recording_withheld`.
        """
        with rt.database.reading() as session:
            lecture = own_lecture(
                session,
                lecture_id,
                *(Lecture.source_object, Lecture.source_size, Lecture.content_type),
                *(Lecture.status, Lecture.raw_deleted_at),
            )
            withheld = session.scalar(select(is_withheld).where(Lecture.id == lecture.id))
        if lecture.raw_deleted_at is not None:
            raise DeletedByRetentionError("The recording has been deleted as retention promises.")
        if not has_recording(lecture):
            raise NotFoundError("The recording has not arrived yet.")
        if withheld:
            raise RecordingWithheldError()
        url = rt.store.signed_playing_url(
            lecture.source_object,
            content_type=lecture.content_type,
            ttl=DOWNLOAD_URL_TTL,
        )
        # The address is a key to the recording: no cache may keep it.
        return Response(status=302, headers={"Location": url})

    @routes.get("/courses/{course_id}/lectures")
    def list_course_lectures(course_id: str, query: LecturesQuery) -> LecturesResponse:
        """The lectures of a course."""
        listing = _COURSES_RESTRICTED if query.restricted else _COURSES
        with rt.database.reading() as session:
            course = own_course(session, course_id)
            rows, page = listing.page(session, query, owner=caller().owner, course=course.slug)
        return LecturesResponse(
            lectures=tuple(lecture_response(rt, row) for row in rows), pagination=page
        )

    @routes.put("/lectures/{lecture_id}/consent")
    def record_consent(lecture_id: str, body: Consent) -> Consent:
        """Record who was informed of the recording, on what basis, and when.

        Replaces what was recorded; what is not given is not recorded.
        """
        recorded = (
            update(Lecture)
            .where(Lecture.owner == caller().owner, Lecture.slug == lecture_id)
            .values(consent_informed=body.informed, consent_basis=body.basis, consent_at=body.at)
            .returning(Lecture.id)
        )
        if rt.transact(lambda session: session.scalar(recorded)) is None:
            raise no_lecture(lecture_id)
        return body

    @routes.get("/lectures/{lecture_id}/integrity")
    def check_integrity(lecture_id: str) -> IntegrityResponse:
        """Whether the lecture's files are in storage as they were written."""
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id)
        return check_lecture(rt, lecture)

    def _shown(slug: str) -> LectureResponse:
        with rt.database.autocommit() as connection:
            return lecture_of(rt, connection, caller().owner, slug)

    return routes
