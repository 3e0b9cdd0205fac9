"""How many items that do not follow from their quotes a language model finds.

`PLC_LLM_PROVIDER=… python -m tests.evaluation.items.entailment` asks the model of the environment
about the labelled items, as generation does, and prints the table of docs/quality.md: the share of
wrong items found and of right ones doubted, by the model alone and together with the checks that
need none. `--only=N` takes N items of each label and half.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from functions.generate.drafts import Claim, Entailment
from functions.generate.grounding.answer_support import COVERAGE, AnswerSupportCheck
from functions.generate.grounding.claims import claim_of
from functions.generate.providers.base import Provider
from functions.generate.text.language import language_of
from tests.evaluation.answer_support import (
    WRONG,
    Found,
    Labelled,
    halves,
    judged,
    labelled,
    transcript_of,
)
from tests.evaluation.model import language_model
from tests.unit.generate.lectures import request


@dataclass(frozen=True)
class Asked:
    found: Found
    """What the checks without a model say."""
    verdict: Entailment | None

    @property
    def is_doubted(self) -> bool:
        return self.verdict in ("contradicted", "not said")

    @property
    def is_rejected(self) -> bool:
        return self.is_doubted or self.found.is_rejected(COVERAGE)


def asked(provider: Provider, items: Sequence[Labelled]) -> list[Asked]:
    """The verdicts on items of one or more lectures, each lecture asked as generation asks."""
    answered = []
    for found in _by_lecture(judged(items)):
        transcript = transcript_of(found[0].labelled.lecture)
        following = AnswerSupportCheck(transcript, language_of(transcript.language))
        claims = [_claim(following, each.labelled) for each in found]
        verdicts = provider.verify(request(transcript), claims).verdicts
        answered += [Asked(each, verdict) for each, verdict in zip(found, verdicts, strict=True)]
    return answered


def _by_lecture(found: Sequence[Found]) -> list[list[Found]]:
    names = dict.fromkeys(each.labelled.lecture for each in found)
    return [[each for each in found if each.labelled.lecture == name] for name in names]


def _claim(following: AnswerSupportCheck, item: Labelled) -> Claim:
    claim = claim_of(item.item, following.passage_of(item.item.citations))
    if claim is None:
        raise ValueError(f"the item states nothing: {item.item}")
    return claim


def row(name: str, answered: Sequence[Asked], is_out: Callable[[Asked], bool]) -> str:
    wrong = [each for each in answered if not each.found.is_right]
    right = [each for each in answered if each.found.is_right]
    kinds = [
        f"{sum(map(is_out, of_kind))}/{len(of_kind)}"
        for kind in WRONG
        if (of_kind := [each for each in wrong if each.found.labelled.label == kind])
    ]
    return (
        f"| {name} | {sum(map(is_out, wrong)) / len(wrong):.0%} "
        f"| {sum(map(is_out, right)) / len(right):.0%} | {' | '.join(kinds)} |"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", type=int, help="items of each label and half")
    only = parser.parse_args(arguments).only
    for name, half in zip(("written with", "reported"), halves(list(labelled())), strict=True):
        # Its calls have one deadline together.
        provider = language_model()
        if provider is None:
            print("PLC_LLM_PROVIDER names no language model", file=sys.stderr)
            return 2
        _report(provider, name, half if only is None else _some(half, only))
        provider.close()
    return 0


def _report(provider: Provider, name: str, items: Sequence[Labelled]) -> None:
    began = time.perf_counter()
    answered = asked(provider, items)
    seconds = time.perf_counter() - began
    print(f"\n{name}: {len(answered)} items, {seconds / len(answered):.1f} s each\n")
    print("| checks | wrong caught | right lost | " + " | ".join(WRONG) + " |")
    print("|---|--:|--:|" + "--:|" * len(WRONG))
    print(row("without a model", answered, lambda each: each.found.is_rejected(COVERAGE)))
    print(row(f"{provider.model} alone", answered, lambda each: each.is_doubted))
    print(row("together", answered, lambda each: each.is_rejected), flush=True)
    missing = sum(each.verdict is None for each in answered)
    if missing:
        print(f"\n{missing} without a verdict")


def _some(items: Sequence[Labelled], most: int) -> list[Labelled]:
    labels = dict.fromkeys(each.label for each in items)
    return [
        each for label in labels for each in [item for item in items if item.label == label][:most]
    ]


if __name__ == "__main__":
    sys.exit(main())
