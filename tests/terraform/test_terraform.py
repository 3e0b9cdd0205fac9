"""The whole check: formatting, schema, plan, a made-up apply that leaves nothing to do, tests."""

import pytest

from tests.terraform.conftest import Checked
from tests.terraform.offline_provider.attach import RunningProvider
from tests.terraform.offline_provider.check import Step, check
from tests.terraform.offline_provider.workspace import workspace
from tests.terraform.planned import PRODUCTION, TERRAFORM


@pytest.mark.parametrize("step", [each for each in Step if each is not Step.TEST])
def test_production_passes_each_step(production: Checked, step: Step) -> None:
    assert step in production.results, production.results
    assert production.results[step].passed, production.results[step].output


@pytest.mark.selection
def test_the_tests_written_for_terraform_pass(provider: RunningProvider) -> None:
    with workspace(TERRAFORM, provider) as copy:
        results = {each.step: each for each in check(copy, {Step.TEST}, [PRODUCTION])}
    assert results[Step.TEST].passed, results[Step.TEST].output


def test_a_small_installation_can_be_made_and_leaves_nothing_to_do(
    provider: RunningProvider,
) -> None:
    steps = {Step.PLAN, Step.APPLY, Step.PLAN_AGAIN}
    with workspace(TERRAFORM, provider) as copy:
        results = {
            each.step: each for each in check(copy, steps, [TERRAFORM / "envs" / "dev.tfvars"])
        }
    assert results.keys() >= steps, results
    assert all(each.passed for each in results.values()), results
