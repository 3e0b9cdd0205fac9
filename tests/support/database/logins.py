"""Statements run with the privileges of the function that issues them.

In the integration tests all functions share one process and one pool. The function is told from
the call stack when a connection is taken from the pool; the connection has the privileges of that
function's login until it is returned. Statements of the test itself run as the superuser.
"""

import sys
from collections.abc import Callable, Iterator
from itertools import dropwhile
from pathlib import Path, PurePath
from types import CodeType, FrameType
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry

from shared.database.connections import Database
from shared.topology import load_topology

ROOT = Path(__file__).resolve().parents[3]
FUNCTIONS, TESTS = f"{ROOT / 'functions'}/", f"{ROOT / 'tests'}/"
LISTENERS = {
    str(Path(__file__).parents[1] / f"{name}.py")
    for name in (
        "access/object_access",
        "database/logins",
        "database/owner_conditions",
        "database/recorded_statements",
        "lectures/messages",
    )
}
"""Of the tests' support, what asks from within a statement or a message."""
ENTRY_POINTS = {
    **{
        f"{declared.stage}/main.py:{declared.entry_point}": name
        for name, declared in load_topology().functions.items()
    },
    "ingest/uploads/registration.py": "ingest-on-upload",
    "transcribe/job.py": "transcribe",
    "transcribe/segment.py": "transcribe-on-segment",
    "retention/sweep.py": "retention-on-sweep",
    "retention/repairs": "retention-on-sweep",
    "retention/dead_letters.py": "retention-on-dead-letter",
    "retention/runs/expiry.py": "retention",
    "generate/job.py": "generate",
    "export/job.py": "export",
    "ingest/app.py": "ingest-api",
    "ingest/web": "ingest-api",
    "ingest/routes": "ingest-api",
    "ingest/uploads/intake.py": "ingest-api",
    "ingest/jobs/stages.py": "ingest-api",
}
"""Entry points, and modules that tests call directly, with the function that they are part of."""
_IN_SESSION = "test.function"


def function_of_caller() -> str | None:
    """The function in whose code the statement is issued, None for a statement of the test.

    A function may call modules of another. A test that is called by a function, to do something
    while that works, is a test again, and may call another function.
    """
    found = None
    for code in dropwhile(lambda code: code.co_filename in LISTENERS, _under_way(sys._getframe(1))):
        name = code.co_filename
        if name.startswith(TESTS):
            break
        if name.startswith(FUNCTIONS):
            path = PurePath(name.removeprefix(FUNCTIONS))
            for part in (*reversed(path.parents), path, f"{path}:{code.co_name}"):
                found = ENTRY_POINTS.get(str(part), found)
    return found


def _under_way(frame: FrameType | None) -> Iterator[CodeType]:
    """The calls under way, the last one first."""
    while frame is not None:
        yield frame.f_code
        frame = frame.f_back


def use_logins(database: Database, login_of: Callable[[str], str]) -> None:
    """Give each connection of the pool the privileges of the function that takes it."""

    # After the pool's own check of the connection.
    @event.listens_for(database.engine.pool, "checkout")
    def _taken(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        wanted = function_of_caller()
        if record.info.get(_IN_SESSION) != wanted:
            login = f'"{login_of(wanted)}"' if wanted else "DEFAULT"
            cursor = connection.cursor()
            cursor.execute(f"SET SESSION AUTHORIZATION {login}")
            cursor.close()
            record.info[_IN_SESSION] = wanted
