"""Put this checkout into Google Cloud, or go back to what ran before.

    scripts/deploy --project PROJECT [--env prod]
    scripts/deploy --project PROJECT [--env prod] --rollback [RELEASE]

A deployment builds the archives, shows Terraform's plan and asks, keeps the archives as a release
in the state bucket, brings the schema up to date, applies the plan, and sends a recording through
what is there now. It stops at the first step that fails and says what to do; cut off anywhere, it
may be run again.

A rollback deploys the archives of the release before the last, or of the one that is named. The
rest (Terraform's files, the variables) is that of this checkout, and the schema stays: code of one
release back runs on it. Run again it goes to the same release, not one further back.

It runs as the account that deploys (docs/getting-started-gcp.md). The smoke test takes the
static token from PLC_API_TOKEN or Secret Manager, and its switches from the environment.

exit codes: 0 it is deployed and works; 1 the plan was not agreed to; 2 wrong use; 3 terraform or
gcloud is missing; 4 no such release; 5 deployed, but there is no static token to try it with;
10 package, 11 init, 12 plan, 13 keep or choose the release, 14 migrate, 15 apply, 16 smoke failed;
17 the API could not be made public; 18 an internal function lets strangers through, and the release
before was deployed again; 19 the speech model's weights could not be copied; 130 interrupted
"""

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.deploying.deployment import Deployment
from scripts.deploying.options import ROOT, TERRAFORM, Options, Parts
from scripts.deploying.steps import StoppedError
from scripts.programs import Programs

MISSING, INTERRUPTED = 3, 130


def main(arguments: Sequence[str] | None = None, parts: Parts | None = None) -> int:
    parser = _parser()
    given = parser.parse_args(arguments)
    if not re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", given.project):
        parser.error(f"{given.project!r} is no project's id")
    var_file = _var_file(given.env)
    if not var_file.is_file():
        parser.error(f"there is no file {var_file}")
    if not (given.yes or given.dry_run or sys.stdin.isatty()):
        parser.error("give --yes where there is no terminal to confirm in")
    for program in ("terraform", "gcloud"):
        if not given.dry_run and shutil.which(program) is None:
            print(f"{program} is needed and not installed", file=sys.stderr)
            return MISSING
    options = Options(
        project=given.project,
        state_bucket=given.state_bucket or f"{given.project}-terraform",
        var_file=var_file,
        migrator=given.migrator or f"pegasus-deploy@{given.project}.iam.gserviceaccount.com",
        build=given.build,
        agreed=(lambda _: True) if given.yes else _ask,
    )
    deployment = Deployment(Programs(dry_run=given.dry_run), options, parts or Parts())
    try:
        if given.rollback is None:
            deployment.deploy()
        else:
            deployment.roll_back(given.rollback or None)
    except StoppedError as stopped:
        print(f"\n{stopped}", file=sys.stderr)
        return stopped.code
    except KeyboardInterrupt:
        print("\ninterrupted; run it again to continue from there", file=sys.stderr)
        return INTERRUPTED
    return 0


def _var_file(env: str) -> Path:
    named = TERRAFORM / "envs" / f"{env}.tfvars"
    return named if re.fullmatch(r"[a-z][a-z0-9-]*", env) and named.exists() else Path(env)


def _ask(question: str) -> bool:
    try:
        return input(f"\n{question} Only yes is yes: ").strip() == "yes"
    except EOFError:
        return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/deploy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--project", required=True, help="the Google Cloud project")
    parser.add_argument(
        "--env", default="prod", help="terraform/envs/ENV.tfvars, or another file (default: prod)"
    )
    parser.add_argument("--state-bucket", help="of Terraform's state (default: PROJECT-terraform)")
    parser.add_argument(
        "--migrator",
        metavar="ACCOUNT",
        help="that changes the schema (default: pegasus-deploy@PROJECT.iam.gserviceaccount.com)",
    )
    parser.add_argument(
        "--build", type=Path, default=ROOT / "build", help="folder for archives (default: build)"
    )
    parser.add_argument(
        "--rollback",
        nargs="?",
        const="",
        metavar="RELEASE",
        help="go back, by default to the release before the last",
    )
    parser.add_argument("--yes", action="store_true", help="apply the plan without asking")
    parser.add_argument("--dry-run", action="store_true", help="show the steps, and do nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
