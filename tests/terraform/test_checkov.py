"""Nothing that checkov knows of is wrong, but for what terraform/.checkov.yaml gives a reason."""

import re
import shutil
import subprocess

import pytest

from tests.terraform.checking import ROOT, TERRAFORM

CONFIGURATION = TERRAFORM / ".checkov.yaml"


@pytest.mark.skipif(shutil.which("checkov") is None, reason="checkov is not on this machine")
def test_checkov_finds_nothing() -> None:
    told = subprocess.run(
        ["checkov", "--config-file", str(CONFIGURATION), "--directory", str(TERRAFORM)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stdout
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
