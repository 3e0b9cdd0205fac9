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
from functions.generate.providers.chat.deadline import Deadline
from functions.generate.providers.chat.forms import schema_of
from functions.generate.providers.chat.kept_answers import Answers, NoAnswers, question_of
from functions.generate.providers.chat.likelihood import ASKED_FOR, yes_share
from functions.generate.providers.chat.model import (
    Answer,
    ContextTooLongError,
    DeadlinePassedError,
    Likelihood,
    Message,
    Question,
    Reply,
)
from functions.generate.providers.chat.prices import cost_usd
from functions.generate.providers.chat.reading import read
from functions.generate.providers.chat.retrying import calling
from functions.generate.providers.chat.truncation import is_truncated
from functions.generate.providers.chat.vendor_errors import mapped
from shared.errors import AnswerUnusableError, GenerationInvalidError, GenerationRefusedError
from shared.log import log

HeldBy = Literal["schema", "json", "text"]

_RUNGS = ("schema", "schema-of-lists", "json", "text")
"""What holds an answer to its form, from the strictest. Where a schema is refused, the next is
one without the lengths of texts, which not every endpoint knows; the lists stay bounded."""
_FORM_WORDS = ("response_format", "json_schema", "response_schema", "maxlength", "schema")
KEPT_FOR_REPAIRS = 0.3
"""Share of an attempt's time."""
_OTHER_LIMIT = {"max_tokens": "max_completion_tokens", "max_completion_tokens": ""}
"""Endpoints of before 2024 know the first, OpenAI's reasoning models the second alone."""


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
        deadline: Deadline | None = None,
    ) -> None:
        """`held_by`: what holds answers to their form. `renew_key`: called where the endpoint
        no longer takes the key, which is then tried once more. `unkept`: ask the vendor, in a
        field that not every endpoint knows, not to store what it is sent. `deadline`: of all calls
        together."""
        self.name = name
        self.model = model
        self._client = client
        self._answers = answers or NoAnswers()
        self._rung = _RUNGS.index(held_by)
        self._limited_by = "max_completion_tokens" if unkept else "max_tokens"
        self._deadline = deadline or Deadline(float("inf"))
        self._renew_key = renew_key
        self._extra: dict[str, Any] = {"store": False} if unkept else {}

    def close(self) -> None:
        self._client.close()

    def ask(self, question: Question[Answer]) -> Reply[Answer]:
        messages = [_param(message) for message in question.messages]
        form = question.form
        kept_as = question_of(
            self.name, self.model, messages, schema_of(form, question.most, lengths=True)
        )
        if (kept := self._answers.get(kept_as)) is not None:
            return _read(kept, form)
        reply = self._answer(messages, question)
        self._answers.keep(kept_as, _write(reply))
        return reply

    def likelihood_of_yes(self, messages: Sequence[Message]) -> Likelihood:
        """Such answers are not kept: they are many, and a token each. They leave a part of the
        attempt's time: what they doubt has to be written again."""
        if self._deadline.left_share < KEPT_FOR_REPAIRS:
            raise DeadlinePassedError("the rest of the attempt is kept for repairs")
        extra: dict[str, Any] = {**self._extra, **ASKED_FOR}
        if self._limited_by:
            extra[self._limited_by] = 1
        asked = [_param(message) for message in messages]
        with mapped():
            completion: ChatCompletion = self._called(
                lambda client: client.chat.completions.create(
                    model=self.model, messages=asked, **extra
                )
            )
        if not isinstance(completion, ChatCompletion):
            raise AnswerUnusableError("the language model's answer is none")
        return Likelihood(yes_share(completion), self._cost(completion.usage))

    def _answer(
        self, messages: Sequence[ChatCompletionMessageParam], question: Question[Answer]
    ) -> Reply[Answer]:
        """Repeats the request once after an answer of which nothing is of the form, with the
        reason."""
        asked = list(messages)
        costs: list[Cost] = []
        while True:
            text, cost, is_whole = self._text(asked, question)
            costs.append(cost)
            try:
                answer = read(question.form, text)
                if is_whole or any(value for _, value in answer):
                    return Reply(answer, Cost.total(costs))
                raise _cut_off()
            except ValidationError as error:
                if not is_whole:
                    raise _cut_off() from error
                if len(costs) > 1:
                    raise AnswerUnusableError(
                        "the language model's answer is not of the form asked for"
                    ) from error
                asked += [
                    _param(Message("assistant", text)),
                    _param(Message("user", forms.complaint(error))),
                ]

    def _text(
        self, messages: Sequence[ChatCompletionMessageParam], question: Question[Answer]
    ) -> tuple[str, Cost, bool]:
        """The answer's words, what they cost, and whether they are all of it."""
        completion = self._held(messages, question)
        choice = completion.choices[0] if completion.choices else None
        message = choice.message if choice else None
        if message is not None and message.refusal:
            raise GenerationRefusedError(f"the language model refused: {message.refusal}")
        if choice is not None and choice.finish_reason == "content_filter":
            raise GenerationInvalidError("the language model's answer was filtered out")
        is_whole = choice is None or choice.finish_reason != "length"
        if message is None or not message.content:
            if not is_whole:
                raise _cut_off()
            raise AnswerUnusableError("the language model's answer is empty")
        return message.content, self._cost(completion.usage), is_whole

    def _held(
        self, messages: Sequence[ChatCompletionMessageParam], question: Question[Answer]
    ) -> ChatCompletion:
        """The completion, with the answer held to its form as strictly as the endpoint can."""
        while True:
            rung, limit = self._rung, self._limited_by
            try:
                return self._complete(messages, question, rung, limit)
            except _FormRefusedError:
                # Every later question would be refused as well. Another thread may have noticed.
                self._rung = max(self._rung, rung + 1)
                log.warning(
                    "generation.schema_refused",
                    provider=self.name,
                    model=self.model,
                    held_by=_RUNGS[self._rung],
                )
            except _LimitRefusedError:
                if self._limited_by == limit:
                    self._limited_by = _OTHER_LIMIT[limit]

    def _complete(
        self,
        messages: Sequence[ChatCompletionMessageParam],
        question: Question[Answer],
        rung: int,
        limited_by: str,
    ) -> ChatCompletion:
        held_by = _RUNGS[rung]
        schema = schema_of(question.form, question.most, lengths=held_by != "schema-of-lists")
        asked = list(messages)
        extra = dict(self._extra)
        if held_by in ("json", "text"):
            # Before what is asked: an answer and a complaint about it stay last.
            asked.insert(
                len(question.messages), _param(Message("system", forms.instruction(schema)))
            )
        if held_by == "json":
            extra["response_format"] = {"type": "json_object"}
        elif held_by != "text":
            named = {"name": question.form.__name__, "strict": True, "schema": schema}
            extra["response_format"] = {"type": "json_schema", "json_schema": named}
        if limited_by and question.answer_tokens:
            extra[limited_by] = question.answer_tokens

        def call(client: openai.OpenAI) -> ChatCompletion:
            completion: ChatCompletion = client.chat.completions.create(
                model=self.model, messages=asked, **extra
            )
            return completion

        with mapped():
            try:
                completion = self._called(call)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if limited_by and _is_about(error, limited_by):
                    raise _LimitRefusedError from error
                if held_by in ("schema", "schema-of-lists") and _is_about(error, *_FORM_WORDS):
                    raise _FormRefusedError from error
                raise
        if not isinstance(completion, ChatCompletion):
            # What is no JSON at all, such as a proxy's page, the library hands on as text.
            raise AnswerUnusableError("the language model's answer is none")
        if completion.usage and is_truncated(asked, completion.usage.prompt_tokens):
            raise ContextTooLongError("the endpoint read only a part of the question")
        return completion

    def _called(self, call: Callable[[openai.OpenAI], ChatCompletion]) -> ChatCompletion:
        try:
            return calling(self._client, call, self._deadline)
        except openai.AuthenticationError:
            if self._renew_key is None:
                raise
            self._renew_key()
            return calling(self._client, call, self._deadline)

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


class _FormRefusedError(Exception):
    """The endpoint does not take the JSON Schema."""


class _LimitRefusedError(Exception):
    """The endpoint does not know the parameter that limits an answer."""


def _cut_off() -> GenerationInvalidError:
    """Before anything in it was whole; the same question would be cut off at the same place."""
    return GenerationInvalidError("the language model's answer was cut off")


def _is_about(error: openai.APIStatusError, *words: str) -> bool:
    told = f"{error.param} {error.message}".lower()
    return any(word in told for word in words)


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
