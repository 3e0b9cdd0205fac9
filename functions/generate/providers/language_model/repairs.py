"""Lets a language model rewrite items that may not be stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from functions.generate.drafts import Cost, Fault, Item, Overview, Repairs
from functions.generate.providers.base import GenerationRequest
from functions.generate.providers.chat.model import (
    ChatModel,
    DeadlinePassedError,
    Message,
    Question,
)
from functions.generate.providers.language_model import prompts
from functions.generate.providers.language_model.calls import Calls
from functions.generate.providers.language_model.excerpts import Excerpts
from functions.generate.providers.language_model.reading import FromWire
from functions.generate.providers.language_model.wire import (
    Wire,
    WireBullet,
    WireCard,
    WireQuestion,
    WireTerm,
)
from shared.documents.artifacts import (
    Bullet,
    ExamQuestion,
    Flashcard,
    KeyTerm,
    OutlinePoint,
    StudyItem,
)
from shared.errors import PegasusError, PermanentError
from shared.log import log

BATCH = 15
"""Items in one question: an answer of about 2,000 tokens."""


class RepairedPoint(WireBullet):
    number: int


class RepairedTerm(WireTerm):
    number: int


class RepairedCard(WireCard):
    number: int


class RepairedQuestion(WireQuestion):
    number: int


class RepairedPoints(Wire):
    items: Annotated[list[RepairedPoint], Field(max_length=BATCH)]


class RepairedTerms(Wire):
    items: Annotated[list[RepairedTerm], Field(max_length=BATCH)]


class RepairedCards(Wire):
    items: Annotated[list[RepairedCard], Field(max_length=BATCH)]


class RepairedQuestions(Wire):
    items: Annotated[list[RepairedQuestion], Field(max_length=BATCH)]


@dataclass(frozen=True)
class _Kind:
    """Items that are written again with one form."""

    what: str
    items: tuple[type[Any], ...]
    form: type[Any]


_KINDS = (
    _Kind("summary texts and outline points", (Overview, Bullet, OutlinePoint), RepairedPoints),
    _Kind("key terms", (KeyTerm,), RepairedTerms),
    _Kind("flashcards", (Flashcard,), RepairedCards),
    _Kind("exam questions", (ExamQuestion,), RepairedQuestions),
)


class Repairer:
    def __init__(
        self, chat: ChatModel, request: GenerationRequest, *, room: int, answer_tokens: int
    ) -> None:
        """`room`: tokens that what is shown of the transcript may take; `answer_tokens`: those of
        an answer."""
        self._answer_tokens = answer_tokens
        self._chat = chat
        self._request = request
        self._excerpts = Excerpts(request.transcript, room=room)
        self._wire = FromWire(request)

    def repair(self, faults: Sequence[Fault], calls: Calls) -> Repairs:
        """A batch that the model refuses, makes nonsense of or has no time for stays as it was.

        Raises TransientError where the endpoint is to be asked again later.
        """
        numbered = list(enumerate(faults))
        asked = [
            calls.submit(self._asking(kind, batch))
            for kind in _KINDS
            for batch in _batches([(n, f) for n, f in numbered if isinstance(f.item, kind.items)])
        ]
        items: dict[int, Item] = {}
        costs = []
        for each in asked:
            answered = each.result()
            if isinstance(answered, PegasusError):
                log.warning("generation.repair_failed", code=answered.code)
                continue
            repaired, cost = answered
            items.update(repaired)
            costs.append(cost)
        return Repairs(tuple(items.get(number) for number, _ in numbered), Cost.total(costs))

    def _asking(
        self, kind: _Kind, batch: Sequence[tuple[int, Fault]]
    ) -> Callable[[], tuple[dict[int, Item], Cost]]:
        """The call that asks. What it shows is looked up here and now: the call itself may be
        one of several in parallel, and a language is for one thread."""
        shown = self._excerpts.around([fault.item for _, fault in batch])
        faulty = [_faulty_line(number, fault) for number, fault in batch]
        messages = (
            Message("system", prompts.system_prompt(self._request)),
            Message("user", prompts.transcript_prompt(self._request, shown)),
            Message("user", prompts.repair_task(kind.what, faulty)),
        )
        question = Question(messages, kind.form, {"items": len(batch)}, self._answer_tokens)
        return partial(self._ask, question, dict(batch))

    def _ask(
        self, question: Question[Any], batch: dict[int, Fault]
    ) -> tuple[dict[int, Item], Cost]:
        try:
            reply = self._chat.ask(question)
        except (PermanentError, DeadlinePassedError) as error:
            # The items that were right are worth more than another attempt.
            log.warning("generation.repair_failed", code=error.code, items=len(batch))
            return {}, Cost()
        written = {
            each.number: self._item(each, batch[each.number].item)
            for each in reply.answer.items
            if each.number in batch
        }
        return written, reply.cost

    def _item(self, written: Any, faulty: Item) -> Item:
        match written:
            case RepairedTerm():
                return self._wire.key_term(written)
            case RepairedCard():
                return self._wire.flashcard(written)
            case RepairedQuestion():
                return self._wire.exam_question(written)
        citations = self._wire.cite(written.evidence)
        match faulty:
            case Overview():
                return Overview(written.text, citations)
            case Bullet():
                return Bullet(text=written.text, citations=citations, role=faulty.role)
        return OutlinePoint(text=written.text, citations=citations)


def _batches(faults: Sequence[tuple[int, Fault]]) -> list[Sequence[tuple[int, Fault]]]:
    return [faults[first : first + BATCH] for first in range(0, len(faults), BATCH)]


def _faulty_line(number: int, fault: Fault) -> str:
    item = fault.item
    text = (
        {"text": item.text}
        if isinstance(item, Overview)
        else item.model_dump(
            by_alias=True,
            exclude={*StudyItem.model_fields, "citations", "thread_ref", "key", "first_said_sec"},
        )
    )
    quoted = [citation.quote for citation in item.citations]
    return prompts.data_line(
        {"number": number, "item": text, "quoted": quoted, "wrong": list(fault.reasons)}
    )
