"""The provider that needs no model, no key and no network."""

from collections.abc import Sequence

from functions.generate.drafts import Claim, Contents, Draft, Fault, Repairs, Verdicts
from functions.generate.grounding.checks import gist
from functions.generate.providers.base import GenerationRequest
from functions.generate.providers.extractive.analysis import analyse
from functions.generate.providers.extractive.writing.concepts import concepts
from functions.generate.providers.extractive.writing.flashcards import flashcards
from functions.generate.providers.extractive.writing.key_terms import key_terms
from functions.generate.providers.extractive.writing.outline import outline
from functions.generate.providers.extractive.writing.questions import exam_questions
from functions.generate.providers.extractive.writing.summary import summarize
from shared.errors import NoSpeechError


class ExtractiveProvider:
    """Draws everything from the lecturer's own sentences. The same transcript, preset and
    known threads always give the same draft; time grows with the length of the lecture, not
    with its square."""

    name = "extractive"
    model = "extractive-1"

    def generate(self, request: GenerationRequest) -> Draft:
        """Raises NoSpeechError if the transcript has no words."""
        preset = request.preset
        analysis = analyse(
            request.transcript.in_its_language(),
            term_count=preset.key_terms,
            section_count=preset.summary_sections,
            emphasis=preset.emphasis,
        )
        if not analysis.sentences:
            raise NoSpeechError
        cards = flashcards(analysis, preset)
        gaps = {c.start_sec for card in cards.cards if card.kind == "cloze" for c in card.citations}
        asked = {gist(card.front) for card in cards.cards}
        summary = summarize(analysis, preset)
        told = {*summary.overview_citations}
        told |= {c for s in summary.sections for bullet in s.bullets for c in bullet.citations}
        contents = Contents(
            summary=summary,
            outline=outline(analysis, preset, told),
            key_terms=key_terms(analysis, preset),
            flashcards=cards,
            exam_questions=exam_questions(analysis, preset, asked, gaps),
        )
        return Draft(contents, concepts(analysis, request.known_threads))

    def repair(self, request: GenerationRequest, faults: Sequence[Fault]) -> Repairs:
        """None: what is drawn from the lecture's words comes out the same again."""
        return Repairs.none(faults)

    def verify(self, request: GenerationRequest, claims: Sequence[Claim]) -> Verdicts:
        """None: what it writes are sentences of the lecture."""
        return Verdicts.none(claims)

    def close(self) -> None:
        """It holds nothing."""
