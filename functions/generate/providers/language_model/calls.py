"""Concurrent calls to a language model."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self, TypeVar

Result = TypeVar("Result")


class Calls:
    """At most `limit` concurrently. After a failure no other call begins, to save its cost."""

    def __init__(self, limit: int) -> None:
        self._pool = ThreadPoolExecutor(limit)
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def submit(self, call: Callable[[], Result]) -> Future[Result]:
        """The result, or the first failure of any call."""

        def run() -> Result:
            if self._failure is not None:
                raise self._failure
            try:
                return call()
            except BaseException as error:
                # Known before this thread takes the next call up.
                self._failure = error
                raise

        return self._pool.submit(run)
