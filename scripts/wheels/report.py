"""docs/platforms.md: what installs where."""

from collections.abc import Mapping, Sequence

from scripts.wheels.index import Pinned
from scripts.wheels.targets import (
    DEVELOPMENT_GLIBC,
    MACOS,
    NEXT_PYTHON,
    PRODUCT_GLIBC,
    PYTHONS,
    TARGETS,
    Target,
)

Lacks = Mapping[Target, Sequence[Pinned]]


def report(product: Lacks, everything: Lacks, *, built: Sequence[str]) -> str:
    """The document. `built` names what has only a source archive and needs no compiler."""
    return "\n".join(
        (
            "# Platforms",
            "",
            "Written by `scripts/lock`, compared by `scripts/lock --check`. Each package that the",
            "lock pins was looked up in the package index: *all* means that every one has a wheel",
            f"for that machine and CPython. Linux means glibc 2.{PRODUCT_GLIBC} or newer,",
            f"2.{DEVELOPMENT_GLIBC} for the development packages; macOS means {MACOS[0]} or newer.",
            f"The tests run on Python {_and([_version(python) for python in PYTHONS])}.",
            "",
            "## What the product needs",
            "",
            "`make demo`, `make up` and the functions in the cloud.",
            "",
            *_table(product),
            "",
            "## With the development packages",
            "",
            "`make test`, `make lint`.",
            "",
            *_table(everything),
            "",
            *_next(everything),
            *_built(built),
        )
    )


def failures(*lacks: Lacks) -> list[str]:
    """A line for each required target that has a package without a wheel."""
    return [
        f"{target.name}, Python {_version(target.python)}: no wheel of {_names(packages)}"
        for each in lacks
        for target, packages in each.items()
        if target.required and packages
    ]


def _table(lacks: Lacks) -> list[str]:
    pythons = [*PYTHONS, NEXT_PYTHON]
    cells = {(target.name, target.python): _cell(found) for target, found in lacks.items()}
    return [
        f"| | {' | '.join(f'Python {_version(python)}' for python in pythons)} |",
        f"|---|{'---|' * len(pythons)}",
        *(
            f"| {target.name}{'' if target.required else ' (not supported)'} | "
            f"{' | '.join(cells[target.name, python] for python in pythons)} |"
            for target in TARGETS
        ),
    ]


def _cell(packages: Sequence[Pinned]) -> str:
    return f"without {_names(packages)}" if packages else "all"


def _next(everything: Lacks) -> list[str]:
    missing = {
        f"{package.name} {package.version}"
        for target, packages in everything.items()
        if target.python == NEXT_PYTHON and target.name in _SUPPORTED
        for package in packages
    }
    version = _version(NEXT_PYTHON)
    return [
        f"Without a wheel for Python {version}: {_and(sorted(missing))}."
        if missing
        else f"Every package has a wheel for Python {version} on the supported machines.",
        "",
    ]


def _built(built: Sequence[str]) -> list[str]:
    if not built:
        return []
    return [f"Built from source, without a compiler: {_and(built)}.", ""]


_SUPPORTED = {target.name for target in TARGETS if target.required}


def _version(python: tuple[int, int]) -> str:
    return f"{python[0]}.{python[1]}"


def _names(packages: Sequence[Pinned]) -> str:
    return ", ".join(f"{package.name} {package.version}" for package in packages)


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
