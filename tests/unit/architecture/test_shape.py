"""Modules and folders of a size that can be read (CONTRIBUTING.md)."""

from collections import Counter
from pathlib import Path

from tests.unit.architecture.sources import ROOT

PRODUCTION = ("functions", "shared", "scripts")
MOST_LINES, LEAST_LINES, MOST_MODULES = 300, 15, 15
MIGRATIONS = Path("shared/database/migrations/versions")
"""One module for each change of the schema; one that was released is not edited."""


def _modules(*folders: str) -> list[Path]:
    return [path.relative_to(ROOT) for each in folders for path in (ROOT / each).rglob("*.py")]


def test_no_module_is_long() -> None:
    assert {
        str(path): lines
        for path in _modules(*PRODUCTION)
        if path.parent != MIGRATIONS
        and (lines := len((ROOT / path).read_text().splitlines())) > MOST_LINES
    } == {}


def test_no_module_is_less_than_a_subject() -> None:
    """But the interface of a package."""
    assert {
        str(path): lines
        for path in _modules(*PRODUCTION)
        if path.name not in {"__init__.py", "__main__.py"}
        and (lines := len((ROOT / path).read_text().splitlines())) < LEAST_LINES
    } == {}


def test_no_folder_is_a_list() -> None:
    modules = [path for path in _modules(*PRODUCTION, "tests") if path.name != "__init__.py"]
    folders = Counter(path.parent for path in modules)

    assert {
        str(folder): count
        for folder, count in folders.items()
        if count > MOST_MODULES and folder != MIGRATIONS
    } == {}
