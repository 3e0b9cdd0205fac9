"""The production code as syntax trees."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDERS = ("functions", "shared", "scripts")


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Each module's path below the root, with its syntax tree; migrations are left out."""
    files = (file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py")))
    paths = (file.relative_to(ROOT).as_posix() for file in files)
    return tuple(
        (path, ast.parse((ROOT / path).read_text(), path))
        for path in paths
        if "/migrations/" not in path
    )


@cache
def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Every node of the tree; each rule looks at all of them."""
    return tuple(ast.walk(tree))


def name_of(node: ast.expr) -> str:
    """The last name of `a`, `a.b` and `a.b()`; empty for other expressions."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func):
            return name_of(func)
        case _:
            return ""
