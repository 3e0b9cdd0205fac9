"""The quality gate: what a lecture must have before any file is made of it."""

from collections.abc import Iterable

from functions.export.document import StudyMaterial
from shared.documents.artifacts import (
    Artifact,
    ArtifactType,
    ExamQuestions,
    Flashcards,
    KeyTerms,
    Outline,
    Summary,
)
from shared.errors import ExportIncompleteError


def require_complete(artifacts: Iterable[Artifact], *, min_summary_sections: int) -> StudyMaterial:
    """Sort the artifacts by kind.

    Raises ExportIncompleteError naming everything that is missing.
    """
    found = {artifact.artifact_type: artifact for artifact in artifacts}
    problems = [f"no {kind.value}" for kind in ArtifactType if kind not in found]
    summary = found.get(ArtifactType.SUMMARY)
    if isinstance(summary, Summary):
        problems += _shortcomings(summary, min_summary_sections)
    match [found.get(kind) for kind in ArtifactType]:
        case [
            Summary() as summary,
            Outline() as outline,
            KeyTerms() as key_terms,
            Flashcards() as flashcards,
            ExamQuestions() as exam_questions,
        ] if not problems:
            return StudyMaterial(
                summary=summary,
                outline=outline,
                key_terms=key_terms,
                flashcards=flashcards,
                exam_questions=exam_questions,
            )
    raise ExportIncompleteError(f"The lecture cannot be exported yet: {', '.join(problems)}.")


def _shortcomings(summary: Summary, min_sections: int) -> list[str]:
    problems = []
    if not summary.content.overview.strip():
        problems.append("the summary's overview is empty")
    if (count := len(summary.content.sections)) < min_sections:
        problems.append(f"the summary has {count} of at least {min_sections} sections")
    return problems
