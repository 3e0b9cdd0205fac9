"""Compare the bucket with the database: `python -m scripts.integrity [--deep] [--mend] [--json]`.

Needs the environment of a function. Each finding is a line; the last line sums up. Exits with 0
if all is well (or has been mended), with 1 if something is not, with 2 if that could not be
found out. Without `--mend` nothing is changed. See docs/runbooks/integrity.md.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from scripts.integrity.checking import Checked, Finding, Tally, check_bucket
from scripts.integrity.mending import mend
from shared.config import ConfigurationError, load_settings
from shared.errors import PegasusError
from shared.models import JSON
from shared.runtime import Runtime, build_runtime, require_schema

CLEAN, FINDINGS, UNABLE = 0, 1, 2


@dataclass
class Summary:
    rows: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    problems: Counter[str] = field(default_factory=Counter)
    mended: int = 0

    def count(self, checked: Checked) -> None:
        self.rows += len(checked.group.expected)
        for name, tally in checked.tallies.items():
            self.tallies[name] = self.tallies.get(name, Tally()) + tally
        self.problems.update(each.problem for each in checked.findings)

    def to_json(self) -> JSON:
        tallies = {
            name: {"objects": tally.objects, "bytes": tally.size}
            for name, tally in sorted(self.tallies.items())
        }
        return {"rows": self.rows, **tallies, "findings": self.problems, "mended": self.mended}


def check(
    rt: Runtime, *, deep: bool = False, mends: bool = False, tell: Callable[[JSON], None]
) -> int:
    """Check everything; returns the exit status."""
    summary = Summary()
    for checked in check_bucket(rt, deep=deep):
        summary.count(checked)
        if mends:
            for finding, fate, mended in mend(rt, checked):
                summary.mended += mended
                tell(_line(rt, finding) | {"mending": fate})
        else:
            for finding in checked.findings:
                tell(_line(rt, finding))
    tell({"summary": summary.to_json()})
    return CLEAN if summary.problems.total() == summary.mended else FINDINGS


def _line(rt: Runtime, finding: Finding) -> JSON:
    line: JSON = {
        "problem": finding.problem,
        "path": rt.store.uri(finding.name),
        "lectureId": str(finding.lecture_id) if finding.lecture_id else None,
    }
    if finding.expected is not None:
        line |= {"kind": finding.expected.kind, "type": finding.expected.type}
    if (stored := finding.stored) is not None:
        line |= {"bytes": stored.size, "ageDays": (rt.clock() - stored.created_at).days}
    return line


def print_json(line: Mapping[str, object]) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


def print_text(line: Mapping[str, object]) -> None:
    if "summary" in line:
        print(json.dumps(line["summary"], indent=2), flush=True)
        return
    text = f"{line['problem']}: {line['path']}"
    details = {"lecture": line["lectureId"], "days old": line.get("ageDays")}
    text += "".join(f", {name} {each}" for name, each in details.items() if each is not None)
    print(f"{text} → {line['mending']}" if "mending" in line else text, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--deep", action="store_true", help="read objects, not only list them")
    parser.add_argument("--mend", action="store_true", help="make again, or delete, what was found")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    given = parser.parse_args(arguments)
    tell = print_json if given.json else print_text
    try:
        rt = build_runtime(load_settings())
        require_schema(rt.database)
        return check(rt, deep=given.deep, mends=given.mend, tell=tell)
    except (ConfigurationError, PegasusError, SQLAlchemyError) as error:
        print(f"could not be checked: {error}", file=sys.stderr)
        return UNABLE


if __name__ == "__main__":
    sys.exit(main())
