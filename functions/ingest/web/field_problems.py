"""What does not fit the schema of a request: field by field, with a code for programs."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from functions.ingest.web.fields import IN_WORDS
from shared.errors import InvalidRequestError
from shared.schema import Schema

FieldCode = Literal[
    "required",
    "unknown_field",
    "duplicate",
    "wrong_type",
    "wrong_form",
    "not_one_of",
    "too_short",
    "too_long",
    "too_small",
    "too_large",
    "not_allowed",
]
"""`wrong_form`: text that its pattern does not match; `not_allowed`: any other rule."""

ANY_PATTERN = "is not of the form that the API's document describes"
_BOUNDS: Mapping[str, tuple[FieldCode, str, str, str]] = {
    "string_too_short": ("too_short", "min_length", "min", "has fewer than {} characters"),
    "string_too_long": ("too_long", "max_length", "max", "has more than {} characters"),
    "too_short": ("too_short", "min_length", "min", "has fewer than {} entries"),
    "too_long": ("too_long", "max_length", "max", "has more than {} entries"),
    "greater_than_equal": ("too_small", "ge", "min", "is less than {}"),
    "less_than_equal": ("too_large", "le", "max", "is more than {}"),
}
"""By pydantic's type: the code, the name of the bound in pydantic's context and in `params`."""
_FIXED: Mapping[str, tuple[FieldCode, str]] = {
    "missing": ("required", "is required"),
    "extra_forbidden": ("unknown_field", "is not a field of this request"),
    "value_error": ("not_allowed", ""),
}
_WRONG_TYPES: Mapping[str, tuple[FieldCode, str]] = {
    kind: ("wrong_type", words)
    for kind, words in {
        "bool": "is not true or false",
        "int": "is not a whole number",
        "float": "is not a number",
        "string": "is not text",
        "tuple": "is not an array",
        "model": "is not an object",
        "dict": "is not an object",
        "datetime": "is not a date and time as ISO 8601 writes them",
        "timezone": "has no offset from UTC, such as Z or +02:00",
        "uuid": "is not a UUID",
    }.items()
}
"""By the first word of pydantic's type."""
_OTHER: tuple[FieldCode, str] = ("not_allowed", "")


class FieldProblem(Schema):
    field: str
    """Its place in the request; members of objects and arrays follow a dot: `hold.until`."""
    code: FieldCode
    message: str
    """For people, in English, to be read after the field's name."""
    params: Mapping[str, int | float | tuple[str, ...]] = Field(default_factory=dict)
    """What a message in another language needs: `min` or `max` of a bound, `allowed` values."""


class InvalidFieldsError(InvalidRequestError):
    """The request does not fit its schema."""

    def __init__(
        self, message: str | None = None, *, problems: Sequence[FieldProblem] = ()
    ) -> None:
        super().__init__(message)
        self.problems = problems

    @classmethod
    def from_validation(cls, error: ValidationError) -> "InvalidFieldsError":
        found = error.errors(include_input=False, include_url=False)
        return cls(problems=[_problem(each) for each in found])


def _problem(item: ErrorDetails) -> FieldProblem:
    code, words, params = _described(item["type"], item.get("ctx", {}), item["msg"])
    return FieldProblem(
        field=".".join(map(str, item["loc"])), code=code, message=words, params=params
    )


def _described(
    type: str, context: Mapping[str, Any], message: str
) -> tuple[FieldCode, str, dict[str, Any]]:
    if type in _BOUNDS:
        code, name, shown, words = _BOUNDS[type]
        return code, words.format(context[name]), {shown: context[name]}
    if type in {"literal_error", "enum"}:
        expected = context["expected"]
        return "not_one_of", f"is not one of {expected}", {"allowed": _listed(expected)}
    if type == "string_pattern_mismatch":
        # A regular expression does not help a person; programs find it in the document.
        return "wrong_form", IN_WORDS.get(context["pattern"], ANY_PATTERN), {}
    code, words = _FIXED.get(type) or _WRONG_TYPES.get(type.partition("_")[0]) or _OTHER
    return code, words or message.removeprefix("Value error, "), {}


def _listed(expected: str) -> tuple[str, ...]:
    """As pydantic lists them: `'a', 'b' or 'c'`."""
    return tuple(each.strip().strip("'") for each in expected.replace(" or ", ", ").split(","))
