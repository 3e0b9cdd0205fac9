"""A language model as generation sees it: one question of a form, one answer of that form."""

from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from functions.generate.drafts import Cost
from shared.errors import ModelRejectedError

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


@dataclass(frozen=True)
class Reply(Generic[Answer]):
    answer: Answer
    cost: Cost


class ContextTooLongError(ModelRejectedError):
    """The question is longer than the model's context."""


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
        """Raises GenerationRefusedError; GenerationInvalidError where an answer is cut off or
        filtered; AnswerUnusableError where it is not of the form asked for; ModelRejectedError,
        as ContextTooLongError where less may be asked; and TransientError once the client's
        own retries are used up."""
        ...
