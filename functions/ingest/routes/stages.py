"""Starting or restarting one stage of a lecture by hand."""

import re

from flask import Blueprint, Response, request

from functions.ingest.answers import json_model
from functions.ingest.bodies import read_body
from functions.ingest.lookup import own_lecture
from functions.ingest.schemas import StageRequest, StageResponse
from functions.ingest.stages import start_stage
from shared.errors import ConflictError, InvalidRequestError
from shared.models import JSON, Job, JobType, Lecture
from shared.presets import load_preset
from shared.runtime import Runtime

MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
"""A model's name, never a path: where weights are looked for is the operator's to say."""
LANGUAGE = re.compile(r"[a-z]{2,3}")


def blueprint(rt: Runtime) -> Blueprint:
    routes = Blueprint("stages", __name__)

    @routes.post("/lectures/<slug>/transcribe")
    def transcribe(slug: str) -> Response:
        settings = rt.settings
        provider = request.args.get("provider", settings.plc_transcribe_provider)
        if provider != settings.plc_transcribe_provider:
            raise InvalidRequestError(f"There is no transcription provider {provider!r} here.")
        params: JSON = {
            "model": _matching(MODEL, "model"),
            "language": _matching(LANGUAGE, "language"),
        }
        return _start(_lecture(slug), JobType.TRANSCRIPTION, params)

    @routes.post("/lectures/<slug>/generate")
    def generate(slug: str) -> Response:
        wanted = _body()
        lecture = _lecture(slug, wanted)
        preset = load_preset(wanted.preset_id or lecture.preset_id)
        return _start(lecture, JobType.GENERATION, {"preset_id": preset.id})

    @routes.post("/lectures/<slug>/export")
    def export(slug: str) -> Response:
        return _start(_lecture(slug, _body()), JobType.EXPORT, {})

    def _body() -> StageRequest:
        return read_body(StageRequest, optional=True)

    def _lecture(slug: str, wanted: StageRequest | None = None) -> Lecture:
        with rt.database.unit_of_work() as session:
            lecture = own_lecture(session, slug)
        if wanted and wanted.course_id and wanted.course_id != lecture.course.slug:
            raise ConflictError(f"Lecture {slug!r} is not in course {wanted.course_id!r}.")
        return lecture

    def _start(lecture: Lecture, type: JobType, params: JSON) -> Response:
        enqueued = start_stage(rt, lecture, type, params)
        with rt.database.unit_of_work() as session:
            job = session.get_one(Job, enqueued.job_id)
        return json_model(
            StageResponse(
                job_id=str(job.id),
                lecture_id=lecture.slug,
                type=type,
                status=job.status,
                deduplicated=enqueued.deduplicated,
            ),
            status=202,
        )

    return routes


def _matching(pattern: re.Pattern[str], name: str) -> str | None:
    """A query parameter, None if it is not given. Raises InvalidRequestError."""
    value = request.args.get(name)
    if value is not None and pattern.fullmatch(value) is None:
        raise InvalidRequestError(f"{value!r} is no {name}.")
    return value
