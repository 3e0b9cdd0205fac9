"""A course's own rules of retention, and holds."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from functions.ingest.admission.auth import caller
from functions.ingest.lectures.lookup import own_course
from functions.ingest.schemas.retention import (
    CourseRetentionResponse,
    Hold,
    RetentionInForce,
    RetentionRules,
)
from functions.ingest.web.field_problems import FieldProblem, InvalidFieldsError
from functions.ingest.web.operations import Operations
from shared.deletion import audit
from shared.errors import NotFoundError
from shared.log import log
from shared.models import Course, DeletionOutcome
from shared.runtime import Runtime


def operations(rt: Runtime) -> Operations:
    routes = Operations("courses")

    @routes.get("/courses/{course_id}/retention")
    def read_retention(course_id: str) -> CourseRetentionResponse:
        """How long the course's recordings, transcripts and study material are kept."""
        with rt.database.reading() as session:
            return _response(rt, own_course(session, course_id))

    @routes.put("/courses/{course_id}/retention")
    def set_retention(course_id: str, body: RetentionRules) -> CourseRetentionResponse:
        """Give the course rules of its own, and a hold.

        Replaces all that were there. They hold from the next daily run on, for lectures that
        are there already as well. What has been deleted does not come back.
        """
        _check_ceilings(rt, body)
        hold = body.hold

        def replace(session: Session) -> Course:
            course: Course | None = session.scalar(
                update(Course)
                .where(Course.owner == caller().owner, Course.slug == course_id)
                .values(
                    retention_raw_audio_days=body.raw_audio_days,
                    retention_transcript_days=body.transcript_days,
                    retention_material_days=body.material_days,
                    held_until=hold.until if hold else None,
                    hold_reason=hold.reason if hold else None,
                    updated_at=rt.clock(),
                )
                .returning(Course)
            )
            if course is None:
                raise NotFoundError(f"There is no course {course_id!r}.")
            # Why something is still there, or is not, must stay on record.
            entry = audit.Entry(f"course:{course.id}", audit.OWNER)
            rules = audit.Conclusion(DeletionOutcome.RULES, _rules_in_words(body))
            audit.record(rt, session, [(entry, rules)])
            return course

        course = rt.transact(replace)
        log.info("course.retention_set", course=str(course.id), held=hold is not None)
        return _response(rt, course)

    return routes


def _check_ceilings(rt: Runtime, rules: RetentionRules) -> None:
    """Raises InvalidFieldsError."""
    most = rt.settings.plc_retention_course_days_max
    problems = [
        FieldProblem(
            field=field, code="too_large", message=f"is more than {most} days", params={"max": most}
        )
        for field, days in (
            ("rawAudioDays", rules.raw_audio_days),
            ("transcriptDays", rules.transcript_days),
            ("materialDays", rules.material_days),
        )
        if days is not None and days > most
    ]
    longest = rt.settings.plc_retention_hold_days_max
    if rules.hold and rules.hold.until > rt.clock() + timedelta(days=longest):
        problems.append(
            FieldProblem(
                field="hold.until",
                code="too_large",
                message=f"is more than {longest} days away",
                params={"maxDays": longest},
            )
        )
    if problems:
        raise InvalidFieldsError(problems=problems)


def _rules_in_words(rules: RetentionRules) -> str:
    return (
        f"recordings {_days(rules.raw_audio_days)}, "
        f"transcripts {_days(rules.transcript_days)}, "
        f"material {_days(rules.material_days)}, "
        f"{f'held until {rules.hold.until.isoformat()}' if rules.hold else 'not held'}"
    )


def _days(days: int | None) -> str:
    return "as usual" if days is None else f"{days} days"


def _response(rt: Runtime, row: Course) -> CourseRetentionResponse:
    settings = rt.settings
    held_until = row.held_until
    return CourseRetentionResponse(
        course_id=row.slug,
        rules=RetentionRules(
            raw_audio_days=row.retention_raw_audio_days,
            transcript_days=row.retention_transcript_days,
            material_days=row.retention_material_days,
            hold=Hold(until=held_until, reason=row.hold_reason) if held_until else None,
        ),
        in_force=RetentionInForce(
            raw_audio_days=row.retention_raw_audio_days or settings.plc_retention_raw_audio_days,
            transcript_days=row.retention_transcript_days or settings.plc_retention_transcript_days,
            material_days=row.retention_material_days or settings.plc_retention_material_days,
            held=held_until is not None and held_until > rt.clock(),
        ),
    )
