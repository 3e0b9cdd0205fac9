"""Any endpoint that speaks OpenAI's chat API."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any, Literal

import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from pydantic import ValidationError

from functions.generate.drafts import Cost
from functions.generate.providers.chat import forms
from functions.generate.providers.chat.kept_answers import Answers, NoAnswers, question_of
from functions.generate.providers.chat.model import Answer, Message, Question, Reply
from functions.generate.providers.chat.prices import cost_usd
from functions.generate.providers.chat.vendor_errors import mapped
from shared.errors import AnswerUnusableError, GenerationInvalidError, GenerationRefusedError
from shared.log import log

HeldBy = Literal["schema", "json", "text"]


class OpenAICompatible:
    """The client carries address, key, time limit and retries. May be shared by threads."""

    def __init__(
        self,
        client: openai.OpenAI,
        *,
        model: str,
        name: str = "openai",
        answers: Answers | None = None,
        held_by: HeldBy = "schema",
        renew_key: Callable[[], None] | None = None,
        unkept: bool = False,
    ) -> None:
        """`held_by`: what holds answers to their form. `renew_key`: called where the endpoint
        no longer takes the key, which is then tried once more. `unkept`: ask the vendor, in a
        field that not every endpoint knows, not to store what it is sent."""
        self.name = name
        self.model = model
        self._client = client
        self._answers = answers or NoAnswers()
        self._held_by: HeldBy = held_by
        self._renew_key = renew_key
        self._extra: dict[str, Any] = {"store": False} if unkept else {}

    def close(self) -> None:
        self._client.close()

    def ask(self, question: Question[Answer]) -> Reply[Answer]:
        messages = [_param(message) for message in question.messages]
        form = question.form
        kept_as = question_of(self.name, self.model, messages, form.model_json_schema())
        if (kept := self._answers.get(kept_as)) is not None:
            return _read(kept, form)
        reply = self._call(messages, form)
        self._answers.keep(kept_as, _write(reply))
        return reply

    def _call(
        self, messages: Sequence[ChatCompletionMessageParam], form: type[Answer]
    ) -> Reply[Answer]:
        if self._held_by == "schema":
            try:
                return self._by_schema(messages, form)
            except _SchemaRefusedError:
                # Every later question would be refused as well.
                log.warning("generation.schema_refused", provider=self.name, model=self.model)
                self._held_by = "json"
        return self._by_words(messages, form)

    def _by_schema(
        self, messages: Sequence[ChatCompletionMessageParam], form: type[Answer]
    ) -> Reply[Answer]:
        completion = self._complete(
            lambda: self._client.chat.completions.parse(
                model=self.model, messages=messages, response_format=form, **self._extra
            )
        )
        message = completion.choices[0].message if completion.choices else None
        parsed = getattr(message, "parsed", None)
        _refuse(message)
        if not isinstance(parsed, form):
            raise AnswerUnusableError("the language model's answer is empty")
        return Reply(parsed, self._cost(completion.usage))

    def _by_words(
        self, messages: Sequence[ChatCompletionMessageParam], form: type[Answer]
    ) -> Reply[Answer]:
        """Repeat the request once after an invalid answer, with the reason."""
        asked = [*messages, _param(Message("system", forms.instruction(form)))]
        text, first = self._text(asked)
        try:
            return Reply(forms.read(form, text), first)
        except ValidationError as error:
            asked += [
                _param(Message("assistant", text)),
                _param(Message("user", forms.complaint(error))),
            ]
        text, second = self._text(asked)
        try:
            return Reply(forms.read(form, text), Cost.total((first, second)))
        except ValidationError as error:
            raise AnswerUnusableError(
                "the language model's answer is not of the form asked for"
            ) from error

    def _text(self, messages: Sequence[ChatCompletionMessageParam]) -> tuple[str, Cost]:
        extra = dict(self._extra)
        if self._held_by != "text":
            extra["response_format"] = {"type": "json_object"}
        completion = self._complete(
            lambda: self._client.chat.completions.create(
                model=self.model, messages=messages, **extra
            )
        )
        choice = completion.choices[0] if completion.choices else None
        message = choice.message if choice else None
        _refuse(message)
        if choice is not None and choice.finish_reason == "length":
            raise GenerationInvalidError("the language model's answer was cut off")
        if choice is not None and choice.finish_reason == "content_filter":
            raise GenerationInvalidError("the language model's answer was filtered out")
        if message is None or not message.content:
            raise AnswerUnusableError("the language model's answer is empty")
        return message.content, self._cost(completion.usage)

    def _complete(self, call: Callable[[], ChatCompletion]) -> ChatCompletion:
        with mapped():
            try:
                completion = call()
            except openai.AuthenticationError:
                if self._renew_key is None:
                    raise
                self._renew_key()
                completion = call()
            except openai.BadRequestError as error:
                if self._held_by == "schema" and _is_about_form(error):
                    raise _SchemaRefusedError from error
                raise
        if not isinstance(completion, ChatCompletion):
            # What is no JSON at all, such as a proxy's page, the library hands on as text.
            raise AnswerUnusableError("the language model's answer is none")
        return completion

    def _cost(self, usage: CompletionUsage | None) -> Cost:
        if usage is None:
            return Cost(calls=1, usd=None)
        details = usage.prompt_tokens_details
        cached = (details.cached_tokens or 0) if details else 0
        tokens = Cost(
            calls=1, input_tokens=usage.prompt_tokens, output_tokens=usage.completion_tokens
        )
        usd = cost_usd(
            self.model,
            input_tokens=tokens.input_tokens,
            cached_tokens=cached,
            output_tokens=tokens.output_tokens,
        )
        return replace(tokens, usd=usd)


class _SchemaRefusedError(Exception):
    """The endpoint does not take a JSON Schema."""


def _is_about_form(error: openai.BadRequestError) -> bool:
    told = f"{error.param} {error.message}".lower()
    return any(word in told for word in ("response_format", "json_schema", "response_schema"))


def _refuse(message: Any) -> None:
    if message is not None and message.refusal:
        raise GenerationRefusedError(f"the language model refused: {message.refusal}")


def _param(message: Message) -> ChatCompletionMessageParam:
    match message.role:
        case "system":
            return {"role": "system", "content": message.text}
        case "assistant":
            return {"role": "assistant", "content": message.text}
        case "user":
            return {"role": "user", "content": message.text}


def _write(reply: Reply[Answer]) -> bytes:
    kept = {"answer": reply.answer.model_dump(by_alias=True), "cost": asdict(reply.cost)}
    return json.dumps(kept, ensure_ascii=False).encode()


def _read(kept: bytes, form: type[Answer]) -> Reply[Answer]:
    read = json.loads(kept)
    return Reply(form.model_validate(read["answer"]), Cost(**read["cost"]))
