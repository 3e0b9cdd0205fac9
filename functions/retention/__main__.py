"""Retention by hand: `python -m functions.retention [--dry-run]`.

Runs until nothing is left to do, and prints the report as JSON; what is logged goes to standard
error. `--check RUN` reports whether a run's report and audit are as they were signed off.

Exits with 1 if something that is due could not be deleted, if another worker is at the run, or
if a check finds something.
"""

import argparse
import sys
import uuid
from collections.abc import Sequence
from contextlib import redirect_stdout

from functions.retention.runs.expiry import run_through
from functions.retention.runs.reports import check
from shared.config import load_settings
from shared.log import configure_logging
from shared.runtime import Runtime, build_runtime, require_schema


def main(arguments: Sequence[str] | None = None, *, rt: Runtime | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m functions.retention", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--dry-run", action="store_true", help="delete nothing, tell what would go")
    parser.add_argument("--check", metavar="RUN", type=uuid.UUID, help="check a run's report")
    asked = parser.parse_args(arguments)
    rt = rt or _runtime()
    if asked.check:
        problems = check(rt, asked.check)
        print("\n".join(problems) or "The report and the audit are as they were signed off.")
        return 1 if problems else 0
    return _run(rt, dry_run=asked.dry_run)


def _run(rt: Runtime, *, dry_run: bool) -> int:
    report = run_through(rt, dry_run=dry_run)
    if report is None:
        print("Another worker is at this run.", file=sys.stderr)
        return 1
    print(report.model_dump_json(by_alias=True, indent=2))
    return 0 if report.complete else 1


def _runtime() -> Runtime:
    settings = load_settings()
    with redirect_stdout(sys.stderr):
        configure_logging(settings)
    rt = build_runtime(settings)
    require_schema(rt.database)
    return rt


if __name__ == "__main__":
    sys.exit(main())
