"""Look whether a project would take an installation. Nothing is changed.

    scripts/preflight --project PROJECT [--region REGION]

It asks for what refuses a first deployment: the project and its billing, policies of the
organization, quotas of Cloud Run, APIs, the region, and names that are taken.

exit codes: 0 nothing is in the way; 1 something is; 2 something could not be asked, or wrong use;
3 gcloud is missing
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.preflighting.policies import check_policies
from scripts.preflighting.project import (
    check_apis,
    check_buckets,
    check_names,
    check_project,
    check_region,
)
from scripts.preflighting.quotas import check_quotas
from scripts.programs import Programs
from scripts.verifying.checking import MISSING, check_all
from scripts.verifying.cloud import Checks, Cloud

CHECKS: tuple[Callable[[Cloud], Checks], ...] = (
    check_project,
    check_policies,
    check_region,
    check_quotas,
    check_apis,
    check_buckets,
    check_names,
)


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    if shutil.which("gcloud") is None:
        print("gcloud is needed and not installed", file=sys.stderr)
        return MISSING
    state_bucket = f"{given.project}-terraform"
    cloud = Cloud(Programs(), given.project, given.region, state_bucket)
    return check_all(CHECKS, cloud, given.record)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/preflight",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--project", required=True, help="the Google Cloud project")
    parser.add_argument("--region", default="europe-west1", help="default: europe-west1")
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="write the results into a file, as JSON"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
