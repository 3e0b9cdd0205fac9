"""A plugin that writes down which function issues which statement in which test.

    .venv/bin/python -m pytest tests/integration -p tests.support.database.recorded_statements \
        --statements /tmp/statements.json

tests/support/database/privilege_witnesses.py reads the file.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.support.database.logins import function_of_caller

Recorded = dict[tuple[str, str], str]
"""Function and statement, with the first test that issued it."""


class _Recorder:
    def __init__(self) -> None:
        self.recorded: Recorded = {}
        self.test = ""

    def note(self, _connection: object, _cursor: object, statement: str, *_rest: Any) -> None:
        if (function := function_of_caller()) is not None:
            self.recorded.setdefault((function, statement), self.test)


_recorder = _Recorder()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--statements", type=Path, required=True, help="file to write")


def pytest_configure() -> None:
    event.listen(Engine, "before_cursor_execute", _recorder.note)


def pytest_runtest_setup(item: pytest.Item) -> None:
    _recorder.test = item.nodeid.partition("[")[0]


def pytest_sessionfinish(session: pytest.Session) -> None:
    rows = [[*issued, test] for issued, test in sorted(_recorder.recorded.items())]
    path: Path = session.config.getoption("--statements")
    path.write_text(json.dumps(rows))
