import json
from pathlib import Path

import pytest

from scripts.local.processes.function_logs import DIED, FunctionLogs


def event(message: str, severity: str = "INFO", **fields: object) -> str:
    return json.dumps({"time": "t", "severity": severity, "message": message, **fields})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "export.log"
    file.write_text(event("event.error", "ERROR", code="old") + "\n")
    return file


def write(log: Path, *lines: str) -> None:
    with log.open("a") as file:
        file.write("".join(f"{line}\n" for line in lines))


def test_failures_are_shown_with_their_reason_file_and_line(log: Path) -> None:
    logs = FunctionLogs(log.parent)
    write(
        log,
        event("job.claimed"),
        event(
            "event.error",
            "ERROR",
            code="internal",
            exception="Traceback (most recent call last):\n  File x\nTypeError: no such argument",
        ),
        event("work.failed", "WARNING", code="unavailable", permanent=False),
        event("lease.lost", "WARNING"),
        event(DIED, "ERROR", exit_status=-9, restarts=1),
    )

    shown = logs.poll()

    assert [(each.text, each.line) for each in shown] == [
        ("event.error code=internal – TypeError: no such argument", 3),
        ("work.failed code=unavailable permanent=False", 4),
        ("function.died exit_status=-9 restarts=1", 6),
    ]
    assert {(each.function, each.file, each.failure) for each in shown} == {("export", log, True)}
    assert f"{log}:3" in str(shown[0])


def test_what_was_there_before_and_what_was_shown_is_not_shown_again(log: Path) -> None:
    logs = FunctionLogs(log.parent)
    assert logs.poll() == []
    write(log, event("event.error", "ERROR"))
    assert len(logs.poll()) == 1
    assert logs.poll() == []


def test_a_line_is_read_when_it_is_whole(log: Path) -> None:
    logs = FunctionLogs(log.parent)
    line = event("event.error", "ERROR", code="é").encode()
    for byte in range(len(line)):
        with log.open("ab") as file:
            file.write(line[byte : byte + 1])
        assert logs.poll() == []
    write(log, "")
    assert [each.text for each in logs.poll()] == ["event.error code=é"]


def test_a_function_that_cannot_be_imported_is_a_failure(tmp_path: Path) -> None:
    logs = FunctionLogs(tmp_path)
    write(
        tmp_path / "new.log",
        "Traceback (most recent call last):",
        '  File "main.py", line 1, in <module>',
        "    import nothing",
        "ModuleNotFoundError: No module named 'nothing'",
        "an ordinary line",
    )

    (shown,) = logs.poll()

    assert (shown.function, shown.line) == ("new", 1)
    assert shown.text == "ModuleNotFoundError: No module named 'nothing'"


def test_where_weights_are_looked_for_is_a_notice_and_no_failure(log: Path) -> None:
    logs = FunctionLogs(log.parent)
    write(
        log,
        event("weights.trying", model="base", source="cache_of_hub"),
        event("weights.trying", model="base", source="hub", job="j", event_id="e"),
    )

    (shown,) = logs.poll()

    assert (shown.text, shown.failure) == ("weights.trying model=base source=hub", False)
