"""A lecture that has everything a lecture can have, for tests that go through all of it."""

import uuid
from dataclasses import dataclass
from typing import Any

from shared.documents.artifacts import (
    ArtifactEnvelope,
    ArtifactType,
    Citation,
    ExamQuestions,
    ExamQuestionsContent,
    Flashcards,
    FlashcardsContent,
    Grounding,
    KeyTerms,
    KeyTermsContent,
    Outline,
    OutlineContent,
    Summary,
    SummaryContent,
)
from shared.documents.items import ItemKind
from shared.documents.transcript import Transcript, Utterance
from shared.models import (
    ArtifactRow,
    ExportRow,
    ItemEdit,
    Job,
    Lecture,
    LectureMark,
    Thread,
    ThreadOccurrence,
)
from shared.runtime import Runtime
from shared.search.passages import index_transcript
from tests.support.lectures.builders import add_course, failed, uploaded
from tests.support.sound.audio import tone


@dataclass(frozen=True)
class WholeLecture:
    lecture: Lecture
    job: Job
    """Has failed."""
    thread_id: uuid.UUID
    item: str
    """A flashcard of its owner's own."""
    mark: str
    """A moment that its owner marked."""


def add_whole_lecture(
    rt: Runtime, *, owner: str, course: str, slug: str, secret: str
) -> WholeLecture:
    """Rows of every table and objects of every kind; `secret` is in each text of it."""
    lecture = uploaded(
        rt, slug, owner=owner, course=course, title=f"On {secret}", duration_sec=10.0
    )
    rt.store.create(lecture.source_object, tone(), "audio/wav")
    job = failed(rt, lecture)
    job_id = uuid.uuid4()
    transcript = Transcript(
        language="en",
        duration_sec=10,
        provider="whisper",
        model="base",
        utterances=(
            Utterance(
                id=0, start_sec=0, end_sec=9, text=f"This is {secret}.", confidence=1, words=()
            ),
        ),
    )
    name = rt.names.transcript(lecture.id, job_id, 1)
    rt.store.create(name, transcript.to_json(), "application/json")
    thread_id = uuid.uuid4()
    now = rt.clock()
    with rt.database.unit_of_work() as session:
        session.get_one(Lecture, lecture.id).transcript_object = name
        index_transcript(session, lecture.id, transcript)
        for kind in ArtifactType:
            artifact = rt.names.artifact(lecture.id, job_id, 1, kind)
            stored = rt.store.create(
                artifact, _artifact(kind, lecture, secret).to_json(), "application/json"
            )
            session.add(
                ArtifactRow(
                    id=uuid.uuid4(),
                    lecture_id=lecture.id,
                    type=kind,
                    preset_id="exam",
                    version=1,
                    object=artifact,
                    size=stored.size,
                    counts={},
                    job_id=job_id,
                    created_at=now,
                )
            )
        export = rt.names.export(lecture.id, job_id, 1, "markdown")
        stored = rt.store.create(export, secret.encode(), "text/markdown")
        session.add(
            ExportRow(
                id=uuid.uuid4(),
                lecture_id=lecture.id,
                type="markdown",
                object=export,
                file_name="notes.md",
                content_type="text/markdown",
                size=stored.size,
                sha256="0" * 64,
                job_id=job_id,
                sources=[],
                created_at=now,
            )
        )
        session.add(
            Thread(
                id=thread_id,
                course_id=add_course(rt, course, owner=owner).id,
                key=secret,
                title=secret,
                description=secret,
                complexity=1,
                created_at=now,
                updated_at=now,
            )
        )
        item = f"p{uuid.uuid4().hex[:20]}"
        session.add(
            ItemEdit(
                lecture_id=lecture.id,
                item_id=item,
                kind=ItemKind.FLASHCARD,
                own=True,
                hidden=False,
                fields={"front": f"What is {secret}?", "back": secret},
                revision=uuid.uuid4(),
                created_at=now,
                updated_at=now,
            )
        )
        mark_id = uuid.uuid4()
        session.add(
            LectureMark(
                id=mark_id,
                lecture_id=lecture.id,
                at_sec=7.5,
                label=f"Why is it {secret}?",
                created_at=now,
                updated_at=now,
            )
        )
        session.flush()
        session.add(
            ThreadOccurrence(
                id=uuid.uuid4(),
                thread_id=thread_id,
                lecture_id=lecture.id,
                quote=secret,
                start_sec=0,
                end_sec=1,
            )
        )
        session.commit()
    return WholeLecture(lecture, job, thread_id, item, str(mark_id))


def _artifact(kind: ArtifactType, lecture: Lecture, secret: str) -> ArtifactEnvelope:
    envelope: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "course_id": "course",
        "lecture_id": lecture.slug,
        "preset_id": "exam",
        "generated_at": lecture.created_at,
        "version": 1,
        "provider": secret,
        "thread_refs": (),
        "grounding": Grounding(items=0, verified=0, repaired=0, dropped=0),
    }
    said = Citation(start_sec=0, end_sec=1, quote=secret)
    match kind:
        case ArtifactType.SUMMARY:
            overview = SummaryContent(overview=secret, overview_citations=(said,), sections=())
            return Summary(content=overview, **envelope)
        case ArtifactType.OUTLINE:
            return Outline(content=OutlineContent(nodes=()), **envelope)
        case ArtifactType.KEY_TERMS:
            return KeyTerms(content=KeyTermsContent(terms=()), **envelope)
        case ArtifactType.FLASHCARDS:
            return Flashcards(content=FlashcardsContent(cards=()), **envelope)
        case ArtifactType.EXAM_QUESTIONS:
            return ExamQuestions(content=ExamQuestionsContent(questions=()), **envelope)
