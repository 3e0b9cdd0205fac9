"""What a deployment does once Terraform has applied its plan, beside migrations and smoke test."""

from collections.abc import Callable
from pathlib import Path

from scripts.deploying.callers import Ask, let_through, wait_until_open
from scripts.deploying.installation import Installation
from scripts.deploying.steps import CALLERS, MIGRATE, OPEN, WEIGHTS, Steps
from scripts.deploying.weights import are_there, copy_weights
from scripts.programs import ProgramError, Programs


class AfterApply:
    """Each step raises StoppedError."""

    def __init__(self, programs: Programs, project: str, steps: Steps, ask: Ask) -> None:
        self._programs = programs
        self._project = project
        self._steps = steps
        self._ask = ask

    def open_the_api(self, installation: Installation) -> None:
        """The API is public. A function's resource has no such switch, so it is the service's; and
        each apply may switch the check on again, with the service it makes anew."""
        with self._steps.step(
            "open the API",
            OPEN,
            "It is deployed, and Google refuses its clients. An organization's policy may forbid"
            " that (constraints/run.managed.requireInvokerIam). Then scripts/deploy again.",
        ):
            self._programs.run(
                *("gcloud", "run", "services", "update", "ingest-api", "--no-invoker-iam-check"),
                *(f"--region={installation.region}", f"--project={self._project}"),
            )
            if not self._programs.dry_run:
                wait_until_open(installation.api_url, self._ask)

    def check_callers(self, installation: Installation) -> None:
        with self._steps.step(
            "check the callers",
            CALLERS,
            "An internal function can be called by anyone, and believes who they say they are. Look"
            " at its permissions: one account has roles/run.invoker, and the check is on.",
        ):
            if not self._programs.dry_run:
                through = let_through(installation.internal_urls, installation.callers, self._ask)
                if through:
                    raise ProgramError("; ".join(through))

    def copy_weights(self, installation: Installation, fetch: Callable[[str], Path]) -> None:
        """Unless they are there; a cold start then asks no one outside of the project."""
        target = installation.weights
        if target is None:
            return
        with self._steps.step(
            "copy the weights",
            WEIGHTS,
            "It is deployed, and recordings wait until a function finds the speech model. Can this"
            " machine reach the hub? scripts/deploy again.",
        ):
            if not are_there(self._programs, target):
                copy_weights(self._programs, fetch(target.rpartition("/")[2]), target)

    def run_retention(self, installation: Installation) -> None:
        """Once at the beginning: without it the alert that it has not run would come first."""
        with self._steps.step("run retention", MIGRATE, "It is deployed. scripts/deploy again."):
            self._programs.run(
                *("gcloud", "scheduler", "jobs", "run", "retention"),
                *(f"--location={installation.region}", f"--project={self._project}"),
            )
