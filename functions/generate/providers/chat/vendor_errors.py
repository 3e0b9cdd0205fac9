"""Maps exceptions of the vendor's library to those of Pegasus."""

from collections.abc import Iterator
from contextlib import contextmanager

import openai

from functions.generate.providers.chat.model import ContextTooLongError
from shared.errors import (
    AnswerUnusableError,
    GenerationInvalidError,
    ModelRejectedError,
    TransientError,
)
from shared.vendors.openai_errors import PASSING, UNREADABLE, in_brief, raise_if_exhausted

_TOO_LONG = ("context_length_exceeded", "maximum context length", "input token count")
"""OpenAI's code, and how vLLM and Gemini word it."""


@contextmanager
def mapped() -> Iterator[None]:
    try:
        yield
    except openai.LengthFinishReasonError as error:
        raise GenerationInvalidError("the language model's answer was cut off") from error
    except openai.ContentFilterFinishReasonError as error:
        raise GenerationInvalidError("the language model's answer was filtered out") from error
    except UNREADABLE as error:
        raise AnswerUnusableError(
            "the language model's answer is not of the form asked for"
        ) from error
    except PASSING as error:
        raise_if_exhausted(error)
        raise TransientError(f"language model: {type(error).__name__}") from error
    except openai.APIStatusError as error:
        raise_if_exhausted(error)
        told = f"{error.code} {error.message}".lower()
        if error.status_code in {400, 413} and any(words in told for words in _TOO_LONG):
            raise ContextTooLongError("the question is longer than the model's context") from error
        raise ModelRejectedError(
            f"the language model's service answered {in_brief(error)}"
        ) from error
