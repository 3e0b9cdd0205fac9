"""Making checks and telling the results."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from scripts.programs import ProgramError
from scripts.verifying.cloud import Check, Checks, Cloud

AS_IT_SHOULD_BE, WRONG, UNKNOWN, MISSING = range(4)
"""Exit codes."""


def check_all(looks: Sequence[Callable[[Cloud], Checks]], cloud: Cloud, record: Path | None) -> int:
    """Print what was found, write it to a file if one is given, and return the exit code."""
    made = [check for look in looks for check in _looked(look, cloud)]
    for check in made:
        mark = {True: "ok  ", False: "FAIL", None: "?   "}[check.ok]
        print(f"{mark}  {check.what:58}  {check.found}")
    results = [check.ok for check in made]
    wrong, unknown = results.count(False), results.count(None)
    print(f"{len(made)} checks, {wrong} not as they should be, {unknown} not to be found out")
    if record is not None:
        record.write_text(json.dumps([asdict(check) for check in made], indent=2) + "\n")
    return UNKNOWN if unknown else WRONG if wrong else AS_IT_SHOULD_BE


def _looked(look: Callable[[Cloud], Checks], cloud: Cloud) -> Checks:
    """A failed query is reported as a check without a result, and the other checks still run."""
    try:
        yield from look(cloud)
    except (ProgramError, ValueError, KeyError) as error:
        yield Check(look.__name__.replace("_", " "), None, " ".join(str(error).split()))
