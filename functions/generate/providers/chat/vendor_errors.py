"""Maps exceptions of the vendor's library to those of Pegasus."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import openai

from functions.generate.providers.chat.model import ContextTooLongError
from shared.errors import (
    AnswerUnusableError,
    ModelRejectedError,
    TransientError,
)
from shared.vendors.openai_errors import PASSING, UNREADABLE, in_brief, raise_if_exhausted

_TOO_LONG = re.compile(
    r"context_length_exceeded|maximum context length|context[ _](?:length|size|window)"
    r"|exceed_context_size|max_model_len|maximum model length|model'?s maximum"
    r"|input token count|inputs? tokens? .{0,40}must|must have less than \d+ tokens"
    r"|max_new_tokens|input is too long|prompt (?:is )?too (?:long|large)"
    r"|too many (?:input )?tokens"
    r"|reduce the length of the (?:messages|prompt)",
    re.IGNORECASE,
)
"""How services say that the prompt, or prompt and answer together, are too long: OpenAI and Azure
(`context_length_exceeded`, "maximum context length"), vLLM, llama.cpp
(`exceed_context_size_error`), Ollama, SGLang, Text Generation Inference, Gemini, and gateways to
Bedrock's models ("Input is too long for requested model", "prompt is too long")."""
_TOO_LONG_STATUSES = frozenset({400, 413, 422, 500})
"""Ollama and older releases of llama.cpp answer 500."""


@contextmanager
def mapped() -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        raise AnswerUnusableError(
            "the language model's answer is not of the form asked for"
        ) from error
    except PASSING as error:
        raise_if_exhausted(error)
        raise_if_too_long(error)
        raise TransientError(f"language model: {type(error).__name__}") from error
    except openai.APIStatusError as error:
        raise_if_exhausted(error)
        raise_if_too_long(error)
        raise ModelRejectedError(
            f"the language model's service answered {in_brief(error)}"
        ) from error


def raise_if_too_long(error: Exception) -> None:
    """Raises ContextTooLongError for the refusal of a prompt that is too long."""
    if not isinstance(error, openai.APIStatusError) or error.status_code not in _TOO_LONG_STATUSES:
        return
    if _TOO_LONG.search(f"{error.code} {error.type} {error.message} {error.body}"):
        raise ContextTooLongError("the question is longer than the model's context") from error
