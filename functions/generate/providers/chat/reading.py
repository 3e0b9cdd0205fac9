"""Reading an answer: whatever is whole in it is kept.

Models think aloud before the answer, put words or a fence around it, break off in the middle, and
write one item of twenty in another form. None of that makes the other items unusable.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

Form = TypeVar("Form", bound=BaseModel)
Path = tuple[int | str, ...]

_THOUGHTS = re.compile(r"\A.*</(?:think|thinking|thought|reasoning)>", re.DOTALL)
_STARTS_TRIED = 100
"""Braces at which the answer may begin: a preamble has a few, a page of another kind thousands."""
_ROUNDS = 20
"""Of leaving out what is wrong. An item is gone after two rounds, one for its field and one for
itself; the rest is for items within items."""
_DECODER = json.JSONDecoder(strict=False)
"""Takes a line break within a text, which models write."""


def read(form: type[Form], text: str) -> Form:
    """The answer, without the items that are not of the form.

    Raises ValidationError where nothing of the form is left.
    """
    text = _THOUGHTS.sub("", text)
    try:
        return form.model_validate_json(text)
    except ValidationError as error:
        found = _object_in(text, form)
        if found is None:
            raise
        return _whole_items(form, found, error)


def _object_in(text: str, form: type[BaseModel]) -> dict[str, Any] | None:
    """The outermost JSON object with a field of the form; of one that breaks off, what is whole.
    A list without its object is taken for the form's only list."""
    names = _names(form)
    for start in _starts(text, "{"):
        found = _parsed(text, start)
        if isinstance(found, dict) and names & found.keys():
            return found
    lists = [name for name, field in form.model_fields.items() if _is_list(field.annotation)]
    if len(lists) == 1:
        for start in _starts(text, "["):
            found = _parsed(text, start)
            if isinstance(found, list) and any(isinstance(each, dict) for each in found):
                return {form.model_fields[lists[0]].alias or lists[0]: found}
    return None


def _names(form: type[BaseModel]) -> set[str]:
    return {name for key, field in form.model_fields.items() for name in (key, field.alias or key)}


def _is_list(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is list and any(
        isinstance(each, type) and issubclass(each, BaseModel) for each in get_args(annotation)
    )


def _starts(text: str, brace: str) -> Iterator[int]:
    place = -1
    for _ in range(_STARTS_TRIED):
        place = text.find(brace, place + 1)
        if place < 0:
            return
        yield place


def _parsed(text: str, start: int) -> Any:
    """The JSON value that begins there. Where it is cut off, what is whole before the cut. Where
    its syntax is broken in the middle, what is whole before the break, without the item in which
    it is, and of a list of objects those behind it."""
    try:
        return _DECODER.raw_decode(text, start)[0]
    except json.JSONDecodeError as error:
        broken = error.pos
        is_cut = error.msg.startswith("Unterminated") or "}" not in text[broken:]
    except RecursionError:
        return None
    if is_cut:
        return _partly(text[start:])
    before = text[start:broken]
    found = _partly(before)
    if not before.rstrip().endswith("}"):
        _drop_last(found)
    _append(found, _objects(text, broken))
    return found


def _partly(text: str) -> Any:
    try:
        return from_json(text, allow_partial=True)
    except ValueError:
        return None


def _objects(text: str, start: int) -> list[Any]:
    """The JSON objects from there on, the outermost ones."""
    found = []
    while (start := text.find("{", start)) >= 0:
        try:
            value, start = _DECODER.raw_decode(text, start)
            found.append(value)
        except (json.JSONDecodeError, RecursionError):
            start += 1
    return found


def _append(found: Any, objects: Sequence[Any]) -> None:
    """To the last list of the object, which is the one that was broken off."""
    values = found.values() if isinstance(found, dict) else ()
    if lists := [value for value in values if isinstance(value, list)]:
        lists[-1].extend(objects)


def _drop_last(found: Any) -> None:
    """The innermost entry of a list that is an object and the last of all: in it the syntax broke,
    and a text that ends there may lack its end."""
    last: list[Any] | None = None
    while found:
        if isinstance(found, list):
            last = found if isinstance(found[-1], dict) else last
            found = found[-1]
        elif isinstance(found, dict):
            found = found[next(reversed(found))]
        else:
            break
    if last is not None:
        del last[-1]


def _whole_items(form: type[Form], found: dict[str, Any], first: ValidationError) -> Form:
    left_out = False
    for _ in range(_ROUNDS):
        try:
            answer = form.model_validate(found)
        except ValidationError as error:
            paths = set()
            for problem in error.errors():
                if problem["type"] == "too_long" and isinstance(problem["input"], list):
                    del problem["input"][problem["ctx"]["max_length"] :]
                else:
                    paths.add(_wrong(found, problem["loc"]))
            if () in paths:
                raise first from None
            left_out = left_out or bool(paths)
            # From the last to the first, as entries behind one that goes change their places.
            for path in sorted(paths, reverse=True):
                if _is_there(found, path):  # a list that was too long is shorter now
                    del _at(found, path[:-1])[path[-1]]
        else:
            if left_out and not any(value for _, value in answer):
                raise first
            return answer
    raise first


def _wrong(found: Any, path: Path) -> Path:
    """What has to go: the field itself; of one that is missing, the item that lacks it; () if
    that is the whole answer."""
    if not _is_there(found, path):
        while path and not (isinstance(path[-1], int) and _is_there(found, path)):
            path = path[:-1]
    return path


def _at(found: Any, path: Path) -> Any:
    for step in path:
        found = found[step]
    return found


def _is_there(found: Any, path: Path) -> bool:
    try:
        _at(found, path)
    except (KeyError, IndexError, TypeError):
        return False
    return True
