"""Write docs/configuration.md from the settings' classes: `python -m scripts.document_settings`.

With `--check` nothing is written; the exit status reports whether the page is up to date.
Headings are the classes' docstrings, meanings the docstrings under their fields.
"""

import argparse
import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from shared.config import Settings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"

INTRODUCTION = """\
# Configuration

Every function reads its settings from the environment, once, through the one class in
[shared/config.py](../shared/config.py), and does no work with settings that do not fit: the
error names all problems together. What has to be set is `GCS_BUCKET`, `GOOGLE_CLOUD_PROJECT`
and a database, and `OPENAI_API_KEY` where `PLC_LLM_PROVIDER` is `openai`; everything else has
a default. A variable that is set to nothing counts as not set.

The [local stack](local-stack.md) sets what says where things are (its stand-ins' addresses,
the database, the bucket, the signing key) and the pool size; the other settings reach its
functions from the shell it is started in.

This page is generated from the classes in `shared/settings`: change a docstring there, then run
`.venv/bin/python -m scripts.document_settings`.
"""


@dataclass(frozen=True)
class Setting:
    heading: str
    name: str
    values: str
    default: str
    meaning: str


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="only check whether the page is up to date"
    )
    page = render(settings_in_order())
    if parser.parse_args(arguments).check:
        if PAGE.exists() and PAGE.read_text() == page:
            return 0
        print("docs/configuration.md is out of date: python -m scripts.document_settings")
        return 1
    PAGE.write_text(page)
    return 0


def render(settings: Sequence[Setting]) -> str:
    lines = [INTRODUCTION]
    heading = ""
    for setting in settings:
        if setting.heading != heading:
            heading = setting.heading
            lines += [
                f"{chr(10) if len(lines) > 1 else ''}## {heading[:1].upper()}{heading[1:]}\n",
                "| setting | values | default | meaning |",
                "|---|---|---|---|",
            ]
        cells = (f"`{setting.name}`", setting.values, setting.default, setting.meaning)
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def settings_in_order() -> list[Setting]:
    """The fields as they stand in the class, each with what is written about it."""
    return [
        Setting(
            heading=heading,
            name=name.upper(),
            values=_values(Settings.model_fields[name]),
            default=_default(Settings.model_fields[name]),
            meaning=meaning,
        )
        for heading, name, meaning in _written()
    ]


def _written() -> Iterator[tuple[str, str, str]]:
    """Heading, field and docstring, from the sources: classes do not keep the last."""
    for base in reversed(Settings.__mro__):
        if not base.__module__.startswith("shared.settings."):
            continue
        declared = next(
            node
            for node in ast.parse(inspect.getsource(base)).body
            if isinstance(node, ast.ClassDef)
        )
        heading = (ast.get_docstring(declared) or "").rstrip(".")
        for statement, following in pairwise([*declared.body, None]):
            match statement:
                case ast.AnnAssign(target=ast.Name(id=name)):
                    yield heading, name, _docstring(following)


def _docstring(statement: ast.stmt | None) -> str:
    match statement:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return " ".join(text.split())
    return ""


def _values(field: FieldInfo) -> str:
    kinds = _alternatives(field.annotation)
    if get_origin(kinds[0]) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kinds[0]))
    if kinds[0] is SecretStr:
        return "text, secret"
    if kinds[0] is str:
        return "text"
    if kinds[0] is bool:
        return "`true` or `false`"
    word = {int: "whole number", float: "number"}[kinds[0]]
    least, most = (_limit(field, bound) for bound in ("ge", "le"))
    if least is not None and most is not None:
        return f"{word}, {least} to {most}"
    return f"{word} from {least}" if least is not None else word


def _alternatives(annotation: Any) -> list[Any]:
    if get_origin(annotation) in (Union, UnionType):
        return [kind for kind in get_args(annotation) if kind is not NoneType]
    return [annotation]


def _limit(field: FieldInfo, bound: str) -> Any:
    found = (getattr(constraint, bound, None) for constraint in field.metadata)
    return next((limit for limit in found if limit is not None), None)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "none: must be set"
    if field.default in (None, ""):
        return "not set"
    shown = str(field.default).lower() if isinstance(field.default, bool) else field.default
    return f"`{shown}`"


if __name__ == "__main__":
    sys.exit(main())
