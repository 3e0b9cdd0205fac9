"""Reading what a client sent."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from flask import request
from pydantic import ValidationError

from shared.errors import InvalidRequestError
from shared.schema import Schema

M = TypeVar("M", bound=Schema)


class InvalidFieldsError(InvalidRequestError):
    """The request does not fit its schema."""

    def __init__(self, fields: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__()
        self.fields = list(fields)
        """`{field, message}` for each that does not fit."""


def read_fields(model: type[M], values: Mapping[str, Any]) -> M:
    """Raises InvalidFieldsError naming every field that does not fit."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidFieldsError(
            [
                {"field": ".".join(map(str, item["loc"])), "message": item["msg"]}
                for item in error.errors(include_input=False, include_url=False)
            ]
        ) from None


def read_body(model: type[M], *, optional: bool = False) -> M:
    """The JSON body of the request; an empty one stands for `{}` where it is optional.

    Raises InvalidRequestError.
    """
    if optional and not request.data:
        return read_fields(model, {})
    body = request.get_json()
    if not isinstance(body, dict):
        raise InvalidRequestError("The body is not a JSON object.")
    return read_fields(model, body)
