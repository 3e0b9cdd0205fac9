"""The OpenAPI document as a whole: everything that it refers to is in it."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions.ingest.app import all_operations
from functions.ingest.web.reference.openapi import openapi_document
from scripts.document_api import NOWHERE
from shared.config import Settings
from shared.runtime import build_runtime

DOCUMENT = openapi_document(all_operations(build_runtime(Settings.model_validate(NOWHERE))))


def nodes(value: Any, path: str = "#") -> Iterator[tuple[str, Any]]:
    yield path, value
    if isinstance(value, dict):
        for name, each in value.items():
            yield from nodes(each, f"{path}/{name}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from nodes(each, f"{path}/{number}")


def followed(reference: str) -> Any:
    assert reference.startswith("#/"), reference
    value: Any = DOCUMENT
    for part in reference[2:].split("/"):
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return value


def test_every_reference_leads_somewhere() -> None:
    references = {
        value["$ref"]
        for _, value in nodes(DOCUMENT)
        if isinstance(value, dict) and isinstance(value.get("$ref"), str)
    }
    assert references
    for reference in references:
        assert followed(reference), reference


def test_a_validator_of_the_specification_accepts_it() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_definitions_stand_where_references_look_for_them() -> None:
    assert [path for path, _ in nodes(DOCUMENT) if path.endswith("/$defs")] == []


def test_every_schema_is_one() -> None:
    schemas = [value for path, value in nodes(DOCUMENT) if path.endswith("/schema")]
    for schema in (*schemas, *DOCUMENT["components"]["schemas"].values()):
        Draft202012Validator.check_schema(schema)


def test_every_operation_is_named_once_and_its_parameters_are_in_the_path() -> None:
    names = []
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            names.append(operation["operationId"])
            given = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert given == {part[1:-1] for part in path.split("/") if part.startswith("{")}
            assert operation["responses"]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("schema", ["IngestRequest", "IngestForm"])
def test_a_checksum_has_the_name_of_the_guide(schema: str) -> None:
    properties = DOCUMENT["components"]["schemas"][schema]["properties"]

    assert "crc32c" in properties
    assert "crc32C" not in str(DOCUMENT)


def test_what_an_answer_always_has_is_required_and_what_a_request_may_leave_out_is_not() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    assert set(schemas["StageProgress"]["required"]) == set(schemas["StageProgress"]["properties"])
    assert set(schemas["Consent"]["required"]) == {"informed", "basis", "at"}
    assert "required" not in schemas["ConsentRequest"]
    assert "language" not in schemas["Utterance"]["required"], "it may be left out"
    assert "errors" not in schemas["ProblemDocument"]["required"]


def test_no_field_is_said_to_be_null_by_default() -> None:
    assert [
        path for path, value in nodes(DOCUMENT) if path.endswith("/default") and value is None
    ] == []
