"""Check a Terraform configuration without a network or a cloud.

python -m tests.terraform.offline_provider terraform --var-file terraform/envs/prod.tfvars
"""

import argparse
import re
import sys
from pathlib import Path

from tests.terraform.offline_provider.attach import running_provider
from tests.terraform.offline_provider.check import Result, Step, check, plan_as_json
from tests.terraform.offline_provider.terraform import is_installed
from tests.terraform.offline_provider.workspace import workspace

SUMMARY = re.compile(r"^(?:Plan:|Success!|No changes\.).*$", re.M)


def main() -> int:
    arguments = _arguments()
    if not is_installed():
        print("terraform is not on the PATH", file=sys.stderr)
        return 2
    steps = set(Step) - {Step(each) for each in arguments.skip}
    with running_provider() as provider, workspace(arguments.folder, provider) as copy:
        results = []
        for result in check(copy, steps, arguments.var_file):
            _show(result)
            results.append(result)
        planned = any(each.step is Step.PLAN and each.passed for each in results)
        if arguments.plan_json and planned:
            arguments.plan_json.write_text(plan_as_json(copy))
    return 0 if all(each.passed for each in results) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m {__package__}",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="the root module")
    parser.add_argument("--var-file", action="append", default=[], type=Path)
    parser.add_argument(
        "--skip",
        action="append",
        default=[],
        choices=[each.value for each in Step if each is not Step.INIT],
    )
    parser.add_argument("--plan-json", type=Path, help="where to write the plan as JSON")
    return parser.parse_args()


def _show(result: Result) -> None:
    print(f"{'ok  ' if result.passed else 'FAIL'} {result.step} ({result.seconds:.1f} s)")
    if not result.passed:
        print(result.output)
    elif summary := SUMMARY.search(result.output):
        print(f"     {summary[0]}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
