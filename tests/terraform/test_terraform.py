"""The whole check: formatting, schema, plan, a made-up apply that leaves nothing to do, tests."""

import pytest

from tests.terraform.conftest import Checked
from tests.terraform.offline_provider.attach import RunningProvider
from tests.terraform.offline_provider.check import Step, check
from tests.terraform.offline_provider.workspace import workspace
from tests.terraform.planned import TERRAFORM


@pytest.mark.parametrize("step", Step)
def test_production_passes_each_step(production: Checked, step: Step) -> None:
    assert step in production.results, production.results
    assert production.results[step].passed, production.results[step].output


def test_a_small_installation_can_be_planned(provider: RunningProvider) -> None:
    with workspace(TERRAFORM, provider) as copy:
        for result in check(copy, {Step.PLAN}, [TERRAFORM / "envs" / "dev.tfvars"]):
            assert result.passed, result.output
