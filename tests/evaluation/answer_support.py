"""How many items that do not follow from their quotes the checks without a model find.

`python -m tests.evaluation.answer_support` prints the table of docs/quality.md: the share of wrong
items found and of right ones lost, by what is wrong and by the least coverage of an answer. The
threshold is chosen on one half of the lectures and reported on the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from functions.generate.drafts import Item
from functions.generate.grounding.answer_support import COVERAGE, AnswerSupportCheck, answer_of
from functions.generate.grounding.polarity.check import PolarityCheck
from functions.generate.text.language import language_of
from shared.documents.artifacts import Bullet, Citation, Flashcard
from shared.documents.transcript import Transcript
from tests.unit.generate.lectures import spoken

DATA = Path(__file__).parents[1] / "data"
ITEMS = DATA / "following" / "items.txt"
THRESHOLDS = (0.0, 0.2, 0.34, 0.4, 0.5, 0.6, 0.67, 0.75, 0.9)
WRONG = ("number", "antonym", "swap", "negation", "invented", "unsaid")


@dataclass(frozen=True)
class Labelled:
    lecture: str
    label: str
    """`right`, or what is wrong with it."""
    item: Item


@dataclass(frozen=True)
class Found:
    """What the checks say of one item."""

    labelled: Labelled
    coverage: float
    facts: bool
    """A number, unit or name was not said."""
    polarity: bool
    """A negation, an opposite, a bound or the like is another than was said."""

    @property
    def is_right(self) -> bool:
        return self.labelled.label == "right"

    def is_rejected(self, threshold: float) -> bool:
        return self.facts or self.polarity or self.coverage < threshold


@cache
def transcript_of(lecture: str) -> Transcript:
    (file,) = DATA.glob(f"*/{lecture}.txt")
    return spoken(file.read_text())


def labelled() -> Iterator[Labelled]:
    lecture, quote, asked = "", "", ""
    for line in ITEMS.read_text().splitlines():
        match line[:2]:
            case "= ":
                lecture = line[2:].strip()
            case "> ":
                quote, _, asked = (part.strip() for part in line[2:].partition("|"))
            case "# " | "":
                continue
            case _:
                label, _, text = line.partition(": ")
                yield Labelled(lecture, label, _item(_cited(lecture, quote), asked, text))


def _cited(lecture: str, beginning: str) -> Citation:
    (said,) = [u for u in transcript_of(lecture).utterances if u.text.startswith(beginning)]
    return Citation(start_sec=said.start_sec, end_sec=said.end_sec, quote=said.text)


def _item(citation: Citation, asked: str, text: str) -> Item:
    if not asked:
        return Bullet(text=text, citations=(citation,))
    return Flashcard(
        key=asked, kind="basic", front=asked, back=text, difficulty="easy", citations=(citation,)
    )


def judged(items: Sequence[Labelled]) -> list[Found]:
    found = []
    for lecture in dict.fromkeys(each.lecture for each in items):
        transcript = transcript_of(lecture)
        language = language_of(transcript.language)
        following = AnswerSupportCheck(transcript, language)
        polarity = PolarityCheck(transcript, language)
        for each in (each for each in items if each.lecture == lecture):
            citations = each.item.citations
            reasons = following.reasons(each.item, citations)
            passage = following.passage_of(citations)
            found.append(
                Found(
                    each,
                    following.coverage(answer_of(each.item), passage),
                    any("number" in reason or "name" in reason for reason in reasons),
                    bool(polarity.changes(each.item, citations)),
                )
            )
    return found


def halves(items: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """By lecture: the first half is fitted on, the second reported."""
    names = sorted({each.lecture for each in items})
    fitted = set(names[::2])
    return (
        [each for each in items if each.lecture in fitted],
        [each for each in items if each.lecture not in fitted],
    )


def caught(found: Sequence[Found], threshold: float) -> float:
    wrong = [each for each in found if not each.is_right]
    return sum(each.is_rejected(threshold) for each in wrong) / len(wrong)


def lost(found: Sequence[Found], threshold: float) -> float:
    right = [each for each in found if each.is_right]
    return sum(each.is_rejected(threshold) for each in right) / len(right)


def by_kind(found: Sequence[Found], threshold: float) -> dict[str, str]:
    table = {}
    for kind in WRONG:
        of_kind = [each for each in found if each.labelled.label == kind]
        table[kind] = f"{sum(e.is_rejected(threshold) for e in of_kind)}/{len(of_kind)}"
    return table


def main() -> None:
    fitted, reported = map(judged, halves(list(labelled())))
    for name, found in (("fitted on", fitted), ("reported", reported)):
        lectures = sorted({each.labelled.lecture for each in found})
        print(f"\n{name}: {len(found)} items of {', '.join(lectures)}\n")
        print("| least coverage | wrong caught | right lost | " + " | ".join(WRONG) + " |")
        print("|--:|--:|--:|" + "--:|" * len(WRONG))
        for threshold in THRESHOLDS:
            kinds = " | ".join(by_kind(found, threshold).values())
            mark = " (used)" if threshold == COVERAGE else ""
            print(
                f"| {threshold:g}{mark} | {caught(found, threshold):.0%} "
                f"| {lost(found, threshold):.0%} | {kinds} |"
            )
        alone = [each for each in found if not each.is_right]
        print(
            f"\nalone, of {len(alone)} wrong: polarity {sum(e.polarity for e in alone)}, facts "
            f"{sum(e.facts for e in alone)}, coverage "
            f"{sum(e.coverage < COVERAGE for e in alone)}"
        )


if __name__ == "__main__":
    main()
