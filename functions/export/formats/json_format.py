"""Everything as JSON, for programs: the schema is `LectureExport`."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from functions.export.document import CourseThread, LectureDocument, Mark
from functions.export.text.file_names import file_name
from shared.documents.artifacts import ExamQuestions, Flashcards, KeyTerms, Outline, Summary
from shared.documents.transcript import Transcript
from shared.documents.warnings import Warnings
from shared.schema import Schema


class ExportedCourse(Schema):
    id: UUID
    slug: str
    title: str


class ExportedLecture(Schema):
    id: UUID
    slug: str
    title: str
    date: datetime
    language: str
    duration_sec: float
    preset_id: str
    warnings: Warnings


class LectureExport(Schema):
    """Text is unescaped, as generated: the client escapes it for display."""

    schema_version: Literal[1] = 1
    course: ExportedCourse
    lecture: ExportedLecture
    summary: Summary
    outline: Outline
    key_terms: KeyTerms
    flashcards: Flashcards
    exam_questions: ExamQuestions
    threads: tuple[CourseThread, ...]
    marks: tuple[Mark, ...]
    """Moments that the student marked, in the order of their times."""
    transcript: Transcript | None


class JsonFormat:
    type = "json"
    content_type = "application/json"
    needs_transcript = False

    def file_name(self, document: LectureDocument) -> str:
        return file_name(document, "json")

    def render(self, document: LectureDocument) -> bytes:
        material = document.material
        return LectureExport(
            course=ExportedCourse(
                id=document.course_id, slug=document.course_slug, title=document.course
            ),
            lecture=ExportedLecture(
                id=document.lecture_id,
                slug=document.lecture_slug,
                title=document.title,
                date=document.date,
                language=document.language,
                duration_sec=document.duration_sec,
                preset_id=document.preset_id,
                warnings=document.warnings,
            ),
            summary=material.summary,
            outline=material.outline,
            key_terms=material.key_terms,
            flashcards=material.flashcards,
            exam_questions=material.exam_questions,
            threads=document.threads,
            marks=document.marks,
            transcript=document.transcript,
        ).to_json()
