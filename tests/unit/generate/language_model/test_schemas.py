"""What is stored fits the schemas that are published."""

import json
import uuid
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from functions.export.formats.registry import FORMATS
from functions.generate.assemble import Identity, Provenance, assemble
from functions.generate.text.language import language_of
from scripts.document_schemas import FOLDER, MODELS, documents
from shared.documents.artifacts import ArtifactType
from shared.presets import list_presets
from tests.support.tiers import QUICK_PRESETS, slow_but
from tests.unit.export.documents import REGISTERED
from tests.unit.export.documents import lecture as document
from tests.unit.generate.lectures import NAMES, draft, grounded, lecture


def schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text())
    return read


def stored(name: str, preset: str = "exam") -> dict[str, Any]:
    """Each artifact of a lecture, as it lies in the bucket."""
    said = lecture(name)
    made = grounded(draft(said, preset), said, preset)
    artifacts = assemble(
        made,
        thread_ids=[uuid.uuid5(uuid.NAMESPACE_URL, concept.title) for concept in made.concepts],
        identities={kind: Identity(id=str(uuid.uuid4()), version=1) for kind in ArtifactType},
        provenance=Provenance("course", name, preset, "extractive", REGISTERED),
        language=language_of(said.language),
    )
    return {each.artifact_type.value: json.loads(each.to_json()) for each in artifacts.all}


@pytest.mark.parametrize("name", MODELS)
def test_each_is_a_schema_of_its_dialect_and_up_to_date(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    assert (FOLDER / f"{name}.schema.json").read_text() == documents()[f"{name}.schema.json"]


@pytest.mark.parametrize(
    "preset", slow_but(QUICK_PRESETS, (preset.id for preset in list_presets()))
)
@pytest.mark.parametrize("name", NAMES)
def test_every_stored_artifact_fits_its_schema(name: str, preset: str) -> None:
    for kind, artifact in stored(name, preset).items():
        jsonschema.validate(artifact, schema(kind), jsonschema.Draft202012Validator)


def test_a_transcript_and_an_export_fit_theirs() -> None:
    jsonschema.validate(json.loads(lecture("economics").to_json()), schema("transcript"))
    exported = json.loads(FORMATS["json"].render(document()))
    jsonschema.validate(exported, schema("lecture-export"))


@pytest.mark.parametrize("kind", [kind.value for kind in ArtifactType])
def test_an_item_without_evidence_fits_none(kind: str) -> None:
    artifact = stored("economics")[kind]
    _first_with_citations(artifact)["citations"] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(artifact, schema(kind))


def _first_with_citations(value: Any) -> Any:
    if isinstance(value, dict):
        if "citations" in value:
            return value
        value = list(value.values())
    if isinstance(value, list):
        return next((found for each in value if (found := _first_with_citations(each))), None)
    return None


def test_the_folder_holds_nothing_else() -> None:
    assert {path.name for path in Path(FOLDER).iterdir()} == {*documents(), "README.md"}
