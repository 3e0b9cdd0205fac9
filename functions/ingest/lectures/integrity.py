"""Compares a lecture's objects in the bucket with its rows."""

from typing import cast

from functions.ingest.schemas.material import IntegrityResponse, ObjectCheck
from shared.models import Lecture
from shared.runtime import Runtime
from shared.storage.integrity import Expected, LectureKind, expected_of_lectures


def check_lecture(rt: Runtime, lecture: Lecture) -> IntegrityResponse:
    """Looks every object up; reads none."""
    with rt.database.reading() as session:
        expected = list(expected_of_lectures(session, [lecture]))
    checks = tuple(_check(rt, each) for each in expected)
    return IntegrityResponse(
        lecture_id=lecture.slug,
        ok=all(check.status in ("ok", "expired") for check in checks),
        objects=checks,
    )


def _check(rt: Runtime, expected: Expected) -> ObjectCheck:
    stored = None if expected.expired else rt.store.stat(expected.name)
    return ObjectCheck(
        kind=cast(LectureKind, expected.kind),
        type=expected.type,
        path=rt.store.uri(expected.name),
        status=expected.compared_with(stored),
    )
