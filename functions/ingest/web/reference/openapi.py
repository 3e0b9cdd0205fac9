"""The OpenAPI 3.1 document, made from the operations and their models."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from functions.ingest.web.answers import ETAG_PATTERN
from functions.ingest.web.operations import Answer, Events, Media, Operation
from functions.ingest.web.problems import ProblemDocument, phrase

Json = dict[str, Any]
_Mode = Literal["validation", "serialization"]
_Refs = Mapping[tuple[type[BaseModel], _Mode], Json]

VERSION = "1.0.0"
"""Of the API, not of the code."""

INTRODUCTION = """\
A recorded lecture goes in, study material comes out. The guide for client developers is
`docs/api-guide.md` in the repository.

Errors are problem documents (RFC 9457) with a stable `code`. Every answer carries an
`X-Request-Id`; one that the client sends is kept if it is 1 to 64 letters, digits, `.`, `_` or
`-`. Writes may carry an `Idempotency-Key`: sent again with the same key and the same request,
they are answered as before and not done again. JSON is camelCase."""

_SCHEMAS = "#/components/schemas/"
_SEGMENT: Json = {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[^/\\x00]+$"}
_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A write that comes again with its key is answered, not done, again.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,200}$"},
}
_IF_NONE_MATCH: Json = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of what the client has.",
    "schema": {"type": "string"},
}
_LAST_EVENT_ID: Json = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The `id` of the last event that the client has read: the stream continues "
    "behind it.",
    "schema": {"type": "string"},
}
_IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The `ETag` of what is to be changed: if it is another by now, nothing is.",
    "schema": {"type": "string", "pattern": f"^{ETAG_PATTERN}$"},
}


def openapi_document(operations: Sequence[Operation]) -> Json:
    refs, definitions = _schemas(operations)
    for form in filter(None, (operation.form for operation in operations)):
        properties = definitions[form.__name__]["properties"]
        properties |= {name: _without_null(each) for name, each in properties.items()}
    paths: Json = {}
    for operation in operations:
        methods = paths.setdefault(documented_path(operation), {})
        methods[operation.method.lower()] = _operation(operation, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pegasus", "version": VERSION, "description": INTRODUCTION},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(definitions.items())),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An ID token of Firebase or Identity Platform, one of an "
                    "operator's Google account, or the installation's static token.",
                }
            },
        },
    }


def documented_path(operation: Operation) -> str:
    """With the names of its variables as in JSON."""
    return re.sub(r"{(\w+)}", lambda match: f"{{{to_camel(match[1])}}}", operation.path)


def _operation(operation: Operation, refs: _Refs) -> Json:
    parameters = [
        {"name": to_camel(name), "in": "path", "required": True, "schema": _SEGMENT}
        for name in operation.path_parameters
    ]
    documented: Json = {
        "tags": [operation.tag],
        "operationId": operation.name,
        "summary": operation.summary.rstrip("."),
        "description": operation.description,
        "parameters": [*parameters, *_query(operation)],
        "responses": dict(_responses(operation, refs)),
        "security": [] if operation.public else [{"bearer": []}],
    }
    if operation.deprecated:
        documented["deprecated"] = True
    if operation.is_write:
        documented["parameters"].append(_IDEMPOTENCY_KEY)
    if operation.conditional:
        documented["parameters"].append(_IF_NONE_MATCH)
    if operation.resumable:
        documented["parameters"].append(_LAST_EVENT_ID)
    if operation.matching:
        documented["parameters"].append(_IF_MATCH)
    content = {
        media: {"schema": refs[model, "validation"]}
        for media, model in (
            ("application/json", operation.body),
            ("multipart/form-data", operation.form),
        )
        if model
    }
    if content:
        documented["requestBody"] = {"required": not operation.body_optional, "content": content}
    return documented


def _query(operation: Operation) -> Iterator[Json]:
    if operation.query is None:
        return
    schema = operation.query.model_json_schema(by_alias=True, schema_generator=_WithoutFieldTitles)
    for name, given in schema["properties"].items():
        value = _inlined(given, schema.get("$defs", {}))
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": value.pop("description", ""),
            "schema": _without_null(value),
        }


def _inlined(schema: Any, definitions: Mapping[str, Json]) -> Any:
    """With the model's own definitions in place of references to them: a parameter has none."""
    match schema:
        case {"$ref": str(reference), **more}:
            definition = definitions[reference.removeprefix("#/$defs/")]
            return {**_inlined(definition, definitions), **more}
        case dict():
            return {name: _inlined(each, definitions) for name, each in schema.items()}
        case list():
            return [_inlined(each, definitions) for each in schema]
    return schema


def _without_null(schema: Json) -> Json:
    """What is text in the end, in a query or a form, may be left out and is never null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) != 1:
        return schema
    return {**{k: v for k, v in schema.items() if k not in {"anyOf", "default"}}, **kinds[0]}


def _responses(operation: Operation, refs: _Refs) -> Iterator[tuple[str, Json]]:
    for status, answer in sorted(operation.answers.items()):
        shown: Json = {"description": phrase(status)}
        match answer:
            case Media(media_type=media, model=model):
                shown["content"] = {
                    media: {"schema": refs[model, "serialization"]} if model else {}
                }
            case Events(data=data):
                schemas = {name: refs[model, "serialization"] for name, model in data.items()}
                shown["content"] = {"text/event-stream": {"schema": _event(schemas)}}
            case type():
                shown["content"] = {"application/json": {"schema": refs[answer, "serialization"]}}
        yield str(status), shown
    if operation.conditional:
        yield "304", {"description": "The client has it."}
    problem = {"application/problem+json": {"schema": refs[ProblemDocument, "serialization"]}}
    for status in sorted(operation.problems):
        if status not in operation.answers:
            yield str(status), {"description": phrase(status), "content": problem}


def _schemas(operations: Sequence[Operation]) -> tuple[_Refs, Json]:
    wanted: dict[tuple[type[BaseModel], _Mode], None] = {(ProblemDocument, "serialization"): None}
    for operation in operations:
        for model in (operation.body, operation.form):
            if model:
                wanted[model, "validation"] = None
        for answer in operation.answers.values():
            for shown in _models(answer):
                wanted[shown, "serialization"] = None
    refs, schema = models_json_schema(
        list(wanted),
        by_alias=True,
        ref_template=f"{_SCHEMAS}{{model}}",
        schema_generator=_WithoutFieldTitles,
    )
    return _readable(refs), _readable(schema.get("$defs", {}))


def _event(data: Mapping[str, Json]) -> Json:
    """Of each event of a stream: OpenAPI 3.1 has no other place for it than the whole answer's."""
    return {
        "type": "object",
        "properties": {
            "event": {"enum": [*data]},
            "data": {"type": "string", "contentMediaType": "application/json"},
            "id": {"type": "string"},
        },
        "required": ["event", "data"],
        "allOf": [
            {
                "if": {"properties": {"event": {"const": name}}},
                "then": {
                    "properties": {
                        "data": {"contentMediaType": "application/json", "contentSchema": schema}
                    }
                },
            }
            for name, schema in data.items()
        ],
    }


def _models(answer: Answer) -> Iterable[type[BaseModel]]:
    match answer:
        case Media(model=model):
            return () if model is None else (model,)
        case Events(data=data):
            return data.values()
        case None:
            return ()
        case _:
            return (answer,)


class _WithoutFieldTitles(GenerateJsonSchema):
    """A title made of a field's name says nothing that the name does not."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _readable(value: Any) -> Any:
    """A model that is read and written has two schemas: the one that is answered bears its name,
    the other is its request. A default of null says only that a field may be left out."""
    match value:
        case dict():
            return {
                _schema_name(name) if isinstance(name, str) else name: _readable(each)
                for name, each in value.items()
                if (name, each) != ("default", None)
            }
        case list():
            return [_readable(each) for each in value]
        case str() if value.startswith(_SCHEMAS):
            return _schema_name(value)
    return value


def _schema_name(name: str) -> str:
    return name.removesuffix("-Output").replace("-Input", "Request")
