"""A language model as generation sees it: one question of a form, one answer of that form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from functions.generate.drafts import Cost
from shared.errors import ModelRejectedError, TransientError

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True)
class Message:
    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True)
class Question(Generic[Answer]):
    """What the model is sent, and the form its answer must have."""

    messages: tuple[Message, ...]
    form: type[Answer]
    most: Mapping[str, int] = field(default_factory=dict)
    """Entries that lists of the answer may have, by their names in it, where the form's own limit
    is higher."""
    answer_tokens: int | None = None
    """What the answer may take, thoughts of the model included."""


@dataclass(frozen=True)
class Reply(Generic[Answer]):
    answer: Answer
    cost: Cost


@dataclass(frozen=True)
class Likelihood:
    """How likely a model is to answer yes rather than no."""

    yes: float | None
    """0 to 1; None where the endpoint gives no probabilities, or neither word is among them."""
    cost: Cost


class ContextTooLongError(ModelRejectedError):
    """The question is longer than the model's context."""


class AnswerLateError(TransientError):
    """The language model did not answer within the time limit of a call."""

    code = "answer_late"


class DeadlinePassedError(TransientError):
    """The time of an attempt has passed before the language model had answered everything."""

    code = "generation_deadline"


class ChatModel(Protocol):
    """May be shared by threads."""

    @property
    def name(self) -> str:
        """Of the provider: `openai`, `gemini`, …"""
        ...

    @property
    def model(self) -> str: ...

    def close(self) -> None:
        """Let go of connections."""
        ...

    def ask(self, question: Question[Answer]) -> Reply[Answer]:
        """Raises GenerationRefusedError; GenerationInvalidError where an answer is filtered, or
        is cut off before anything in it is whole; AnswerUnusableError where it is not of the form
        asked for; ModelRejectedError, as ContextTooLongError where less may be asked;
        AnswerLateError and DeadlinePassedError; and another TransientError once the retries are
        used up."""
        ...

    def likelihood_of_yes(self, messages: Sequence[Message]) -> Likelihood:
        """Of the answer to a question of yes or no, from the probabilities of its first token.

        Raises as `ask` does, and ModelRejectedError also where the endpoint gives none."""
        ...
