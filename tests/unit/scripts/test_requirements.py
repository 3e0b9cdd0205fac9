"""The pinned packages are the same whatever Python installs them."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "requirements.lock"
FILES = [
    LOCK,
    *sorted(ROOT.glob("functions/*/requirements.txt")),
    ROOT / "scripts/local/requirements.txt",
]


def pins(file: Path) -> list[tuple[str, str]]:
    return re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", file.read_text(), re.MULTILINE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_requirements_file_pins_one_version_of_each_package(file: Path) -> None:
    found = pins(file)

    assert found
    assert [name for name, count in Counter(name for name, _ in found).items() if count > 1] == []
    assert set(found) <= set(pins(LOCK))
