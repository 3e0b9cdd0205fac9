"""Study material by a language model."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from functions.generate.drafts import (
    NO_CONTENTS,
    Claim,
    Concept,
    Contents,
    Cost,
    Draft,
    Fault,
    Repairs,
    Verdicts,
)
from functions.generate.providers.base import GenerationRequest
from functions.generate.providers.chat.model import (
    Answer,
    ChatModel,
    ContextTooLongError,
    Message,
    Question,
    Reply,
)
from functions.generate.providers.language_model import prompts
from functions.generate.providers.language_model.calls import Calls
from functions.generate.providers.language_model.entailment import Asking, Verifier
from functions.generate.providers.language_model.notes import NoteTaker
from functions.generate.providers.language_model.reading import FromWire
from functions.generate.providers.language_model.repairs import Repairer
from functions.generate.providers.language_model.windows import estimate_tokens
from functions.generate.providers.language_model.wire import (
    WireCards,
    WireConcepts,
    WireOutline,
    WireQuestions,
    WireSummary,
    WireTerms,
)
from shared.documents.artifacts import ArtifactType
from shared.errors import PegasusError
from shared.log import log

Content = TypeVar("Content")

ANSWER_TOKENS = 16_000
"""Most that an answer may take, thoughts of the model included; at most a third of the context."""
LEAST_ROOM = 300
"""An endpoint that will not take this much of a transcript cannot be worked with."""


class LanguageModelProvider:
    """One call for each artifact and one for the concepts; before them, of a lecture that does
    not fit the model's context, one for each window of it."""

    def __init__(
        self,
        chat: ChatModel,
        *,
        context_tokens: int = 64_000,
        concurrency: int = 3,
        verification: Asking | None = None,
        is_last_attempt: bool = False,
    ) -> None:
        """`context_tokens`: the model's input and output together, in one call. `concurrency`:
        calls in progress concurrently. `verification`: how the model is asked whether the items
        follow from what they quote; None if it is not. `is_last_attempt`: of the job; what the
        endpoint does not answer then is missing from the draft."""
        self._chat = chat
        self._context_tokens = context_tokens
        self._concurrency = concurrency
        self._verification = verification
        self._is_last = is_last_attempt

    @property
    def name(self) -> str:
        return self._chat.name

    @property
    def model(self) -> str:
        return self._chat.model

    def generate(self, request: GenerationRequest) -> Draft:
        """Artifacts of which nothing could be read are named in `failed` and are empty.

        Raises ModelRejectedError, ProviderQuotaExhaustedError, and, except in the last attempt,
        TransientError where the endpoint is to be asked again later.
        """
        while True:
            try:
                return self._generate(request)
            except ContextTooLongError:
                # It counts more tokens than the estimate, or its context is smaller than set.
                if self._room(request) <= LEAST_ROOM:
                    raise
                self._context_tokens //= 2

    def repair(self, request: GenerationRequest, faults: Sequence[Fault]) -> Repairs:
        repairer = Repairer(
            self._chat,
            request,
            room=self._room(request) // 2,
            answer_tokens=self._answer_tokens,
        )
        with self._calls() as calls:
            return repairer.repair(faults, calls)

    def verify(self, request: GenerationRequest, claims: Sequence[Claim]) -> Verdicts:
        if self._verification is None or not claims:
            return Verdicts.none(claims)
        verifier = Verifier(
            self._chat,
            self._verification,
            room=max(LEAST_ROOM, self._context_tokens // 3),
            answer_tokens=self._answer_tokens,
        )
        with self._calls() as calls:
            return verifier.verify(claims, calls)

    def close(self) -> None:
        self._chat.close()

    def _calls(self) -> Calls:
        return Calls(self._concurrency, is_last=self._is_last)

    @property
    def _answer_tokens(self) -> int:
        return min(ANSWER_TOKENS, self._context_tokens // 3)

    def _room(self, request: GenerationRequest) -> int:
        """Tokens that a transcript, or notes of it, may take."""
        asked = estimate_tokens(prompts.system_prompt(request)) + max(
            estimate_tokens(task) for task in prompts.tasks(request)
        )
        return max(LEAST_ROOM, self._context_tokens - self._answer_tokens - asked)

    def _generate(self, request: GenerationRequest) -> Draft:
        room = self._room(request)
        with self._calls() as calls:
            material, spent = prompts.lecture_prompt(request), Cost()
            if estimate_tokens(material) > room:
                taker = NoteTaker(self._chat, request, calls, answer_tokens=self._answer_tokens)
                notes = taker.take(room)
                if not notes.lines:
                    return Draft.without(dict.fromkeys(ArtifactType, notes.failure), notes.cost)
                material, spent = prompts.notes_prompt(request, notes.lines), notes.cost
            return self._write(request, material, spent, calls)

    def _write(self, request: GenerationRequest, material: str, spent: Cost, calls: Calls) -> Draft:
        preset = request.preset
        opening = (
            Message("system", prompts.system_prompt(request)),
            Message("user", material),
        )

        def ask(task: str, form: type[Answer], **most: int) -> Future[Reply[Answer] | PegasusError]:
            question = Question((*opening, Message("user", task)), form, most, self._answer_tokens)
            return calls.submit(lambda: self._chat.ask(question))

        summary = ask(prompts.summary_task(preset), WireSummary, sections=preset.summary_sections)
        outline = ask(prompts.outline_task(preset), WireOutline)
        terms = ask(prompts.key_terms_task(preset), WireTerms, terms=preset.key_terms)
        cards = ask(prompts.flashcards_task(preset), WireCards, cards=preset.flashcards)
        questions = ask(
            prompts.questions_task(preset),
            WireQuestions,
            questions=sum(preset.question_counts.values()),
        )
        concepts = ask(prompts.concepts_task(request), WireConcepts)

        failed: dict[ArtifactType, str] = {}
        costs = [spent]

        def read(
            kind: ArtifactType,
            asked: Future[Reply[Answer] | PegasusError],
            into: Callable[[Answer], Content],
            empty: Content,
        ) -> Content:
            reply = asked.result()
            if isinstance(reply, PegasusError):
                log.warning("generation.artifact_failed", artifact=kind.value, code=reply.code)
                failed[kind] = reply.code
                return empty
            costs.append(reply.cost)
            return into(reply.answer)

        wire, none = FromWire(request), NO_CONTENTS
        contents = Contents(
            summary=read(ArtifactType.SUMMARY, summary, wire.summary, none.summary),
            outline=read(ArtifactType.OUTLINE, outline, wire.outline, none.outline),
            key_terms=read(ArtifactType.KEY_TERMS, terms, wire.key_terms, none.key_terms),
            flashcards=read(ArtifactType.FLASHCARDS, cards, wire.flashcards, none.flashcards),
            exam_questions=read(
                ArtifactType.EXAM_QUESTIONS, questions, wire.exam_questions, none.exam_questions
            ),
        )
        found: tuple[Concept, ...] = ()
        reply = concepts.result()
        if isinstance(reply, PegasusError):
            log.warning("generation.concepts_failed", code=reply.code)
        else:
            costs.append(reply.cost)
            found = wire.concepts(reply.answer)
        return Draft(contents, found, Cost.total(costs), failed)
