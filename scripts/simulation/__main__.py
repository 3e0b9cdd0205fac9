"""A thousand lectures at once, and one by many workers: `python -m scripts.simulation`.

Prints the tables of docs/scaling.md, in about a minute, or the one of `--only`. The seed is
fixed, so the same figures give the same tables. `--write` puts them into the page, `--check`
only checks whether they are there.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from scripts.cost.lecture import Bases
from scripts.cost.tables import put_into, table
from scripts.simulation import burst, long_lecture

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.simulation",
        description="Simulate a thousand lectures at once, and a long one by many workers.",
    )
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scaling.md")
    parser.add_argument(
        "--check", action="store_true", help="check whether docs/scaling.md is up to date"
    )
    parser.add_argument("--only", choices=TABLES, help="print this table and make no other")
    given = parser.parse_args(arguments)
    on = Bases.load()
    if given.only:
        print(TABLES[given.only](on), end="")
        return 0
    made = page_tables(on)
    if not (given.check or given.write):
        print("\n".join(f"{name}\n\n{content}" for name, content in made.items()))
        return 0
    if put_into(PAGE, made, check=given.check) or given.write:
        return 0
    print("docs/scaling.md is out of date: python -m scripts.simulation --write")
    return 1


def page_tables(on: Bases) -> Mapping[str, str]:
    return {name: make(on) for name, make in TABLES.items()}


def _measured(on: Bases) -> str:
    measured = on.measured
    skipped = ("machine", "material_tokens")
    figures = {
        name: getattr(measured, name) for name in type(measured).model_fields if name not in skipped
    }
    return table(
        ["measured", "", "", "by"],
        [
            [name.replace("_", " "), f"{figure.value:g}", figure.unit, figure.source]
            for name, figure in figures.items()
        ],
    )


def _assumed(on: Bases) -> str:
    assumed = on.assumed
    figures = {name: getattr(assumed, name) for name in type(assumed).model_fields}
    return table(
        ["assumed", "", "", "because"],
        [
            [name.replace("_", " "), f"{figure.value:,.10g}", figure.unit, figure.why]
            for name, figure in figures.items()
        ],
    )


TABLES: Mapping[str, Callable[[Bases], str]] = {
    "burst-times": burst.times_table,
    "burst-places": burst.places_table,
    "workers": long_lecture.workers_table,
    "reality": long_lecture.against_reality,
    "measured": _measured,
    "assumed": _assumed,
}

if __name__ == "__main__":
    sys.exit(main())
