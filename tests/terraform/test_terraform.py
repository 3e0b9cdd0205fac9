"""The whole check: formatting, schema, plan, a made-up apply that leaves nothing to do, tests."""

import pytest

from tests.terraform.checking import TERRAFORM, tfcheck
from tests.terraform.conftest import Checked


@pytest.mark.parametrize(
    "step", ["fmt", "validate", "plan", "apply (made up)", "second plan is empty", "test"]
)
def test_production_passes_each_step(production: Checked, step: str) -> None:
    assert f"ok   {step} (" in production.told, production.told


def test_production_passes(production: Checked) -> None:
    assert production.passed, production.told


@pytest.mark.usefixtures("checker")
def test_a_small_installation_can_be_planned() -> None:
    told = tfcheck(
        TERRAFORM,
        *("--var-file", str(TERRAFORM / "envs" / "dev.tfvars")),
        *("--skip", "fmt", "--skip", "validate", "--skip", "test"),
    )
    assert told.returncode == 0, told.stdout
