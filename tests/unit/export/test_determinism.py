"""The same lecture gives the same bytes, whenever and wherever it is rendered."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from functions.export.formats.registry import FORMATS
from functions.export.renderer import render_all
from tests.unit.export.documents import lecture

ROOT = Path(__file__).parents[3]
DIGESTS = """
from functions.export.formats.registry import FORMATS
from functions.export.renderer import render_all
from tests.unit.export.documents import lecture
for file in render_all(lecture(), FORMATS.values()).files:
    print(file.type, file.sha256)
"""


def in_a_process(**environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", DIGESTS],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.parametrize("name", FORMATS)
def test_rendering_twice_gives_the_same_bytes(name: str) -> None:
    assert FORMATS[name].render(lecture()) == FORMATS[name].render(lecture())


@pytest.mark.slow
def test_processes_with_other_hash_seeds_and_time_zones_give_the_same_bytes() -> None:
    here = "".join(
        f"{file.type} {file.sha256}\n" for file in render_all(lecture(), FORMATS.values()).files
    )
    assert in_a_process(PYTHONHASHSEED="1", TZ="Asia/Tokyo") == here
    assert in_a_process(PYTHONHASHSEED="2", TZ="America/Lima") == here
