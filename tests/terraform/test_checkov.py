"""Nothing that checkov knows of is wrong, but for what terraform/.checkov.yaml gives a reason."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terraform.planned import ROOT, TERRAFORM

CONFIGURATION = TERRAFORM / ".checkov.yaml"


CHECKOV = "checkov==3.3.30"
"""In an environment of its own, which uv makes and keeps: it has a hundred dependencies."""


@pytest.mark.selection
def test_checkov_finds_nothing() -> None:
    told = subprocess.run(
        [
            *(Path(sys.executable).with_name("uv"), "tool", "run", "--quiet"),
            *("--from", CHECKOV, "checkov"),
            *("--config-file", CONFIGURATION, "--directory", TERRAFORM),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    passed = re.search(r"Passed checks: (\d+), Failed checks: 0", told.stdout)
    assert passed, told.stdout
    assert int(passed[1]) > 0
    # A file that it cannot read it leaves out, and is content.
    assert "Parsing errors" not in told.stdout or "Parsing errors: 0" in told.stdout, told.stdout


def test_everything_that_is_left_out_has_a_reason() -> None:
    listed = CONFIGURATION.read_text().partition("skip-check:\n")[2].splitlines()
    assert any(line.startswith("  - CKV") for line in listed)
    for before, line in zip(["", *listed], listed, strict=False):
        assert not line.startswith("  - ") or before.startswith(("  #", "  - CKV"))
    assert listed[0].startswith("  #")
