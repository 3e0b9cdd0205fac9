"""Study material by a language model behind OpenAI's chat API, or any that speaks it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Generic, TypeVar

import openai
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel, ValidationError

from functions.generate import prompts
from functions.generate.kept_answers import Answers, NoAnswers, question_of
from functions.generate.provider import Contents, Cost, Draft, GenerationRequest
from functions.generate.wire import (
    FromWire,
    WireCards,
    WireConcepts,
    WireOutline,
    WireQuestions,
    WireSummary,
    WireTerms,
)
from shared.errors import (
    AnswerUnusableError,
    GenerationInvalidError,
    GenerationRefusedError,
    ModelRejectedError,
    TransientError,
)

CONCURRENT_CALLS = 3
"""Half of the six calls: a lecture is done in two rounds without spending a small account's
tokens per minute at once."""

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True)
class _Reply(Generic[Answer]):
    answer: Answer
    cost: Cost


class _Calls:
    """Calls side by side. Once one has failed no other begins: it would only cost money."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(CONCURRENT_CALLS)
        self._failure: Exception | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def submit(self, call: Callable[[], _Reply[Answer]]) -> Future[_Reply[Answer]]:
        """The reply, or the first failure of any call."""

        def run() -> _Reply[Answer]:
            if self._failure is not None:
                raise self._failure
            try:
                return call()
            except Exception as error:
                # Known before this thread takes the next call up.
                self._failure = error
                raise

        return self._pool.submit(run)


class OpenAIProvider:
    """One call for each artifact and one for the concepts. The client carries address, key,
    time limit and retries; it may be shared by threads."""

    name = "openai"

    def __init__(
        self, client: openai.OpenAI, *, model: str, answers: Answers | None = None
    ) -> None:
        self._client = client
        self._answers = answers or NoAnswers()
        self.model = model

    def generate(self, request: GenerationRequest) -> Draft:
        """Raises GenerationRefusedError; GenerationInvalidError where an answer is cut off or
        filtered; AnswerUnusableError where it is not of the form asked for; ModelRejectedError;
        and TransientError once the client's own retries are used up."""
        preset = request.preset
        opening: list[ChatCompletionMessageParam] = [
            {"role": "system", "content": prompts.system_prompt(request)},
            {"role": "user", "content": prompts.lecture_prompt(request)},
        ]
        calls = _Calls()

        def ask(task: str, form: type[Answer]) -> Future[_Reply[Answer]]:
            last: ChatCompletionMessageParam = {"role": "user", "content": task}
            return calls.submit(lambda: self._ask([*opening, last], form))

        with calls:
            summary = ask(prompts.summary_task(preset), WireSummary)
            outline = ask(prompts.outline_task(preset), WireOutline)
            terms = ask(prompts.key_terms_task(preset), WireTerms)
            cards = ask(prompts.flashcards_task(preset), WireCards)
            questions = ask(prompts.questions_task(preset), WireQuestions)
            concepts = ask(prompts.concepts_task(request), WireConcepts)
            read = FromWire(request)
            contents = Contents(
                summary=read.summary(summary.result().answer),
                outline=read.outline(outline.result().answer),
                key_terms=read.key_terms(terms.result().answer),
                flashcards=read.flashcards(cards.result().answer),
                exam_questions=read.exam_questions(questions.result().answer),
            )
            found = read.concepts(concepts.result().answer)
            costs = [
                future.result().cost
                for future in (summary, outline, terms, cards, questions, concepts)
            ]
            return Draft(contents, found, Cost.total(costs))

    def _ask(
        self, messages: list[ChatCompletionMessageParam], form: type[Answer]
    ) -> _Reply[Answer]:
        question = question_of(self.model, messages, form.__name__)
        if (kept := self._answers.get(question)) is not None:
            return _read(kept, form)
        reply = self._call(messages, form)
        self._answers.keep(question, _write(reply))
        return reply

    def _call(
        self, messages: list[ChatCompletionMessageParam], form: type[Answer]
    ) -> _Reply[Answer]:
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
        return _Reply(message.parsed, cost)


def _write(reply: _Reply[Answer]) -> bytes:
    kept = {"answer": reply.answer.model_dump(by_alias=True), "cost": asdict(reply.cost)}
    return json.dumps(kept, ensure_ascii=False).encode()


def _read(kept: bytes, form: type[Answer]) -> _Reply[Answer]:
    read = json.loads(kept)
    return _Reply(form.model_validate(read["answer"]), Cost(**read["cost"]))


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
