"""Strict parsing of requests: what the OpenAPI document does not allow is refused."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from flask import Request
from pydantic import BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from functions.ingest.web.field_problems import FieldProblem, InvalidFieldsError
from shared.errors import InvalidRequestError
from shared.schema import Schema

M = TypeVar("M", bound=Schema)

MAX_JSON_BYTES = 1 << 20
_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")
_BOOLEANS = {"true": True, "false": False}


def _whole_number(value: object) -> object:
    if isinstance(value, str):
        if _WHOLE_NUMBER.fullmatch(value) is None:
            raise PydanticCustomError("int_from_text", "is not a whole number")
        return int(value)
    return value


def _boolean(value: object) -> object:
    if isinstance(value, str):
        if value not in _BOOLEANS:
            raise PydanticCustomError("bool_from_text", "is not true or false")
        return _BOOLEANS[value]
    return value


FROM_TEXT = BeforeValidator(_whole_number)
"""Digits alone. Pydantic would take `1_0` and ` 1` as well."""
Flag = Annotated[bool, BeforeValidator(_boolean)]
"""From text: `true` or `false` alone."""
Limit = Annotated[int, Field(ge=1, le=200), FROM_TEXT]
Offset = Annotated[int, Field(ge=0, le=1_000_000), FROM_TEXT]


def read_query(model: type[M], request: Request) -> M:
    """Raises InvalidFieldsError."""
    given = request.args
    if twice := [name for name, values in given.lists() if len(values) > 1]:
        raise InvalidFieldsError(
            problems=[
                FieldProblem(field=name, code="duplicate", message="is given twice")
                for name in twice
            ]
        )
    return read_fields(model, given.to_dict())


def read_fields(model: type[M], values: Mapping[str, Any]) -> M:
    """Raises InvalidFieldsError naming every field that does not fit."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidFieldsError.from_validation(error) from None


def read_bytes(request: Request) -> bytes:
    """A body that is no form. One that is announced too large is refused unread.

    Raises werkzeug's RequestEntityTooLarge and BadRequest, and BodyTooSlowError.
    """
    request.max_content_length = MAX_JSON_BYTES
    return request.get_data()


def read_body(model: type[M], request: Request, *, optional: bool = False) -> M:
    """The JSON body of the request; an empty one stands for `{}` where it is optional.

    Raises InvalidFieldsError, werkzeug's UnsupportedMediaType, and what `read_bytes` raises.
    """
    body = read_bytes(request)
    if optional and not body:
        body = b"{}"
    elif not request.is_json:
        raise UnsupportedMediaType("The body must be JSON: Content-Type: application/json.")
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        if any(item["type"] == "json_invalid" for item in error.errors()):
            raise _no_json(body) from None
        raise InvalidFieldsError.from_validation(error) from None


def _no_json(body: bytes) -> Exception:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return BadRequest("The body is not JSON.")
    return InvalidRequestError("The body holds text that is not Unicode.")
