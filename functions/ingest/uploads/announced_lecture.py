"""The row of an announced lecture: made in one statement, or found and changed in a transaction."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, Text, bindparam, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from functions.ingest.admission.auth import Principal
from functions.ingest.lectures.changes import insert_course
from functions.ingest.schemas.lectures import CourseRequest
from functions.ingest.schemas.uploads import IngestRequest
from functions.ingest.web.media_types import EXTENSIONS, media_type_of
from shared.auth.daily_usage import (
    count_lecture,
    is_limited,
    lecture_count_parameters,
    lecture_counted,
    uncount_lecture,
)
from shared.courses.identities import created_names
from shared.errors import ConflictError, ContendedError, LectureRestrictedError
from shared.errors.sqlstate import FOREIGN_KEY_VIOLATION, sqlstate
from shared.models import Course, Job, Lecture, LectureStatus
from shared.presets import load_preset
from shared.runtime import Runtime


def waits_for_upload(lecture: Lecture) -> bool:
    """For a recording. One that came with a form is recorded before its notification arrives."""
    return lecture.status == LectureStatus.AWAITING_UPLOAD and lecture.source_size is None


def new_lecture(
    rt: Runtime, principal: Principal, request: IngestRequest, generated_id: uuid.UUID
) -> dict[str, Any]:
    """Columns of the lecture if there is none of this name, all but its course."""
    media_type = media_type_of(request.content_type)
    lecture_id, now = rt.new_id(), rt.clock()
    return {
        "id": lecture_id,
        "owner": principal.owner,
        "slug": request.lecture_id or str(generated_id),
        "card_namespace": created_names(
            owner=principal.owner,
            course=request.course_id,
            lecture=request.lecture_id or str(generated_id),
        ),
        "preset_id": load_preset(request.preset_id).id,
        "title": request.title,
        "status": LectureStatus.AWAITING_UPLOAD,
        "source_object": rt.names.raw(lecture_id, rt.new_id(), EXTENSIONS[media_type]),
        "content_type": media_type,
        "expected_size": request.size_bytes,
        "expected_crc32c": request.crc32c,
        "consent_informed": request.consent_informed,
        "consent_basis": request.consent_basis,
        "consent_at": request.consent_at,
        "created_at": now,
        "updated_at": now,
    }


_NEW = [
    *(Lecture.id, Lecture.slug, Lecture.card_namespace, Lecture.preset_id, Lecture.title),
    *(Lecture.status, Lecture.source_object, Lecture.content_type),
    *(Lecture.consent_informed, Lecture.consent_basis, Lecture.consent_at),
    *(Lecture.expected_size, Lecture.expected_crc32c, Lecture.created_at, Lecture.updated_at),
]
_COURSE = (
    select(Course.id, Course.owner)
    .where(
        Course.owner == bindparam("owner", type_=Text),
        Course.slug == bindparam("course", type_=Text),
    )
    .cte("course")
)
_VALUES = select(
    *(_COURSE.c.id, _COURSE.c.owner),
    *(bindparam(column.key, type_=column.type) for column in _NEW),
)


def _announcement(values: Select[Any]) -> ReturningInsert[tuple[uuid.UUID]]:
    return (
        insert(Lecture)
        .from_select(["course_id", "owner", *(column.key for column in _NEW)], values)
        .on_conflict_do_nothing(index_elements=[Lecture.owner, Lecture.slug])
        .returning(Lecture.id)
    )


_ANNOUNCE = _announcement(_VALUES)
"""What nearly every announcement is: a new lecture of a course that is there. Anything else makes
no row, and is decided in a transaction."""
_KNOWN = exists().where(
    Lecture.owner == bindparam("owner", type_=Text), Lecture.slug == bindparam("slug", type_=Text)
)
_COUNTED = lecture_counted(exists(select(_COURSE.c.id)) & ~_KNOWN)
_ANNOUNCE_COUNTED = _announcement(_VALUES.where(_COURSE.c.owner == _COUNTED.c.owner))
"""The same for an owner with a daily limit. Of two requests that announce one new lecture at
the same moment both may be counted."""


def insert_new(
    rt: Runtime, principal: Principal, request: IngestRequest, new: Mapping[str, Any]
) -> Lecture | None:
    """The lecture, if the announcement makes a new one in a single statement."""
    given = {**new, "course": request.course_id}
    announce = _ANNOUNCE
    if is_limited(principal.owner):
        announce = _ANNOUNCE_COUNTED
        given |= lecture_count_parameters(rt.settings, rt.clock())
    with rt.database.autocommit() as connection:
        try:
            return Lecture(**new) if connection.scalar(announce, given) is not None else None
        except DBAPIError as error:
            # The course was deleted between its selection and the check of the foreign key.
            if sqlstate(error) != FOREIGN_KEY_VIOLATION:
                raise
            return None


def await_upload(
    rt: Runtime,
    session: Session,
    principal: Principal,
    request: IngestRequest,
    new: Mapping[str, Any],
    *,
    new_object: bool = False,
) -> Lecture:
    """The caller's lecture of this name in `awaiting_upload`, made if there is none."""
    course = _course(rt, session, principal, request)
    of_this_name = (
        select(Lecture)
        .where(Lecture.owner == principal.owner, Lecture.slug == new["slug"])
        .with_for_update()
    )
    known = session.scalar(of_this_name)
    if known is None:
        now = rt.clock()
        # Before the lecture, as everywhere: the order of the locks.
        count_lecture(session, rt.settings, principal.owner, now)
        made = session.scalar(
            insert(Lecture)
            .values({**new, "course_id": course.id})
            .on_conflict_do_nothing(index_elements=[Lecture.owner, Lecture.slug])
            .returning(Lecture.id)
        )
        if made is not None:
            return Lecture(**new)
        uncount_lecture(session, principal.owner, now)
        known = session.scalar(of_this_name)
    if known is None:
        raise ContendedError()  # Deleted since the insertion found it: the next attempt makes it.
    _expect_again(rt, session, known, course, request, new=new, new_object=new_object)
    return known


def _expect_again(
    rt: Runtime,
    session: Session,
    lecture: Lecture,
    course: Course,
    request: IngestRequest,
    *,
    new: Mapping[str, Any],
    new_object: bool,
) -> None:
    """A known lecture may wait on, or wait again after an upload that was rejected."""
    if lecture.restricted_at is not None:
        raise LectureRestrictedError()
    if lecture.course_id != course.id:
        raise ConflictError(f"Lecture {lecture.slug!r} belongs to another course.")
    accepted = session.scalar(select(exists().where(Job.lecture_id == lecture.id)))
    turned_away = lecture.status == LectureStatus.FAILED and not accepted
    if not waits_for_upload(lecture) and not turned_away:
        raise ConflictError(
            f"Lecture {lecture.slug!r} has its recording already. "
            "Delete it first, or choose another id."
        )
    if turned_away or new_object or lecture.content_type != new["content_type"]:
        lecture.source_object = rt.names.raw(
            lecture.id, rt.new_id(), EXTENSIONS[new["content_type"]]
        )
        lecture.content_type = new["content_type"]
        lecture.source_generation = lecture.source_size = lecture.source_crc32c = None
        lecture.raw_deleted_at = None
    lecture.expected_size = request.size_bytes
    lecture.expected_crc32c = request.crc32c
    lecture.preset_id = new["preset_id"]
    lecture.title = request.title or lecture.title
    if consent := request.consent:
        lecture.consent_informed, lecture.consent_basis = consent.informed, consent.basis
        lecture.consent_at = consent.at
    rt.lectures.await_upload(lecture)


def _course(rt: Runtime, session: Session, principal: Principal, request: IngestRequest) -> Course:
    """The caller's course of this name, made if there is none, with the title that is given now.

    It is locked against deletion, as the foreign key of a new lecture would do a moment later.
    """
    of_this_name = (
        select(Course)
        .where(Course.owner == principal.owner, Course.slug == request.course_id)
        .with_for_update(read=True, key_share=True)
    )
    # Nearly always it is there already.
    course = session.scalar(of_this_name)
    if course is None:
        new = CourseRequest(course_id=request.course_id, title=request.course_title)
        course = insert_course(rt, session, principal.owner, new) or session.scalar(of_this_name)
    if course is None:
        raise ContendedError()  # As above.
    return course
