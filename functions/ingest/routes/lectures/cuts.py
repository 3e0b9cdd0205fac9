"""Cutting spans of time out of a lecture: recording, transcript, material and files."""

from sqlalchemy.orm import Session

from functions.ingest.corrections.cuts import cut_lecture, cuts_of
from functions.ingest.lectures.lookup import own_lecture
from functions.ingest.lectures.silencing import silencing_of
from functions.ingest.schemas.transcript import (
    CutRecord,
    CutRequest,
    CutResponse,
    CutsResponse,
    CutState,
)
from functions.ingest.web.field_problems import FieldProblem, InvalidFieldsError
from functions.ingest.web.operations import Operations
from shared.models import Lecture
from shared.runtime import Runtime
from shared.speech.removing import CutSpan

BEYOND_SEC = 1.0
"""By how much a span may end after the recording: players round its length."""


def operations(rt: Runtime) -> Operations:
    routes = Operations("transcript")

    @routes.post("/lectures/{lecture_id}/cuts", status=202)
    def cut_out(lecture_id: str, body: CutRequest) -> CutResponse:
        """Cut spans of time out of the lecture for good, as what was said off the record.

        The recording is silent there; times do not move. The transcript loses every word that
        meets a span, and its earlier revisions are deleted. Study material, threads and files are
        withdrawn and made again; changed items that cite or quote what was cut are not. A copy of
        the account that was being kept is deleted.

        From the answer on nothing of it can be read, and `/audio` answers 409 `recording_withheld`
        until the recording is silent, in about a minute for an hour of it. A span is widened to
        whole words, by a second at most. Sent again it changes nothing, and starts a silencing
        again that has failed. While the lecture is being transcribed it is refused with 409
        `transcription_running`.
        """
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id)
        asked = [CutSpan(each.start_sec, each.end_sec) for each in body.cuts]
        _require_sound(lecture, asked)
        done = cut_lecture(rt, lecture, asked)
        with rt.database.reading() as session:
            cuts = _records(session, own_lecture(session, lecture_id))
        return CutResponse(
            lecture_id=lecture.slug,
            cuts=cuts,
            utterances=done.utterances,
            silencing_job_id=str(done.silencing) if done.silencing else None,
            job_id=str(done.generation) if done.generation else None,
        )

    @routes.get("/lectures/{lecture_id}/cuts")
    def list_cuts(lecture_id: str) -> CutsResponse:
        """What was cut out of the lecture, and whether its recording is silent there yet."""
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id)
            return CutsResponse(lecture_id=lecture.slug, cuts=_records(session, lecture))

    return routes


def _require_sound(lecture: Lecture, asked: list[CutSpan]) -> None:
    """Raises InvalidFieldsError."""
    problems = []
    for place, span in enumerate(asked):
        if span.end_sec <= span.start_sec:
            field, code, words = "endSec", "not_allowed", "is not later than startSec"
        elif (end := lecture.duration_sec) is not None and span.end_sec > end + BEYOND_SEC:
            field, code, words = "endSec", "too_large", f"is after the end, at {end:.3f}"
        else:
            continue
        problems.append(
            FieldProblem.model_validate(
                {"field": f"cuts.{place}.{field}", "code": code, "message": words}
            )
        )
    if problems:
        raise InvalidFieldsError(problems=problems)


def _records(session: Session, lecture: Lecture) -> tuple[CutRecord, ...]:
    cuts = cuts_of(session, lecture.id)
    is_gone = lecture.raw_deleted_at is not None
    silencing = silencing_of(session, lecture.id)
    state: CutState = "silencing" if silencing.under_way else "failed"
    return tuple(
        CutRecord(
            start_sec=cut.start_sec,
            end_sec=cut.end_sec,
            state="silenced" if is_gone or cut.silenced_at is not None else state,
            error=None if is_gone or cut.silenced_at is not None else silencing.error,
            created_at=cut.created_at,
        )
        for cut in cuts
    )
