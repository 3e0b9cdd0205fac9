"""Nothing incomplete is exported."""

import pytest

from functions.export.document import LectureDocument, StudyMaterial
from functions.export.quality_gate import require_complete
from shared.documents.artifacts import Artifact, ArtifactType, SummaryContent
from shared.errors import ExportIncompleteError
from tests.unit.export.documents import lecture

DOCUMENT: LectureDocument = lecture()


def artifacts(material: StudyMaterial = DOCUMENT.material) -> list[Artifact]:
    return [
        material.exam_questions,
        material.summary,
        material.outline,
        material.key_terms,
        material.flashcards,
    ]


def with_summary(**changes: object) -> list[Artifact]:
    summary = DOCUMENT.material.summary
    content = SummaryContent.model_construct(**{**dict(summary.content), **changes})
    changed = summary.model_copy(update={"content": content})
    return [changed if each is summary else each for each in artifacts()]


def test_a_complete_lecture_passes_in_any_order() -> None:
    assert require_complete(artifacts(), min_summary_sections=3) == DOCUMENT.material


@pytest.mark.parametrize("missing", ArtifactType)
def test_a_missing_artifact_is_named(missing: ArtifactType) -> None:
    present = [each for each in artifacts() if each.artifact_type != missing]
    with pytest.raises(ExportIncompleteError, match=f"no {missing.value}"):
        require_complete(present, min_summary_sections=1)


def test_everything_missing_is_named_at_once() -> None:
    with pytest.raises(ExportIncompleteError) as refusal:
        require_complete([], min_summary_sections=1)
    assert all(kind.value in refusal.value.message for kind in ArtifactType)


def test_an_empty_overview_is_refused() -> None:
    with pytest.raises(ExportIncompleteError, match="overview is empty"):
        require_complete(with_summary(overview=" \n"), min_summary_sections=1)


def test_too_few_summary_sections_are_refused() -> None:
    with pytest.raises(ExportIncompleteError, match="3 of at least 4 sections"):
        require_complete(artifacts(), min_summary_sections=4)


def test_an_operator_may_ask_for_no_sections() -> None:
    material = require_complete(with_summary(sections=()), min_summary_sections=0)
    assert material.summary.content.sections == ()
