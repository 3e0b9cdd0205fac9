"""The generation job: ask the provider, check every quote, store, and queue the export."""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from functions.generate.announcements import announcements
from functions.generate.assemble import ArtifactSet, Identity, Provenance, assemble
from functions.generate.drafts import KnownThread
from functions.generate.grounding.grounding import GroundedDraft, ground
from functions.generate.identities.rows import Known, identified, keep_identities, known_items
from functions.generate.providers.base import GenerationRequest, Provider
from functions.generate.providers.chat.kept_answers import KeptAnswers
from functions.generate.providers.registry import SUBSTITUTE, build_provider
from functions.generate.text.language import Language, language_of
from functions.generate.threads.store import known_threads, replace_occurrences
from shared.courses.threads import said_of_threads
from shared.database.locks import courses_of, lock_course, lock_lectures_of
from shared.deletion.siblings import renew_repetitions
from shared.documents.artifacts import (
    Artifact,
    ArtifactType,
    ExamQuestions,
    Flashcards,
    KeyTerms,
    Outline,
    Summary,
)
from shared.documents.transcript import Transcript
from shared.errors import LeaseLostError, ObjectMissingError, TransientError
from shared.fault_points import reach
from shared.log import log
from shared.messaging.events import JobMessage
from shared.models import JSON, ArtifactRow, Job, JobType, Lecture
from shared.presets import Preset, load_preset
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.work.leases import Lease
from shared.work.retry import attempts_exhausted
from shared.work.stages import GenerationParams
from shared.workers.heartbeat import Heartbeat
from shared.workers.outcomes import Outcome
from shared.workers.worker import run_job


@dataclass(frozen=True)
class Source:
    """What one generation starts from."""

    lecture: Lecture
    transcript: Transcript
    preset: Preset
    threads: tuple[KnownThread, ...]
    versions: Mapping[ArtifactType, int]
    """Of the artifacts there are; those made now are one higher."""
    items: Known
    uploaded_at: datetime
    """When the recording was accepted."""


def generate_material(rt: Runtime, message: JobMessage) -> Outcome:
    """Do the generation job a message names.

    It fails as providers fail, with GenerationInvalidError if nothing holds what was
    said, and is tried again if another lecture of the course changed its threads at the
    same moment.
    """
    return run_job(rt, message.job_id, JobType.GENERATION, partial(_generate, rt))


def _generate(rt: Runtime, lease: Lease, heartbeat: Heartbeat) -> None:
    source = _read(rt, lease)
    is_last = attempts_exhausted(lease.attempt, lease.max_attempts)
    answers = KeptAnswers(rt, lease)
    with closing(build_provider(rt.settings, answers, is_last_attempt=is_last)) as provider:
        draft = _draft(provider, source)
    heartbeat.check()
    language = language_of(source.transcript.language)
    thread_ids = _plan_threads(rt, source, draft, language)
    artifacts = _assemble(rt, source, draft, thread_ids, language=language, provider=provider.name)
    artifacts = identified(artifacts, source.items, language)
    stored = {
        artifact.artifact_type: rt.store.create(
            rt.names.artifact(
                lease.lecture_id, lease.job_id, lease.attempt, artifact.artifact_type
            ),
            artifact.to_json(),
            "application/json",
        )
        for artifact in artifacts.all
    }
    reach("generation.stored", lease.job_id)

    def record(session: Session) -> None:
        lecture, course_id = source.lecture.id, _hold_course(session, source)
        if source.versions:
            lock_lectures_of(session, course_id)
        rt.jobs.hold(session, lease)
        said = said_of_threads(session, lecture)
        if _write_threads(rt, session, source, draft, language) != thread_ids:
            raise TransientError("The course's threads changed meanwhile.")
        if source.versions and said_of_threads(session, lecture) != said:
            renew_repetitions(rt, session, course_id, [lecture])
        _replace_rows(rt, session, lease, artifacts, stored)
        keep_identities(session, lease, artifacts, source.items)
        counts = {a.artifact_type.value: _counts(a) for a in artifacts.all}
        substituted = {kind.value: code for kind, code in draft.substituted.items()}
        rt.jobs.complete(
            session,
            lease,
            result={
                "counts": counts,
                "threads": len({*thread_ids} - {None}),
                **({"substituted": substituted} if substituted else {}),
            },
            cost={**asdict(draft.cost), "provider": provider.name, "model": provider.model},
        )
        rt.jobs.enqueue_next(session, lease, source.lecture)

    rt.transact(record)
    log.info(
        "generation.done",
        provider=provider.name,
        since_upload_sec=_since_upload(rt, source),
        **asdict(draft.cost),
    )


def _read(rt: Runtime, lease: Lease) -> Source:
    with rt.database.reading() as session:
        lecture = session.get_one(Lecture, lease.lecture_id, options=[joinedload(Lecture.course)])
        threads = known_threads(session, course_id=lecture.course_id, before=lecture.id)
        rows = session.scalars(
            select(ArtifactRow).where(ArtifactRow.lecture_id == lecture.id)
        ).all()
        uploaded_at = session.scalars(
            select(func.min(Job.created_at)).where(Job.lecture_id == lecture.id)
        ).one()
    if lecture.transcript_object is None:
        raise ObjectMissingError("The transcript has been deleted.")
    return Source(
        lecture=lecture,
        transcript=Transcript.model_validate_json(rt.store.read(lecture.transcript_object)),
        preset=load_preset(GenerationParams.of(lease.params).preset_id),
        threads=threads,
        versions={row.type: row.version for row in rows},
        items=known_items(rt, lease, {row.type: row.object for row in rows}),
        uploaded_at=uploaded_at,
    )


def _since_upload(rt: Runtime, source: Source) -> float | None:
    """How long a student has waited. None for regenerated material, for which no student waits
    since the upload."""
    if source.versions:
        return None
    return round((rt.clock() - source.uploaded_at).total_seconds(), 1)


def _draft(provider: Provider, source: Source) -> GroundedDraft:
    request = GenerationRequest(
        transcript=source.transcript,
        preset=source.preset,
        course_title=source.lecture.course.title,
        lecture_title=source.lecture.title,
        known_threads=source.threads,
    )
    return ground(provider.generate(request), request, provider, SUBSTITUTE)


def _plan_threads(
    rt: Runtime, source: Source, draft: GroundedDraft, language: Language
) -> tuple[uuid.UUID | None, ...]:
    """Which threads the concepts will belong to: done as in earnest, and undone.

    The artifacts name their threads and have to be stored before the transaction that
    makes them count, and no transaction may be open while they are.
    """
    with rt.transaction() as tx:
        _hold_course(tx.session, source)
        return _write_threads(rt, tx.session, source, draft, language)


def _hold_course(session: Session, source: Source) -> uuid.UUID:
    """Lock the course whose threads have been read. Raises LeaseLostError if the lecture is deleted
    or in another course by now: a move restarts the job."""
    course_id = source.lecture.course_id
    lock_course(session, course_id)
    if courses_of(session, [source.lecture.id]).get(source.lecture.id) != course_id:
        raise LeaseLostError()
    return course_id


def _write_threads(
    rt: Runtime, session: Session, source: Source, draft: GroundedDraft, language: Language
) -> tuple[uuid.UUID | None, ...]:
    return replace_occurrences(
        session,
        lecture_id=source.lecture.id,
        course_id=source.lecture.course_id,
        concepts=draft.concepts,
        language=language,
        now=rt.clock(),
        new_id=rt.new_id,
    )


def _assemble(
    rt: Runtime,
    source: Source,
    draft: GroundedDraft,
    thread_ids: Sequence[uuid.UUID | None],
    *,
    language: Language,
    provider: str,
) -> ArtifactSet:
    return assemble(
        draft,
        thread_ids=thread_ids,
        identities={
            kind: Identity(id=str(rt.new_id()), version=source.versions.get(kind, 0) + 1)
            for kind in ArtifactType
        },
        provenance=Provenance(
            course_id=source.lecture.course.slug,
            lecture_id=source.lecture.slug,
            preset_id=source.preset.id,
            provider=provider,
            substitute=SUBSTITUTE.name,
            generated_at=rt.clock(),
        ),
        language=language,
        announced=announcements(source.transcript, language),
    )


def _replace_rows(
    rt: Runtime,
    session: Session,
    lease: Lease,
    artifacts: ArtifactSet,
    stored: Mapping[ArtifactType, StoredObject],
) -> None:
    session.execute(
        update(Lecture).where(Lecture.id == lease.lecture_id).values(material_deleted_at=None)
    )
    for artifact in artifacts.all:
        placed = stored[artifact.artifact_type]
        values = {
            "id": uuid.UUID(artifact.id),
            "preset_id": artifact.preset_id,
            "version": artifact.version,
            "object": placed.name,
            "size": placed.size,
            "counts": _counts(artifact),
            "job_id": lease.job_id,
            "created_at": artifact.generated_at,
        }
        session.execute(
            insert(ArtifactRow)
            .values(lecture_id=lease.lecture_id, type=artifact.artifact_type, **values)
            .on_conflict_do_update(
                index_elements=[ArtifactRow.lecture_id, ArtifactRow.type], set_=values
            )
        )


def _counts(artifact: Artifact) -> JSON:
    match artifact:
        case Summary():
            sections = artifact.content.sections
            return {"sections": len(sections), "bullets": sum(len(s.bullets) for s in sections)}
        case Outline():
            return {"nodes": len(artifact.content.nodes)}
        case KeyTerms():
            return {"terms": len(artifact.content.terms)}
        case Flashcards():
            return {"cards": len(artifact.content.cards)}
        case ExamQuestions():
            return {"questions": len(artifact.content.questions)}
