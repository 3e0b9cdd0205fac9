"""The families of errors."""

from typing import ClassVar


class PegasusError(Exception):
    """Base of all errors of Pegasus. The message is written for a person."""

    code: ClassVar[str] = "internal"

    def __init__(self, message: str | None = None) -> None:
        paragraph = (type(self).__doc__ or "").strip().partition("\n\n")[0]
        super().__init__(message or " ".join(paragraph.split()))

    @property
    def message(self) -> str:
        return str(self.args[0])


class PermanentError(PegasusError):
    """The work cannot succeed however often it is tried."""

    code = "permanent"


class TransientError(PegasusError):
    """A dependency of the work is temporarily unavailable."""

    code = "unavailable"
