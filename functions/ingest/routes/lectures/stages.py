"""Starting or restarting one stage of a lecture on request."""

from functions.ingest.jobs.stages import start_stage
from functions.ingest.jobs.transcription_request import check_transcription
from functions.ingest.lectures.lookup import own_lecture
from functions.ingest.schemas.jobs import StageRequest, StageResponse, TranscribeQuery
from functions.ingest.web.operations import Operations
from shared.errors import ConflictError
from shared.models import Lecture
from shared.presets import load_preset
from shared.runtime import Runtime
from shared.work.stages import ExportParams, GenerationParams, Params, TranscriptionParams


def operations(rt: Runtime) -> Operations:
    routes = Operations("stages")

    @routes.post("/lectures/{lecture_id}/transcribe", status=202)
    def transcribe_lecture(lecture_id: str, query: TranscribeQuery) -> StageResponse:
        """Transcribe the recording, or transcribe it again.

        A finished upload starts it automatically; a later request finds the same job.
        A language, model or provider that is not available here is refused with 422.
        """
        check_transcription(rt.settings, query)
        lecture = _lecture(lecture_id)
        params = TranscriptionParams(
            model=query.model,
            language=query.language,
            strict=query.strict,
            provider=query.provider,
        )
        return _start(lecture, params)

    @routes.post("/lectures/{lecture_id}/generate", status=202, body_optional=True)
    def generate_material(lecture_id: str, body: StageRequest) -> StageResponse:
        """Make the study material, or make it again."""
        lecture = _lecture(lecture_id, body)
        preset = load_preset(body.preset_id or lecture.preset_id)
        return _start(lecture, GenerationParams(preset_id=preset.id))

    @routes.post("/lectures/{lecture_id}/export", status=202, body_optional=True)
    def export_lecture(lecture_id: str, body: StageRequest) -> StageResponse:
        """Make the files, or make them again."""
        return _start(_lecture(lecture_id, body), ExportParams())

    def _lecture(slug: str, wanted: StageRequest | None = None) -> Lecture:
        with rt.database.reading() as session:
            lecture = own_lecture(session, slug)
        if wanted and wanted.course_id and wanted.course_id != lecture.course.slug:
            raise ConflictError(f"Lecture {slug!r} is not in course {wanted.course_id!r}.")
        return lecture

    def _start(lecture: Lecture, params: Params) -> StageResponse:
        enqueued = start_stage(rt, lecture, params)
        return StageResponse(
            job_id=str(enqueued.job_id),
            lecture_id=lecture.slug,
            type=params.type,
            status=enqueued.status,
            deduplicated=enqueued.deduplicated,
            params=enqueued.params,
        )

    return routes
