"""Check whether an installation is as it should be. Nothing is changed.

    scripts/verify-gcp --project PROJECT [--region REGION]

It checks what Terraform declares and what may have been changed by hand since: buckets closed,
only the API public, an account for each function, operators listed, tokens and dead letters on
subscriptions, schedules on, backups made, secrets filled, and whether the API is ready, its schema
included.

exit codes: 0 all is as it should be; 1 something is not; 2 something could not be asked, or wrong
use; 3 gcloud is missing
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.programs import Programs
from scripts.verifying.access import check_buckets, check_operators, check_services
from scripts.verifying.checking import MISSING, check_all
from scripts.verifying.cloud import Checks, Cloud
from scripts.verifying.data import check_database, check_secrets
from scripts.verifying.delivery import (
    check_dead_letters,
    check_queues,
    check_schedules,
    check_subscriptions,
)
from scripts.verifying.health import check_health

CHECKS: tuple[Callable[[Cloud], Checks], ...] = (
    check_buckets,
    check_services,
    check_operators,
    check_subscriptions,
    check_dead_letters,
    check_queues,
    check_schedules,
    check_database,
    check_secrets,
    check_health,
)


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    if shutil.which("gcloud") is None:
        print("gcloud is needed and not installed", file=sys.stderr)
        return MISSING
    cloud = Cloud(
        Programs(),
        given.project,
        given.region,
        given.state_bucket or f"{given.project}-terraform",
        given.expendable,
    )
    return check_all(CHECKS, cloud, given.record)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/verify-gcp",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--project", required=True, help="the Google Cloud project")
    parser.add_argument("--region", default="europe-west1", help="default: europe-west1")
    parser.add_argument("--state-bucket", help="of Terraform's state (default: PROJECT-terraform)")
    parser.add_argument(
        "--expendable",
        action="store_true",
        help="an installation that may be deleted, such as that of envs/dev.tfvars",
    )
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="write the results into a file, as JSON"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
