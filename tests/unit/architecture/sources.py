"""The production code as syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDERS = ("functions", "shared", "scripts")


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Each module's path below the root, with its syntax tree; migrations are left out."""
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if "/migrations/" not in path:
                yield path, ast.parse(file.read_text(), path)


def name_of(node: ast.expr) -> str:
    """The last name of `a`, `a.b` and `a.b()`; empty for other expressions."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func):
            return name_of(func)
        case _:
            return ""
