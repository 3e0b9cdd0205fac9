"""What a log or an audit says of an exception: types, codes and frames, no text.

An exception's text may hold anything: a sentence of a lecture (`input_value` of pydantic), the
parameters of a statement (SQLAlchemy), an object name, a token. None of it is repeated here.
"""

import traceback
from collections.abc import Iterator
from errno import errorcode

from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError

from shared.errors import PegasusError
from shared.errors.sqlstate import constraint_of, sqlstate

MOST_LOCATIONS = 10
"""Of a pydantic error: an answer with a thousand wrong items has the first ones reported."""
OWN_PACKAGES = ("shared.", "functions.")

_CAUSED = "The above exception was the direct cause of the following exception:"
_HANDLED = "During handling of the above exception, another exception occurred:"


def reason_of(error: BaseException) -> str:
    """One word: the type of a vendor's error (`Forbidden`, `ServiceUnavailable`), otherwise our
    own code."""
    if error.__cause__ is not None:
        return type(error.__cause__).__name__
    return error.code if isinstance(error, PegasusError) else PegasusError.code


def describe(error: BaseException) -> str:
    """Type and codes: `IntegrityError (23505, uq_lectures_owner)`."""
    details = ", ".join(_details(error))
    name = type(error).__qualname__
    return f"{name} ({details})" if details else name


def trace_of(error: BaseException) -> str:
    """As Python prints a traceback, chain and groups included, with `describe` for each text."""
    return "\n".join(_lines(error, set()))


def _lines(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    if (cause := error.__cause__) is not None and id(cause) not in seen:
        yield from (*_lines(cause, seen), "", _CAUSED, "")
    elif (
        (context := error.__context__) is not None
        and not error.__suppress_context__
        and id(context) not in seen
    ):
        yield from (*_lines(context, seen), "", _HANDLED, "")
    yield "Traceback (most recent call last):"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
        if frame.line:
            yield f"    {frame.line}"
    yield describe(error)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            if id(each) not in seen:
                yield from (f"  | {line}" for line in _lines(each, seen))


def _details(error: BaseException) -> Iterator[str]:
    match error:
        case PegasusError():
            yield error.code
        case ValidationError():
            yield from _locations(error)
        case DBAPIError():
            yield from filter(None, (sqlstate(error), constraint_of(error)))
        case OSError(errno=int(number)):
            yield errorcode.get(number, str(number))
        case _:
            # The HTTP status of Google's and OpenAI's errors.
            for name in ("code", "status_code"):
                if isinstance(status := getattr(error, name, None), int):
                    yield str(int(status))


def _locations(error: ValidationError) -> Iterator[str]:
    ours = _field_names()
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    for problem in problems[:MOST_LOCATIONS]:
        # A key that no model has is the answer's own text.
        path = ".".join(
            str(part) if isinstance(part, int) or part in ours else "*" for part in problem["loc"]
        )
        yield f"{path}: {problem['type']}" if path else problem["type"]
    if len(problems) > MOST_LOCATIONS:
        yield f"{len(problems) - MOST_LOCATIONS} more"


def _field_names() -> set[str]:
    """Fields of the product's own models, as Python and as JSON name them."""
    return {
        name
        for model in _models(BaseModel)
        if model.__module__.startswith(OWN_PACKAGES)
        for field, info in model.model_fields.items()
        for name in (field, info.alias)
        if name is not None
    }


def _models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)
