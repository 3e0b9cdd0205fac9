"""Any endpoint that speaks OpenAI's chat API."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import openai
from openai.types.chat import ChatCompletionMessageParam
from pydantic import ValidationError

from functions.generate.chat.kept_answers import Answers, NoAnswers, question_of
from functions.generate.chat.model import Answer, Question, Reply
from functions.generate.provider import Cost
from shared.errors import (
    AnswerUnusableError,
    GenerationInvalidError,
    GenerationRefusedError,
    ModelRejectedError,
    TransientError,
)


class OpenAICompatible:
    """The client carries address, key, time limit and retries. May be shared by threads."""

    name = "openai"

    def __init__(
        self, client: openai.OpenAI, *, model: str, answers: Answers | None = None
    ) -> None:
        self._client = client
        self._answers = answers or NoAnswers()
        self.model = model

    def ask(self, question: Question[Answer]) -> Reply[Answer]:
        messages = [_param(message.role, message.text) for message in question.messages]
        form = question.form
        name = question_of(self.model, messages, form.__name__)
        if (kept := self._answers.get(name)) is not None:
            return _read(kept, form)
        reply = self._call(messages, form)
        self._answers.keep(name, _write(reply))
        return reply

    def _call(
        self, messages: list[ChatCompletionMessageParam], form: type[Answer]
    ) -> Reply[Answer]:
        with _vendor_errors_mapped():
            completion = self._client.chat.completions.parse(
                model=self.model, messages=messages, response_format=form
            )
        message = completion.choices[0].message if completion.choices else None
        if message is not None and message.refusal:
            raise GenerationRefusedError(f"the language model refused: {message.refusal}")
        if message is None or message.parsed is None:
            raise AnswerUnusableError("the language model's answer is empty")
        usage = completion.usage
        cost = Cost(
            calls=1,
            input_tokens=usage.prompt_tokens if usage else 0,
            output_tokens=usage.completion_tokens if usage else 0,
        )
        return Reply(message.parsed, cost)


def _param(role: str, text: str) -> ChatCompletionMessageParam:
    if role == "system":
        return {"role": "system", "content": text}
    if role == "assistant":
        return {"role": "assistant", "content": text}
    return {"role": "user", "content": text}


def _write(reply: Reply[Answer]) -> bytes:
    kept = {"answer": reply.answer.model_dump(by_alias=True), "cost": asdict(reply.cost)}
    return json.dumps(kept, ensure_ascii=False).encode()


def _read(kept: bytes, form: type[Answer]) -> Reply[Answer]:
    read = json.loads(kept)
    return Reply(form.model_validate(read["answer"]), Cost(**read["cost"]))


@contextmanager
def _vendor_errors_mapped() -> Iterator[None]:
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
        # The service's own words may quote the key: its status and code must do.
        raise ModelRejectedError(
            f"the language model's service answered {error.status_code}"
            f" ({error.code or type(error).__name__})"
        ) from error
