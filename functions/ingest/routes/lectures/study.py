"""What a lecture's screen shows, in one answer."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.ingest.admission.auth import caller
from functions.ingest.lectures.current_material import LECTURE_COLUMNS, Material, material_of
from functions.ingest.lectures.lookup import no_lecture, own_lecture
from functions.ingest.lectures.outdated import material_is_outdated
from functions.ingest.lectures.shown import lecture_of
from functions.ingest.progress.estimate import TypicalTimes
from functions.ingest.progress.progress import progress_of, summary_of
from functions.ingest.routes.lectures.marks import mark_records
from functions.ingest.schemas.material import AnyArtifact
from functions.ingest.schemas.study import (
    StudyArtifact,
    StudyQuery,
    StudyResponse,
    ThreadTitle,
)
from functions.ingest.web.answers import etag_of, unless_known
from functions.ingest.web.fields import STUDY_PARTS
from functions.ingest.web.operations import Operations
from shared.courses.threads import thread_is_shown
from shared.documents.artifacts import ArtifactType
from shared.models import ArtifactRow, Lecture, Thread, ThreadOccurrence
from shared.runtime import Runtime


def operations(rt: Runtime) -> Operations:
    routes = Operations("study material")
    typical = TypicalTimes()

    @routes.get("/lectures/{lecture_id}/study", answers={200: StudyResponse}, conditional=True)
    def read_study(lecture_id: str, query: StudyQuery) -> Response:
        """What a lecture's screen shows: the lecture, its progress, its material with the owner's
        changes, the titles of its threads, and the owner's marks.

        Its ETag changes with any of them. A lecture without material has no artifacts here.
        """
        parts = frozenset(query.include.split(",") if query.include else STUDY_PARTS)
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id, *LECTURE_COLUMNS)
            material = material_of(session, lecture)
            known = StudyResponse(
                lecture=None,
                progress=None,
                outdated=_is_outdated(session, lecture),
                artifacts=None,
                threads=_threads(session, lecture) if "threads" in parts else None,
                marks=mark_records(session, lecture) if "marks" in parts else None,
            )
        with rt.database.autocommit() as connection:
            owner = caller().owner
            if "progress" in parts:
                progress = progress_of(connection, owner, lecture_id, typical, now=rt.clock())
                if progress is None:
                    raise no_lecture(lecture_id)  # It has been deleted meanwhile.
                known = known.model_copy(update={"progress": summary_of(progress)})
            if "lecture" in parts:
                shown = lecture_of(rt, connection, owner, lecture_id)
                known = known.model_copy(update={"lecture": shown})
        types = [type for type in ArtifactType if type in parts and type in material.objects]
        wants_artifacts = not parts.isdisjoint(ArtifactType)

        def read() -> bytes:
            artifacts = _artifacts(rt, material, types, with_hidden=query.hidden)
            return known.model_copy(
                update={"artifacts": artifacts if wants_artifacts else None}
            ).to_json()

        versions = [material.version(type) for type in types]
        asked = f"{sorted(parts)} {query.hidden}"
        return unless_known(request, "\n".join([asked, known.model_dump_json(), *versions]), read)

    return routes


def _artifacts(
    rt: Runtime, material: Material, types: Collection[ArtifactType], *, with_hidden: bool
) -> tuple[StudyArtifact, ...]:
    def shown(type: ArtifactType) -> StudyArtifact:
        return StudyArtifact(
            type=type,
            etag=f'"{etag_of(material.version(type))}"',
            artifact=AnyArtifact(material.shown(rt, type, with_hidden=with_hidden)),
        )

    with ThreadPoolExecutor(len(ArtifactType)) as pool:
        return tuple(pool.map(shown, types))


def _is_outdated(session: Session, lecture: Lecture) -> bool:
    rows = session.scalars(select(ArtifactRow).where(ArtifactRow.lecture_id == lecture.id)).all()
    return material_is_outdated(session, lecture.id, rows)


def _threads(session: Session, lecture: Lecture) -> tuple[ThreadTitle, ...]:
    of_lecture = select(ThreadOccurrence.thread_id).where(ThreadOccurrence.lecture_id == lecture.id)
    rows = session.execute(
        select(Thread.id, Thread.title)
        .where(Thread.id.in_(of_lecture), thread_is_shown)
        .order_by(Thread.title, Thread.id)
    )
    return tuple(ThreadTitle(thread_id=str(row.id), title=row.title) for row in rows)
