"""Concurrent calls to a language model."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self, TypeVar

from functions.generate.providers.chat.model import AnswerLateError
from shared.errors import (
    AnswerUnusableError,
    GenerationInvalidError,
    GenerationRefusedError,
    PegasusError,
    TransientError,
)

Result = TypeVar("Result")

_OF_ONE_ANSWER = (
    GenerationRefusedError,
    GenerationInvalidError,
    AnswerUnusableError,
    AnswerLateError,
)


class Calls:
    """At most `limit` concurrently. After a failure that concerns all calls no other begins, to
    save its cost."""

    def __init__(self, limit: int, *, is_last: bool = False) -> None:
        """`is_last`: no attempt follows, so that an endpoint which is not available, or a deadline
        that has passed, is the failure of single answers."""
        self._pool = ThreadPoolExecutor(limit)
        self._failure: BaseException | None = None
        self._is_last = is_last

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def submit(self, call: Callable[[], Result]) -> Future[Result | PegasusError]:
        """The result; the failure, where it is that of one answer; raises the first failure of any
        call that concerns them all."""

        def run() -> Result | PegasusError:
            if self._failure is not None:
                raise self._failure
            try:
                return call()
            except _OF_ONE_ANSWER as error:
                return error
            except TransientError as error:
                if self._is_last:
                    return error
                self._failure = error
                raise
            except BaseException as error:
                # Known before this thread takes the next call up.
                self._failure = error
                raise

        return self._pool.submit(run)
