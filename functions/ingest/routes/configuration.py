"""What a client needs before and after its user has signed in."""

from sqlalchemy import bindparam, func, select

from functions.ingest.admission.auth import caller
from functions.ingest.jobs.transcription_request import selectable_languages, selectable_models
from functions.ingest.schemas.configuration import (
    ConfigResponse,
    DailyLimits,
    Holdings,
    MeResponse,
    RetentionDays,
    SignIn,
    TranscriptionOptions,
    UploadLimits,
    Usage,
)
from functions.ingest.web.fields import DEFAULT_PRESET
from functions.ingest.web.media_types import EXTENSIONS
from functions.ingest.web.operations import Operations
from functions.ingest.web.reference.openapi import VERSION
from functions.ingest.web.request_body import MAX_BODY_BYTES
from shared.auth.daily_usage import is_limited, usage_of
from shared.config import Settings
from shared.models import ArtifactRow, Course, ExportRow, Lecture
from shared.presets import list_presets
from shared.runtime import Runtime

_MINE = Lecture.owner == bindparam("owner")
_HOLDINGS = select(
    select(func.count())
    .select_from(Course)
    .where(Course.owner == bindparam("owner"))
    .scalar_subquery()
    .label("courses"),
    select(func.count()).select_from(Lecture).where(_MINE).scalar_subquery().label("lectures"),
    (
        select(func.coalesce(func.sum(Lecture.source_size), 0))
        .where(_MINE, Lecture.raw_deleted_at.is_(None))
        .scalar_subquery()
        + select(func.coalesce(func.sum(ArtifactRow.size), 0))
        .join(Lecture, Lecture.id == ArtifactRow.lecture_id)
        .where(_MINE)
        .scalar_subquery()
        + select(func.coalesce(func.sum(ExportRow.size), 0))
        .join(Lecture, Lecture.id == ExportRow.lecture_id)
        .where(_MINE)
        .scalar_subquery()
    ).label("storage_bytes"),
)


def _sign_in(settings: Settings) -> SignIn | None:
    if settings.plc_id_token_audience is None:
        return None
    emulator = settings.plc_identity_emulator_host
    return SignIn(
        project_id=settings.plc_id_token_audience,
        api_key=settings.plc_sign_in_api_key,
        emulator_url=f"http://{emulator}" if emulator else None,
    )


def operations(rt: Runtime) -> Operations:
    routes = Operations("configuration")
    settings = rt.settings

    @routes.get("/config", public=True)
    def read_config() -> ConfigResponse:
        """What this installation offers: sign-in, limits, languages, models, retention."""
        return ConfigResponse(
            api_version=VERSION,
            sign_in=_sign_in(settings),
            upload=UploadLimits(
                max_bytes=settings.max_audio_bytes,
                max_form_bytes=MAX_BODY_BYTES,
                max_duration_sec=settings.plc_max_audio_duration_sec,
                content_types=tuple(sorted(EXTENSIONS)),
            ),
            transcription=TranscriptionOptions(
                provider=settings.plc_transcribe_provider,
                model=settings.transcribe_model,
                models=selectable_models(settings),
                languages=selectable_languages(settings),
            ),
            presets=tuple(preset.id for preset in list_presets()),
            default_preset=DEFAULT_PRESET,
            retention_days=RetentionDays(
                raw_audio=settings.plc_retention_raw_audio_days,
                transcript=settings.plc_retention_transcript_days,
                material=settings.plc_retention_material_days,
            ),
        )

    @routes.get("/me")
    def read_me() -> MeResponse:
        """Who the caller is to this installation, what they have used today, and what they have."""
        principal = caller()
        with rt.database.reading() as session:
            used = usage_of(session, principal.owner, rt.clock())
            held = session.execute(_HOLDINGS, {"owner": principal.owner}).one()
        limits = DailyLimits(
            lectures=settings.plc_daily_lectures_max,
            audio_sec=settings.plc_daily_audio_hours_max * 3600,
        )
        return MeResponse(
            operator=principal.operates,
            usage_today=Usage(
                lectures=used.lectures, audio_sec=used.audio_sec, resets_at=used.resets_at
            ),
            daily_limits=limits if is_limited(principal.owner) else None,
            holdings=Holdings(
                courses=held.courses, lectures=held.lectures, storage_bytes=held.storage_bytes
            ),
        )

    return routes
