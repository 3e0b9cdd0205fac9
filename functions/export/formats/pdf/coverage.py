"""Which characters the booklet's fonts can draw."""

from functools import cache
from pathlib import Path

FONTS = Path(__file__).with_name("fonts")


@cache
def drawable() -> frozenset[str]:
    """Every character that has a glyph or, like a direction mark, needs none."""
    lines = (FONTS / "coverage.txt").read_text().split()
    ranges = (map(_code_point, line.split("-")) for line in lines)
    return frozenset(chr(code) for first, last in ranges for code in range(first, last + 1))


def _code_point(hexadecimal: str) -> int:
    return int(hexadecimal, 16)
