"""One item after the other: is it sound, was its evidence said, does it keep to the preset?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal, TypeVar

from functions.generate.drafts import Claim, Fault, Item, Overview
from functions.generate.grounding.answer_support import AnswerSupportCheck
from functions.generate.grounding.checks import gist, is_sound_card, is_sound_question
from functions.generate.grounding.claims import claim_of
from functions.generate.grounding.limits import problems
from functions.generate.grounding.polarity.check import PolarityCheck
from functions.generate.grounding.quotes import SpokenWords, check_quotes
from functions.generate.grounding.support import WITHOUT_SPACES, Surroundings
from functions.generate.text.language import language_of
from shared.documents.artifacts import (
    ArtifactType,
    Bullet,
    Check,
    ExamQuestion,
    Flashcard,
    Grounding,
    KeyTerm,
    OutlinePoint,
)
from shared.documents.transcript import Transcript
from shared.presets import Preset

AnItem = TypeVar("AnItem", Overview, Bullet, OutlinePoint, KeyTerm, Flashcard, ExamQuestion)
Fate = Literal["verified", "repaired", "dropped"]


@dataclass(frozen=True)
class Verdict:
    item: Item | None
    """As it may be stored, with the very words that were said; None if it may not be."""
    is_as_written: bool = False
    reasons: tuple[str, ...] = ()


class Judge:
    """Knows the lecture and the preset, and nothing of the other items."""

    def __init__(self, transcript: Transcript, preset: Preset) -> None:
        self.spoken = SpokenWords(transcript)
        self._preset = preset
        language = language_of(transcript.language)
        self._surroundings = Surroundings(transcript, language)
        self._following = AnswerSupportCheck(transcript, language)
        self.polarity = PolarityCheck(transcript, language)
        self.checks: tuple[Check, ...] = ("quotes", "subject", "facts", "answer", "polarity")
        if transcript.language in WITHOUT_SPACES:
            self.checks = ("quotes",)

    def claim_of(self, item: Item) -> Claim | None:
        """What an item that passed states, with the passage that it cites."""
        return claim_of(item, self._following.passage_of(item.citations))

    def judge(self, item: Item) -> Verdict:
        reasons = [*_flaws(item), *problems(item, self._preset)]
        citations, changed = check_quotes(item.citations, self.spoken)
        if not citations:
            reasons.append("none of its quotes was said in the lecture")
        elif not self._surroundings.supports(item, citations):
            reasons.append("it is about something else than what its quotes come from")
        else:
            reasons += self._following.reasons(item, citations)
            reasons += self.polarity.changes(item, citations)
        if reasons:
            return Verdict(None, reasons=tuple(reasons))
        cited = (
            replace(item, citations=citations)
            if isinstance(item, Overview)
            else item.model_copy(update={"citations": citations})
        )
        return Verdict(cited, is_as_written=not changed)


@dataclass(frozen=True)
class Admitted:
    kind: ArtifactType
    item: Item
    fate: Fate


class Round:
    """Judges all items of one lecture in order, puts in repairs, and counts."""

    def __init__(
        self,
        judge: Judge,
        repairs: Mapping[int, Item | None] | None = None,
        *,
        doubted: Mapping[int, Fault] | None = None,
    ) -> None:
        """`repairs`: by the number of the fault they answer, as an earlier round gave it.
        `doubted`: items that fail for a reason of before, by their numbers."""
        self.faults: list[tuple[int, Fault]] = []
        """Numbers of items that failed, and why; also of those whose repair failed."""
        self.admitted: dict[int, Admitted] = {}
        """By their numbers."""
        self._judge = judge
        self._repairs = repairs or {}
        self._doubted = doubted or {}
        self._numbers = count()
        self._fates: dict[ArtifactType, Counter[Fate]] = {kind: Counter() for kind in ArtifactType}
        self._card_keys: set[str] = set()
        self._asked: set[tuple[str, ...]] = set()

    def admit_all(self, kind: ArtifactType, items: Iterable[AnItem]) -> tuple[AnItem, ...]:
        return tuple(admitted for item in items if (admitted := self.admit(kind, item)))

    def admit(self, kind: ArtifactType, item: AnItem) -> AnItem | None:
        """The item as it may be stored, its repair, or None."""
        number = next(self._numbers)
        doubt = self._doubted.get(number)
        verdict = Verdict(None, reasons=doubt.reasons) if doubt else self._verdict(item)
        fate: Fate = "verified" if verdict.is_as_written else "repaired"
        if verdict.item is None:
            self.faults.append((number, Fault(kind, item, verdict.reasons)))
            repair = self._repairs.get(number)
            if isinstance(repair, type(item)) and _is_of_kind(repair, item):
                verdict, fate = self._verdict(repair), "repaired"
        if not isinstance(verdict.item, type(item)):
            self._fates[kind]["dropped"] += 1
            return None
        if isinstance(verdict.item, Flashcard):
            self._card_keys.add(verdict.item.key)
            self._asked.add(gist(verdict.item.front))
        self._fates[kind][fate] += 1
        self.admitted[number] = Admitted(kind, verdict.item, fate)
        return verdict.item

    def title(self, title: str, points: Sequence[Bullet | OutlinePoint]) -> str:
        """The title; where there is none, or it changes what the points quote, the first point, if
        there is any."""
        title = title.strip()
        citations = [citation for point in points for citation in point.citations]
        if title and not self._judge.polarity.changes_in_title(title, citations):
            return title
        return next((point.text for point in points), title)

    def discard(self, kind: ArtifactType, items: Sequence[Item]) -> None:
        """Take back what was admitted."""
        for number, each in [*self.admitted.items()]:
            if any(each.item is item for item in items):
                del self.admitted[number]
                self._fates[kind][each.fate] -= 1
                self._fates[kind]["dropped"] += 1

    def span(
        self, start_sec: float, end_sec: float, inner: Sequence[tuple[float, float]]
    ) -> tuple[float, float]:
        """A chapter's span: within the lecture, and around all it holds."""
        duration = self._judge.spoken.duration_sec
        low, high = (min(max(sec, 0.0), duration) for sec in (start_sec, end_sec))
        starts, ends = zip(*inner, strict=True)
        return min(low, *starts), max(high, *ends)

    def counted(self, kind: ArtifactType, further: Sequence[Check] = ()) -> Grounding:
        """`further`: checks that all of the artifact's items have passed besides."""
        fates = self._fates[kind]
        return Grounding(
            items=fates.total(),
            verified=fates["verified"],
            repaired=fates["repaired"],
            dropped=fates["dropped"],
            checks=(*self._judge.checks, *further),
        )

    def _verdict(self, item: Item) -> Verdict:
        if isinstance(item, Flashcard) and (
            item.key in self._card_keys or gist(item.front) in self._asked
        ):
            return Verdict(None, reasons=("another card asks the same",))
        return self._judge.judge(item)


def _is_of_kind(repair: Item, item: Item) -> bool:
    """A question stays of its kind: of each kind the preset wants so many."""
    if isinstance(repair, ExamQuestion) and isinstance(item, ExamQuestion):
        return repair.kind == item.kind
    return True


def _flaws(item: Item) -> list[str]:
    """What is wrong with an item whatever it quotes."""
    match item:
        case Overview() | Bullet() | OutlinePoint():
            return [] if item.text.strip() else ["it is empty"]
        case KeyTerm():
            return [] if item.term.strip() and item.definition.strip() else ["it is empty"]
        case Flashcard():
            return [] if is_sound_card(item) else ["it hides nothing, or gives its answer away"]
        case ExamQuestion():
            return [] if is_sound_question(item) else ["its options and its answer do not fit"]
