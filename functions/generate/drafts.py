"""Study material before it is checked: what a provider writes, and what is checked as one item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from shared.documents.artifacts import (
    ArtifactType,
    Bullet,
    Citation,
    ExamQuestion,
    ExamQuestionsContent,
    Flashcard,
    FlashcardsContent,
    KeyTerm,
    KeyTermsContent,
    OutlineContent,
    OutlinePoint,
    SummaryContent,
)
from shared.models import ThreadChange


@dataclass(frozen=True)
class KnownThread:
    """A concept that other lectures of the course have treated, and what they said of it."""

    key: str
    title: str
    description: str
    aliases: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contents:
    """The five artifacts of one lecture, without ids and dates."""

    summary: SummaryContent
    outline: OutlineContent
    key_terms: KeyTermsContent
    flashcards: FlashcardsContent
    exam_questions: ExamQuestionsContent


NO_CONTENTS = Contents(
    summary=SummaryContent.model_construct(overview="", overview_citations=(), sections=()),
    outline=OutlineContent(nodes=()),
    key_terms=KeyTermsContent(terms=()),
    flashcards=FlashcardsContent(cards=()),
    exam_questions=ExamQuestionsContent(questions=()),
)
"""Nothing of any kind. Such contents are not stored."""


@dataclass(frozen=True)
class Change:
    """How this lecture changes what the course said of a concept, in one sentence."""

    kind: ThreadChange
    summary: str


@dataclass(frozen=True)
class Concept:
    """An idea of the lecture that may run through the course."""

    title: str
    description: str
    complexity: int
    """1 (a plain fact) to 5 (builds on many other ideas)."""
    evidence: tuple[Citation, ...]
    aliases: tuple[str, ...] = ()
    continues: str | None = None
    """Key of the known thread that the provider takes it to continue."""
    change: Change | None = None
    """Where it continues a known thread. Of another concept only a contradiction: the lecturer
    takes something back, and who said it may turn out later."""


@dataclass(frozen=True)
class Cost:
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = 0.0
    """By the price table; None if the price of any call is not known."""

    @classmethod
    def total(cls, costs: Iterable["Cost"]) -> "Cost":
        listed = list(costs)
        return cls(
            calls=sum(cost.calls for cost in listed),
            input_tokens=sum(cost.input_tokens for cost in listed),
            output_tokens=sum(cost.output_tokens for cost in listed),
            usd=_sum(cost.usd for cost in listed),
        )


def _sum(prices: Iterable[float | None]) -> float | None:
    listed = list(prices)
    known = [price for price in listed if price is not None]
    return round(sum(known), 6) if len(known) == len(listed) else None


@dataclass(frozen=True)
class Draft:
    """What a provider wrote, before its quotes are checked against the transcript."""

    contents: Contents
    concepts: tuple[Concept, ...]
    cost: Cost = field(default_factory=Cost)
    failed: Mapping[ArtifactType, str] = field(default_factory=dict, hash=False)
    """Artifacts that could not be written at all, each with the error's code; they are empty."""

    @classmethod
    def without(cls, failed: Mapping[ArtifactType, str], cost: Cost) -> "Draft":
        """A draft in which everything failed."""
        return cls(NO_CONTENTS, (), cost, failed)


@dataclass(frozen=True)
class Overview:
    text: str
    citations: tuple[Citation, ...]


Item = Overview | Bullet | OutlinePoint | KeyTerm | Flashcard | ExamQuestion
"""What a student reads as one, and what is checked, repaired or dropped as one."""


@dataclass(frozen=True)
class Fault:
    """An item that may not be stored as it is, and why, as a message for the provider."""

    artifact: ArtifactType
    item: Item
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Repairs:
    """The items of one repair round, in the order of the faults; None where there is none."""

    items: tuple[Item | None, ...]
    cost: Cost = field(default_factory=Cost)

    @classmethod
    def none(cls, faults: Sequence[Fault]) -> "Repairs":
        return cls(tuple(None for _ in faults))


@dataclass(frozen=True)
class Claim:
    """What an item states, to be compared with the passage that it quotes."""

    statement: str
    passage: str
    """The quoted utterances and those around them, a line each."""


Entailment = Literal["supported", "contradicted", "not said"]
"""What a passage says of a claim."""


@dataclass(frozen=True)
class Verdicts:
    """In the order of the claims; None where there is none."""

    verdicts: tuple[Entailment | None, ...]
    cost: Cost = field(default_factory=Cost)

    @classmethod
    def none(cls, claims: Sequence[Claim]) -> "Verdicts":
        return cls(tuple(None for _ in claims))
