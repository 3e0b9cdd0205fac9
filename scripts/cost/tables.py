"""Bills as Markdown, and the page they stand in.

A page names its tables by comments, `<!-- table NAME -->` … `<!-- end -->`; what is between
them is the program's. Everything else of the page is written by hand.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.cost.lines import Line, total

_TABLE = re.compile(r"(<!-- table (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: int = 0) -> str:
    """The last `numbers` columns are set to the right."""
    rule = "|" + "---|" * (len(heads) - numbers) + "--:|" * numbers
    lines = [_row(heads), rule, *map(_row, rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def bill(lines: Sequence[Line]) -> str:
    rows = [[line.what, line.used, dollars(line.usd)] for line in lines]
    return table(
        ["", "used", "US$"],
        [*rows, ["**together**", "", f"**{dollars(total(lines))}**"]],
        numbers=1,
    )


def dollars(usd: float) -> str:
    """Cents of whole dollars, and two places more of less."""
    if 0 < usd < 0.0001:
        return "< 0.0001"
    return f"{usd:,.2f}" if usd >= 1 else f"{usd:.4f}"


def filled(page: str, tables: Mapping[str, str]) -> str:
    """The page with its tables as they are given.

    Raises ValueError if it names one that is not, or does not name one that is.
    """
    named = [match["name"] for match in _TABLE.finditer(page)]
    if sorted(named) != sorted(tables):
        raise ValueError(f"The page has {sorted(named)}, and there are {sorted(tables)}.")
    return _TABLE.sub(lambda match: f"{match[1]}{tables[match['name']]}{match[3]}", page)


def put_into(path: Path, tables: Mapping[str, str], *, check: bool) -> bool:
    """Whether the page was up to date; unless it is only checked, it is afterwards."""
    page = path.read_text()
    new = filled(page, tables)
    if not check:
        path.write_text(new)
    return new == page
