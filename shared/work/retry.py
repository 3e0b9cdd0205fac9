"""Whether work that failed is tried again: a value computed from the attempt and the error."""

from dataclasses import dataclass
from typing import Any, overload

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from shared.errors import PegasusError, PermanentError
from shared.models import JSON
from shared.text import spelled_out


@overload
def attempts_exhausted(attempt: int, max_attempts: int) -> bool: ...


@overload
def attempts_exhausted(
    attempt: InstrumentedAttribute[int], max_attempts: int | InstrumentedAttribute[int]
) -> ColumnElement[bool]: ...


def attempts_exhausted(attempt: Any, max_attempts: Any) -> Any:
    """Whether work has had all of its attempts; of columns, the condition that a row has."""
    return attempt >= max_attempts


@dataclass(frozen=True)
class Failure:
    """Why an attempt ended, as the job row keeps it."""

    code: str
    message: str
    permanent: bool

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        if isinstance(error, PegasusError):
            # A vendor's words may be in it.
            message = spelled_out(error.message)
            return cls(error.code, message, isinstance(error, PermanentError))
        # The message of an unforeseen error may hold anything, a token or a sentence of the
        # lecture included: the log has the trace, the row only names the kind.
        return cls("internal", f"An internal error ({type(error).__name__}).", permanent=False)

    def ends_work(self, *, attempt: int, max_attempts: int) -> bool:
        return self.permanent or attempts_exhausted(attempt, max_attempts)

    def to_json(self) -> JSON:
        return {"code": self.code, "message": self.message}
