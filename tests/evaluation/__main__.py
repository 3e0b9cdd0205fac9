"""How good the study material is, as a table in Markdown.

    python -m tests.evaluation [--faults]

Runs `extractive` on every lecture with every preset. Where the environment names a language model
(PLC_LLM_PROVIDER and its key), runs that as well, on the recordings as Whisper heard them, with the
preset `exam`: a run that costs money. --faults lists all that is wrong, item by item.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from functions.generate.drafts import Cost
from functions.generate.grounding.limits import violations
from functions.generate.providers.base import Provider
from functions.generate.providers.extractive.provider import ExtractiveProvider
from shared.presets import Preset, list_presets, load_preset
from tests.evaluation.figures import Figures, measure
from tests.evaluation.lectures import Lecture, every_lecture, long_lecture
from tests.evaluation.material import Material, make
from tests.evaluation.model import language_model
from tests.evaluation.quoting import CAP, LONG_SEC, quoted_share

HEAD = (
    "| provider | lecture | words | preset | items | grounded | key facts | in the summary | "
    "repeated | doubtful choices | limits broken | quoted | cost | seconds |\n"
    "|---|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
)


@dataclass(frozen=True)
class Run:
    provider: Provider
    lecture: Lecture
    preset: Preset
    material: Material
    figures: Figures
    violations: tuple[str, ...]
    quoted: float
    """The part of the transcript that material and files repeat, 0 to 1."""

    @property
    def faults(self) -> Iterator[str]:
        yield from self.figures.unsupported
        yield from self.figures.doubtful_choices
        yield from self.violations
        for one, other in self.figures.repetitions:
            yield f"twice: {one!r}, {other!r}"
        if self.lecture.transcript.duration_sec >= LONG_SEC and self.quoted > CAP:
            yield f"quoted: {self.quoted:.0%} of what was said, more than {CAP:.0%}"


def main() -> None:
    show_faults = "--faults" in sys.argv[1:]
    sys.stdout.write(HEAD)
    for run in runs():
        sys.stdout.write(row(run))
        sys.stdout.flush()
        if show_faults:
            sys.stdout.writelines(f"    {fault}\n" for fault in run.faults)


def runs() -> Iterable[Run]:
    for lecture in (*every_lecture(), long_lecture()):
        for preset in list_presets():
            yield evaluate(ExtractiveProvider(), lecture, preset)
    model = language_model()
    if model is None:
        return
    try:
        for lecture in every_lecture():
            if lecture.words == "heard":
                yield evaluate(model, lecture, load_preset("exam"))
    finally:
        model.close()


def evaluate(provider: Provider, lecture: Lecture, preset: Preset) -> Run:
    material = make(provider, lecture.transcript, preset)
    transcript = json.loads(lecture.transcript.to_json())
    return Run(
        provider=provider,
        lecture=lecture,
        preset=preset,
        material=material,
        figures=measure(material.artifacts, transcript, lecture.facts),
        violations=tuple(str(v.reason) for v in violations(material.contents, preset)),
        quoted=quoted_share(
            lecture.transcript.text, (material.artifacts, material.quoted_by_threads)
        ),
    )


def row(run: Run) -> str:
    figures, cost = run.figures, run.material.cost
    cells = [
        f"{run.provider.name} ({run.provider.model})" if cost.calls else run.provider.name,
        run.lecture.name,
        run.lecture.words,
        run.preset.id,
        f"{figures.items}",
        f"{figures.grounded:.0%}",
        f"{figures.covered}/{figures.facts}",
        f"{figures.covered_by_summary}/{figures.facts}",
        f"{len(figures.repetitions)}",
        f"{len(figures.doubtful_choices)}",
        f"{len(run.violations)}",
        f"{run.quoted:.0%}",
        _spent(cost),
        f"{run.material.seconds:.2f}",
    ]
    return f"| {' | '.join(cells)} |\n"


def _spent(cost: Cost) -> str:
    if not cost.calls:
        return "–"
    price = "price unknown" if cost.usd is None else f"${cost.usd:.4f}"
    return f"{cost.calls} calls, {cost.input_tokens} + {cost.output_tokens} tokens, {price}"


if __name__ == "__main__":
    main()
