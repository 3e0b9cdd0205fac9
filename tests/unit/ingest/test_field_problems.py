"""Each field that does not fit is named with a stable code and a sentence for people."""

import json
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic_core.core_schema import ErrorType

from functions.ingest.schemas.jobs import BatchReplayRequest
from functions.ingest.schemas.retention import RetentionRules
from functions.ingest.schemas.uploads import IngestRequest
from functions.ingest.web import field_problems
from functions.ingest.web.field_problems import InvalidFieldsError
from functions.ingest.web.paging import PageQuery
from functions.ingest.web.reading import read_fields

PYDANTICS_OWN = ("Input", "should", "String", "Value", "valid", "permitted")


@pytest.mark.parametrize(
    ("model", "given", "field", "code", "params"),
    [
        (IngestRequest, {}, "courseId", "required", {}),
        (IngestRequest, {"courseId": "c", "corse": 1}, "corse", "unknown_field", {}),
        (IngestRequest, {"courseId": 7}, "courseId", "wrong_type", {}),
        (IngestRequest, {"courseId": "a b"}, "courseId", "wrong_form", {}),
        (IngestRequest, {"courseId": "c", "title": "t" * 301}, "title", "too_long", {"max": 300}),
        (IngestRequest, {"courseId": "c", "title": "\u200b"}, "title", "wrong_form", {}),
        (IngestRequest, {"courseId": "c", "sizeBytes": 0}, "sizeBytes", "too_small", {"min": 1}),
        (IngestRequest, {"courseId": "c", "sizeBytes": "x"}, "sizeBytes", "wrong_type", {}),
        (IngestRequest, {"courseId": "c", "consentAt": "noon"}, "consentAt", "wrong_type", {}),
        (
            IngestRequest,
            {"courseId": "c", "consentAt": "2026-01-01T00:00:00"},
            "consentAt",
            "wrong_type",
            {},
        ),
        (BatchReplayRequest, {"limit": 201}, "limit", "too_large", {"max": 200}),
        (BatchReplayRequest, {"jobIds": ["x"]}, "jobIds.0", "wrong_type", {}),
        (BatchReplayRequest, {"jobIds": {}}, "jobIds", "wrong_type", {}),
        (
            BatchReplayRequest,
            {"type": "cook"},
            "type",
            "not_one_of",
            {"allowed": ["transcription", "generation", "export"]},
        ),
        (RetentionRules, {"hold": {}}, "hold.until", "required", {}),
        (PageQuery, {"limit": "1_0"}, "limit", "wrong_type", {}),
    ],
)
def test_it_has_a_code_and_what_a_translation_needs(
    model: Any, given: dict[str, Any], field: str, code: str, params: dict[str, Any]
) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        read_fields(model, given)

    found = {each.field: json.loads(each.to_json()) for each in refused.value.problems}
    assert (found[field]["code"], found[field]["params"]) == (code, params)
    assert not any(word in found[field]["message"] for word in PYDANTICS_OWN), found[field]


def test_the_types_that_it_knows_are_pydantics() -> None:
    """A type that pydantic renames would otherwise be answered with another code."""
    types = set(get_args(ErrorType))

    assert set(field_problems._BOUNDS) <= types
    assert set(field_problems._FIXED) <= types
    kinds = {type.partition("_")[0] for type in types}
    assert set(field_problems._WRONG_TYPES) <= kinds
    assert {"literal_error", "enum", "string_pattern_mismatch"} <= types


def test_all_that_do_not_fit_are_named() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        read_fields(IngestRequest, {"title": 1, "sizeBytes": -1})

    fields = {each.field for each in refused.value.problems}
    assert fields == {"courseId", "title", "sizeBytes"}
    assert all(isinstance(each, BaseModel) for each in refused.value.problems)
