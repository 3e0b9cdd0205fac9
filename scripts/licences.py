"""Whether every installed dependency has a licence that Pegasus may be used and deployed with.

    python -m scripts.licences

Licences are read from the installed packages' metadata (PEP 639, else classifiers, else the old
free text). What is not on the list, and what says nothing, fails the check.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

from scripts.bill_of_materials import pins

ROOT = Path(__file__).resolve().parents[1]

ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC"),
        *("MIT", "MIT-0", "PSF-2.0", "Unlicense", "Zlib"),
        # File by file: a library that is used unchanged asks nothing of the code beside it.
        "MPL-2.0",
    }
)
"""SPDX identifiers."""

_SPDX_OF = {
    "Apache Software License": "Apache-2.0",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "https://www.apache.org/licenses/LICENSE-2.0": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "BSD": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""How classifiers and free text name them. `BSD` without a number has two or three clauses, both
of which are allowed."""


@dataclass(frozen=True)
class Excepted:
    """A package that is allowed by its name."""

    told: str
    """What its metadata says: another licence has to be examined again."""
    reason: str
    deployed: bool = False
    """Whether a function may be built with it."""


EXCEPTED: Mapping[str, Excepted] = {
    "anki": Excepted(
        "AGPL-3.0-or-later", "imported by tests alone, to read what Pegasus writes; in no archive"
    ),
    "frozendict": Excepted(
        "LGPL-3.0-only", "a library of genanki's, installed as published and replaceable", True
    ),
    "pypdfium2": Excepted(
        "BSD-3-Clause, Apache-2.0, dependency licenses",
        "reads PDF files in tests; PDFium and what it contains are BSD, Apache, MIT and alike",
    ),
}


def main() -> int:
    lock = {pin.name for pin in pins((ROOT / "requirements.lock").read_text())}
    deployed = {
        pin.name
        for path in ROOT.glob("functions/*/requirements.txt")
        for pin in pins(path.read_text())
    }
    told = {name: licence for name in sorted(lock) if (licence := installed(name)) is not None}
    found = list(problems(told, deployed))
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


def installed(name: str) -> str | None:
    """What the package's metadata says; empty if nothing, None if it is not installed here."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return None
    classifiers = [
        each.rpartition(" :: ")[2]
        for each in about.get_all("Classifier") or ()
        if each.startswith("License :: OSI Approved :: ")
    ]
    return licence_of(_first(about, "License-Expression"), classifiers, _first(about, "License"))


def _first(about: PackageMetadata, field: str) -> str:
    return next(iter(about.get_all(field) or ()), "")


def licence_of(expression: str, classifiers: Sequence[str], text: str) -> str:
    """An SPDX expression, as far as it can be determined."""
    if expression:
        return expression
    line = text.strip().splitlines()[0] if text.strip() else ""
    if line in _SPDX_OF or allowed(line):
        return _SPDX_OF.get(line, line)
    if classifiers:
        return " AND ".join(_SPDX_OF.get(each, each) for each in classifiers)
    return line


def problems(told: Mapping[str, str], deployed: set[str]) -> Iterator[str]:
    """Each package that is not allowed, and each exception that is not needed any more."""
    for name, licence in told.items():
        excepted = EXCEPTED.get(name)
        if excepted is None:
            if not allowed(licence):
                yield f"{name}: the licence {licence or 'that it does not name'!r} is not allowed"
        elif licence != excepted.told:
            yield f"{name}: its licence was {excepted.told!r} and is {licence!r}"
        elif name in deployed and not excepted.deployed:
            yield f"{name}: {licence} may not be deployed ({excepted.reason})"
    for name in EXCEPTED.keys() - told.keys():
        yield f"{name}: excepted, and no dependency"


def allowed(expression: str) -> bool:
    """Of an SPDX expression: one side of an OR, both of an AND."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression)
    try:
        value, rest = _any(tokens)
    except IndexError:
        return False
    return value and not rest


def _any(tokens: Sequence[str]) -> tuple[bool, Sequence[str]]:
    value, tokens = _all(tokens)
    while tokens and tokens[0].upper() == "OR":
        other, tokens = _all(tokens[1:])
        value = value or other
    return value, tokens


def _all(tokens: Sequence[str]) -> tuple[bool, Sequence[str]]:
    value, tokens = _one(tokens)
    while tokens and tokens[0].upper() == "AND":
        other, tokens = _one(tokens[1:])
        value = value and other
    return value, tokens


def _one(tokens: Sequence[str]) -> tuple[bool, Sequence[str]]:
    if tokens[0] != "(":
        return tokens[0] in ALLOWED, tokens[1:]
    value, rest = _any(tokens[1:])
    if rest[0] != ")":
        raise IndexError
    return value, rest[1:]


if __name__ == "__main__":
    sys.exit(main())
