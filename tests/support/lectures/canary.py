"""A sentence, a title and a name that must appear in no log line, and errors that hold them."""

import itertools
from collections.abc import Iterator

import pytest
from google.api_core.exceptions import Forbidden
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError

from shared.documents.artifacts import SummaryContent
from shared.errors import PegasusError, TransientError

SENTENCE = "Quicksilver herons audit the velvet parliament"
TITLE = "Marzipan dialectics of Professor Umbrella-Quist"
CANARIES = (SENTENCE, TITLE, "herons", "Umbrella", "Marzipan")


def leaks(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


class UnforeseenError(Exception):
    """An exception of a library that nothing maps."""


def _validation() -> ValidationError:
    """Canaries as a value and as a key, as in a malformed answer of a model."""
    try:
        TypeAdapter(dict[str, SummaryContent]).validate_python(
            {SENTENCE: {"items": SENTENCE, TITLE: 1}}
        )
    except ValidationError as error:
        return error
    raise AssertionError("it was valid")


def _refused_statement() -> IntegrityError:
    fields = {
        "S": "ERROR",
        "C": "23514",
        "M": f"new row violates a check: {SENTENCE}",
        "D": f"Failing row contains ({TITLE}).",
        "n": "ck_lectures_status",
    }
    return IntegrityError("INSERT INTO lectures", {"title": TITLE}, Exception(fields))


def unforeseen_errors() -> list[Exception]:
    """One of each kind, in no chain."""
    noted = UnforeseenError(SENTENCE)
    noted.add_note(TITLE)
    return [
        noted,
        _validation(),
        _refused_statement(),
        OSError(2, SENTENCE, TITLE),
        KeyError(SENTENCE),
        UnicodeDecodeError("ascii", SENTENCE.encode(), 0, 1, TITLE),
        ExceptionGroup(SENTENCE, [ValueError(TITLE), _validation()]),
        Forbidden(f"GET https://storage/{TITLE}.pdf"),  # type: ignore[no-untyped-call]
    ]


def chained(error: Exception, cause: Exception, *, explicit: bool) -> Exception:
    """The error as it is caught when `cause` brought it about."""
    try:
        try:
            raise cause
        except type(cause):
            if explicit:
                raise error from cause
            raise error  # noqa: B904 - the implicit chain is what is wanted
    except Exception as caught:
        return caught


def own_errors() -> list[PegasusError]:
    return [PegasusError(SENTENCE), TransientError(f"storage: exports/1/{TITLE}.pdf")]


class Errors:
    """Raised one after the other, so that a run with many faults meets every kind."""

    def __init__(self) -> None:
        self._next: Iterator[int] = itertools.cycle(range(len(unforeseen_errors())))

    def __call__(self) -> Exception:
        return unforeseen_errors()[next(self._next)]


def assert_silent(capsys: pytest.CaptureFixture[str]) -> str:
    """Nothing that was written to either stream holds a canary; what was written."""
    captured = capsys.readouterr()
    written = captured.out + captured.err
    found = [line for line in written.splitlines() if leaks(line)]
    assert not found, found[:3]
    return written
