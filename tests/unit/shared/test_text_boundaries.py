"""No model that reads what comes from outside has a text that may hold anything."""

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from pydantic import AfterValidator, BaseModel, StringConstraints

from functions.generate.providers.language_model import repairs, wire
from functions.ingest.app import all_operations
from functions.transcribe.recognizers.hosted.answers import WireAnswer
from scripts.document_api import NOWHERE
from shared.config import Settings
from shared.errors import GenerationRefusedError
from shared.messaging import events
from shared.runtime import build_runtime
from shared.text import is_storable
from shared.work.retry import Failure

OPERATIONS = all_operations(build_runtime(Settings.model_validate(NOWHERE)))
READ: set[type[BaseModel]] = {
    *(each for one in OPERATIONS for each in (one.query, one.body, one.form) if each),
    *(
        each
        for module in (events, wire, repairs)
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, BaseModel)
        and each.__module__ == module.__name__
    ),
    WireAnswer,
}


@pytest.mark.parametrize("model", sorted(READ, key=str))
def test_every_text_from_outside_has_a_type_that_can_be_stored(model: type[BaseModel]) -> None:
    assert list(_unchecked(model)) == []


def test_the_check_notices_a_text_that_may_hold_anything() -> None:
    class Inner(BaseModel):
        text: str

    class Outer(BaseModel):
        inner: tuple[Inner, ...] | None

    assert list(_unchecked(Outer)) == ["Inner.text"]


def test_a_failure_with_a_vendors_words_can_be_recorded() -> None:
    failure = Failure.of(GenerationRefusedError("the model refused: \x00\ud800"))
    assert is_storable(failure.message)


def _unchecked(model: type[BaseModel]) -> Iterator[str]:
    for name, hint in get_type_hints(model, include_extras=True).items():
        if name in model.model_fields:
            for found in _texts(hint):
                yield found or f"{model.__name__}.{name}"


def _texts(hint: Any) -> Iterator[str]:
    if hint is str:
        yield ""
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from _unchecked(hint)
    elif get_origin(hint) is Annotated:
        kind, *metadata = get_args(hint)
        if kind is not str or not any(map(_restricts, metadata)):
            yield from _texts(kind)
    else:
        for argument in get_args(hint):
            yield from _texts(argument)


def _restricts(metadata: object) -> bool:
    if isinstance(metadata, StringConstraints):
        return metadata.pattern is not None
    return isinstance(metadata, AfterValidator)
