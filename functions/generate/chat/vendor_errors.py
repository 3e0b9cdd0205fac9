"""What the vendor's library raises, as what Pegasus raises."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import openai
from pydantic import ValidationError

from functions.generate.chat.model import ContextTooLongError
from shared.errors import (
    AnswerUnusableError,
    GenerationInvalidError,
    ModelRejectedError,
    TransientError,
)

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
    except (
        openai.APIResponseValidationError,
        ValidationError,
        # The library trips over a body that is no completion (a proxy's page, say) without
        # an error of its own. Nothing but its call runs in here.
        json.JSONDecodeError,
        AttributeError,
        TypeError,
    ) as error:
        raise AnswerUnusableError(
            "the language model's answer is not of the form asked for"
        ) from error
    except (
        openai.APIConnectionError,
        openai.RateLimitError,
        openai.InternalServerError,
        openai.ConflictError,
    ) as error:
        raise TransientError(f"language model: {type(error).__name__}") from error
    except openai.APIStatusError as error:
        told = f"{error.code} {error.message}".lower()
        if error.status_code in {400, 413} and any(words in told for words in _TOO_LONG):
            raise ContextTooLongError("the question is longer than the model's context") from error
        # The service's own words may quote the key: its status and code must do.
        raise ModelRejectedError(
            f"the language model's service answered {error.status_code}"
            f" ({error.code or type(error).__name__})"
        ) from error
