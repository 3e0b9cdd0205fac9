"""Study material by a language model."""

from collections.abc import Sequence
from concurrent.futures import Future

from functions.generate.drafts import Contents, Cost, Draft, Fault, Repairs
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
from functions.generate.providers.language_model.notes import NoteTaker
from functions.generate.providers.language_model.reading import FromWire
from functions.generate.providers.language_model.repairs import Repairer
from functions.generate.providers.language_model.tokens import estimate_tokens
from functions.generate.providers.language_model.wire import (
    WireCards,
    WireConcepts,
    WireOutline,
    WireQuestions,
    WireSummary,
    WireTerms,
)

ANSWER_TOKENS = 16_000
"""Kept free for an answer, thoughts of the model included; at most a third of the context."""
TASK_TOKENS = 1_500
"""What system prompt and task take at most, without the list of known threads."""
LEAST_ROOM = 1_000
"""An endpoint that will not take this much of a transcript cannot be worked with."""


class LanguageModelProvider:
    """One call for each artifact and one for the concepts; before them, of a lecture that does
    not fit the model's context, one for each window of it."""

    def __init__(
        self, chat: ChatModel, *, context_tokens: int = 64_000, concurrency: int = 3
    ) -> None:
        """`context_tokens`: the model's input and output together, in one call. `concurrency`:
        calls in progress concurrently."""
        self._chat = chat
        self._context_tokens = context_tokens
        self._concurrency = concurrency

    @property
    def name(self) -> str:
        return self._chat.name

    @property
    def model(self) -> str:
        return self._chat.model

    def generate(self, request: GenerationRequest) -> Draft:
        """Raises what the chat model raises."""
        room = self._room(request)
        while True:
            try:
                return self._generate(request, room)
            except ContextTooLongError:
                # It counts more tokens than the estimate, or its context is smaller than set.
                room //= 2
                if room < LEAST_ROOM:
                    raise

    def repair(self, request: GenerationRequest, faults: Sequence[Fault]) -> Repairs:
        repairer = Repairer(self._chat, request, room=self._room(request) // 2)
        with Calls(self._concurrency) as calls:
            return repairer.repair(faults, calls)

    def close(self) -> None:
        self._chat.close()

    def _room(self, request: GenerationRequest) -> int:
        """Tokens that a transcript, or notes of it, may take."""
        known = estimate_tokens(prompts.concepts_task(request))
        answer = min(ANSWER_TOKENS, self._context_tokens // 3)
        return max(LEAST_ROOM, self._context_tokens - answer - TASK_TOKENS - known)

    def _generate(self, request: GenerationRequest, room: int) -> Draft:
        with Calls(self._concurrency) as calls:
            material, spent = prompts.lecture_prompt(request), Cost()
            if estimate_tokens(material) > room:
                notes = NoteTaker(self._chat, request, calls).take(room)
                material, spent = prompts.notes_prompt(request, notes.lines), notes.cost
            return self._write(request, material, spent, calls)

    def _write(self, request: GenerationRequest, material: str, spent: Cost, calls: Calls) -> Draft:
        preset = request.preset
        opening = (
            Message("system", prompts.system_prompt(request)),
            Message("user", material),
        )

        def ask(task: str, form: type[Answer]) -> Future[Reply[Answer]]:
            question = Question((*opening, Message("user", task)), form)
            return calls.submit(lambda: self._chat.ask(question))

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
        asked = (summary, outline, terms, cards, questions, concepts)
        return Draft(contents, found, Cost.total((spent, *(each.result().cost for each in asked))))
