"""Production is checked once; most tests only look at what came of it."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.terraform.checking import PRODUCTION, TERRAFORM, Plan, tfcheck, why_not


@dataclass(frozen=True)
class Checked:
    passed: bool
    told: str
    plan: Path
    """Only there if that step passed."""


@pytest.fixture(scope="session")
def checker() -> None:
    if reason := why_not():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def production(checker: None, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    plan = tmp_path_factory.mktemp("terraform") / "plan.json"
    told = tfcheck(TERRAFORM, "--var-file", str(PRODUCTION), "--apply", "--plan-json", str(plan))
    return Checked(told.returncode == 0, told.stdout, plan)


@pytest.fixture(scope="session")
def plan(production: Checked) -> Plan:
    assert production.plan.exists(), production.told
    return Plan(json.loads(production.plan.read_text()))
