"""Study material by a language model."""

from collections.abc import Sequence
from concurrent.futures import Future

from functions.generate.chat.model import Answer, ChatModel, Message, Question, Reply
from functions.generate.language_model import prompts
from functions.generate.language_model.calls import Calls
from functions.generate.language_model.wire import (
    FromWire,
    WireCards,
    WireConcepts,
    WireOutline,
    WireQuestions,
    WireSummary,
    WireTerms,
)
from functions.generate.provider import (
    Contents,
    Cost,
    Draft,
    Fault,
    GenerationRequest,
    Repairs,
)

CONCURRENT_CALLS = 3
"""Half of the six calls: a lecture is done in two rounds without spending a small account's
tokens per minute at once."""


class LanguageModelProvider:
    """One call for each artifact and one for the concepts."""

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat

    @property
    def name(self) -> str:
        return self._chat.name

    @property
    def model(self) -> str:
        return self._chat.model

    def generate(self, request: GenerationRequest) -> Draft:
        """Raises what the chat model raises."""
        preset = request.preset
        opening = (
            Message("system", prompts.system_prompt(request)),
            Message("user", prompts.lecture_prompt(request)),
        )
        with Calls(CONCURRENT_CALLS) as calls:

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
            costs = [
                future.result().cost
                for future in (summary, outline, terms, cards, questions, concepts)
            ]
            return Draft(contents, found, Cost.total(costs))

    def repair(self, request: GenerationRequest, faults: Sequence[Fault]) -> Repairs:
        return Repairs.none(faults)
