"""What lectures cost: `python -m scripts.cost --hours 1 --lectures 200`.

Prints the bill of one lecture, that of a month in which nothing happens, and speech
recognition beside hosted services. `--write` puts the tables into docs/cost.md, `--check` only
checks whether they are those of today's figures; both are for the plan that is the default.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from scripts.cost.ceilings import ceiling_lines
from scripts.cost.figures import Assumed
from scripts.cost.lecture import Bases, hosted_usd, lecture_lines, recognition_usd
from scripts.cost.lines import total
from scripts.cost.month import idle_lines
from scripts.cost.plan import Plan
from scripts.cost.tables import bill, dollars, put_into, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cost.md"
SIZES = (20, 200, 2000, 20_000)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    given = parser.parse_args(arguments)
    on = Bases.load()
    if given.check or given.write:
        if put_into(PAGE, page_tables(on), check=given.check) or given.write:
            return 0
        print("docs/cost.md is out of date: python -m scripts.cost --write")
        return 1
    try:
        plan = Plan(
            hours=given.hours,
            lectures=given.lectures,
            recognizer=given.recognizer,
            model=None if given.model == "extractive" else given.model,
            cached=given.cached,
            students=given.students,
            database_tier=given.tier,
            regional=not given.zonal,
            kept_instances=given.kept_instances,
        )
        print(_report(plan, on))
    except ValueError as error:
        parser.error(str(error))
    return 0


def _parser() -> argparse.ArgumentParser:
    usual = Plan()
    parser = argparse.ArgumentParser(
        prog="python -m scripts.cost", description="What lectures cost."
    )
    add = parser.add_argument
    add("--hours", type=float, default=usual.hours, help="of one lecture (%(default)s)")
    add("--lectures", type=int, default=usual.lectures, help="in a month (%(default)s)")
    add("--recognizer", choices=("cpu", "gpu"), default=usual.recognizer)
    add(
        "--model",
        default=usual.model,
        help="model that writes the material, or extractive (%(default)s)",
    )
    add("--cached", action="store_true", help="the model's vendor caches prompts")
    add("--students", type=int, default=usual.students, help="who fetch a file each (%(default)s)")
    add("--tier", default=usual.database_tier, help="of the database (%(default)s)")
    add("--zonal", action="store_true", help="a database without a standby")
    add("--kept-instances", type=int, default=usual.kept_instances, help="of the API (%(default)s)")
    add("--write", action="store_true", help="put the tables into docs/cost.md")
    add("--check", action="store_true", help="check whether docs/cost.md is up to date")
    return parser


def _report(plan: Plan, on: Bases) -> str:
    one, idle = total(lecture_lines(plan, on)), total(idle_lines(plan, on))
    month = idle + plan.lectures * one
    return "\n".join(
        [
            f"One lecture of {plan.hours:g} h",
            "",
            bill(lecture_lines(plan, on)),
            "A month without lectures",
            "",
            bill(idle_lines(plan, on)),
            f"Speech recognition of {plan.hours:g} h",
            "",
            recognition_table(plan, on),
            f"{plan.lectures:,} lectures a month: US$ {dollars(month)},"
            f" US$ {dollars(month / plan.lectures)} a lecture",
            f"Prices: {on.prices.region}. {on.prices.note}",
        ]
    )


def page_tables(on: Bases) -> Mapping[str, str]:
    plan = Plan()
    return {
        "lecture": bill(lecture_lines(plan, on)),
        "idle": bill(idle_lines(plan, on)),
        "small": bill(
            idle_lines(
                replace(plan, database_tier="db-g1-small", regional=False, kept_instances=0), on
            )
        ),
        "recognition": recognition_table(plan, on),
        "ceilings": bill(ceiling_lines(on)),
        "sizes": _sizes_table(plan, on),
        "prices": table(
            ["US$", "per", "known", "page"],
            [
                [f"{price.usd:.7f}".rstrip("0").rstrip("."), price.per, price.as_of, price.source]
                for name in type(on.prices).model_fields
                if name not in ("region", "note")
                for price in [getattr(on.prices, name)]
            ],
        ),
    }


def recognition_table(plan: Plan, on: Bases) -> str:
    """An hour of speech, in one way and in the others."""
    prices = on.prices
    alone = replace(on, assumed=on.assumed.model_copy(update={"gpu_lectures_per_start": _one(on)}))
    many = f"{on.assumed.gpu_lectures_per_start.value:g}"
    ways = {
        "segment workers on processors (Whisper base)": recognition_usd(
            replace(plan, recognizer="cpu"), on
        ),
        f"a segment worker on an L4 (Whisper base), {many} lectures in a row": recognition_usd(
            replace(plan, recognizer="gpu"), on
        ),
        "a segment worker on an L4, one lecture by itself": recognition_usd(
            replace(plan, recognizer="gpu"), alone
        ),
        "OpenAI whisper-1": hosted_usd(plan.hours, prices.openai_whisper.usd),
        "OpenAI gpt-4o-transcribe": hosted_usd(plan.hours, prices.openai_transcribe.usd),
        "OpenAI gpt-4o-mini-transcribe": hosted_usd(plan.hours, prices.openai_transcribe_mini.usd),
        "Google Speech-to-Text V2": hosted_usd(plan.hours, prices.google_speech.usd),
        "Google Speech-to-Text V2, dynamic batch (within a day)": hosted_usd(
            plan.hours, prices.google_speech_batch.usd
        ),
    }
    cheapest = min(ways.values())
    return table(
        ["speech recognized by", "US$", "× the cheapest"],
        [[way, dollars(usd), f"{usd / cheapest:.1f}"] for way, usd in ways.items()],
        numbers=2,
    )


def _one(on: Bases) -> Assumed:
    return on.assumed.gpu_lectures_per_start.model_copy(update={"value": 1.0})


def _sizes_table(plan: Plan, on: Bases) -> str:
    one, idle = total(lecture_lines(plan, on)), total(idle_lines(plan, on))
    without = total(lecture_lines(replace(plan, model=None), on))
    return table(
        [
            "lectures a month",
            "idle cost's share",
            "a lecture, with the model",
            "a lecture, extractive",
        ],
        [
            [
                f"{count:,}",
                dollars(idle / count),
                dollars(idle / count + one),
                dollars(idle / count + without),
            ]
            for count in SIZES
        ],
        numbers=4,
    )


if __name__ == "__main__":
    sys.exit(main())
