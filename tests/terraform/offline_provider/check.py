"""The steps of a check, each a command of Terraform."""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.terraform.offline_provider.workspace import Workspace


class Step(StrEnum):
    """In the order in which they are taken."""

    FORMAT = "format"
    INIT = "init"
    VALIDATE = "validate"
    PLAN = "plan"
    APPLY = "apply"
    PLAN_AGAIN = "plan again"
    """Nothing may be left to do after the made-up apply."""
    TEST = "test"


NEEDS = {
    Step.VALIDATE: Step.INIT,
    Step.PLAN: Step.INIT,
    Step.APPLY: Step.PLAN,
    Step.PLAN_AGAIN: Step.APPLY,
    Step.TEST: Step.INIT,
}
"""A step is left out if the one that it needs did not pass."""


@dataclass(frozen=True)
class Result:
    step: Step
    passed: bool
    output: str
    seconds: float


def check(
    workspace: Workspace, steps: Collection[Step], variable_files: Sequence[Path] = ()
) -> Iterator[Result]:
    """The result of each step that was taken; `init` is among them in any case."""
    commands = _commands(workspace, [f"-var-file={path.resolve()}" for path in variable_files])
    passed: set[Step] = set()
    for step in Step:
        if step not in {*steps, Step.INIT} or NEEDS.get(step, step) not in {*passed, step}:
            continue
        started = time.monotonic()
        told = workspace.run(*commands[step])
        result = Result(step, told.returncode == 0, told.stdout, time.monotonic() - started)
        if result.passed:
            passed.add(step)
        yield result


def plan_file(workspace: Workspace) -> Path:
    return workspace.scratch / "plan"


def plan_as_json(workspace: Workspace) -> str:
    """The plan that the check has made, in Terraform's format for other programs."""
    told = workspace.run("show", "-json", str(plan_file(workspace)))
    told.check_returncode()
    return told.stdout


def _commands(workspace: Workspace, variables: list[str]) -> dict[Step, list[str]]:
    plan = str(plan_file(workspace))
    quiet = ["-no-color", "-input=false"]
    return {
        Step.FORMAT: ["fmt", "-check", "-recursive", "-diff"],
        Step.INIT: ["init", *quiet],
        Step.VALIDATE: ["validate", "-no-color"],
        Step.PLAN: ["plan", *quiet, "-lock=false", f"-out={plan}", *variables],
        Step.APPLY: ["apply", *quiet, "-lock=false", plan],
        Step.PLAN_AGAIN: ["plan", *quiet, "-lock=false", "-detailed-exitcode", *variables],
        Step.TEST: ["test", "-no-color", *variables],
    }
