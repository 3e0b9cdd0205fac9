"""Production is checked once; most tests only look at what came of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.terraform.offline_provider.attach import RunningProvider, running_provider
from tests.terraform.offline_provider.check import Result, Step, check, plan_as_json
from tests.terraform.offline_provider.terraform import is_installed
from tests.terraform.offline_provider.workspace import workspace
from tests.terraform.planned import PRODUCTION, TERRAFORM, Plan


@dataclass(frozen=True)
class Checked:
    results: dict[Step, Result]
    plan: str | None
    """As JSON, if that step passed."""


@pytest.fixture(scope="session")
def provider() -> Iterator[RunningProvider]:
    if not is_installed():
        pytest.skip("the program terraform is not installed")
    with running_provider() as running:
        yield running


@pytest.fixture(scope="session")
def production(provider: RunningProvider) -> Checked:
    with workspace(TERRAFORM, provider) as copy:
        steps = {*Step} - {Step.TEST}  # takes as long as all others: a test of its own
        results = {each.step: each for each in check(copy, steps, [PRODUCTION])}
        planned = Step.PLAN in results and results[Step.PLAN].passed
        return Checked(results, plan_as_json(copy) if planned else None)


@pytest.fixture(scope="session")
def plan(production: Checked) -> Plan:
    assert production.plan, production.results
    return Plan(json.loads(production.plan))
