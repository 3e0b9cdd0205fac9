"""Answers that were paid for are kept: an attempt that dies, or one call of six that fails,
must not have the others paid for again by the next attempt of the job."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Protocol

from shared.errors import ObjectMissingError
from shared.runtime import Runtime
from shared.work.leases import Lease


class Answers(Protocol):
    """Where a provider keeps its model's answers, by prompt."""

    def get(self, question: str) -> bytes | None: ...

    def keep(self, question: str, answer: bytes) -> None: ...


class NoAnswers:
    """Nothing is kept."""

    def get(self, question: str) -> bytes | None:
        return None

    def keep(self, question: str, answer: bytes) -> None:
        return None


class KeptAnswers:
    """The answers of one job, an object each beside its lecture's artifacts.

    No row refers to them, so retention removes them as it does superseded artifacts.
    """

    def __init__(self, rt: Runtime, lease: Lease) -> None:
        self._rt = rt
        self._lease = lease

    def get(self, question: str) -> bytes | None:
        if self._lease.attempt == 1:
            return None  # no earlier attempt kept one
        try:
            return self._rt.store.read(self._name(question))
        except ObjectMissingError:
            return None

    def keep(self, question: str, answer: bytes) -> None:
        self._rt.store.create(self._name(question), answer, "application/json")

    def _name(self, question: str) -> str:
        return self._rt.names.answer(self._lease.lecture_id, self._lease.job_id, question)


PROMPT_VERSION = 2
"""Raised when prompts come to mean something else although their words stay."""


def question_of(provider: str, model: str, messages: Sequence[Any], form: Any) -> str:
    """A prompt's name: the SHA-256 of the model, the prompt and the answer's form (the JSON
    Schema of the answer)."""
    asked = json.dumps(
        [PROMPT_VERSION, provider, model, messages, form], ensure_ascii=False, sort_keys=True
    )
    return hashlib.sha256(asked.encode()).hexdigest()
