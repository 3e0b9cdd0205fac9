"""An instance's readiness: many questions must not become as many checks."""

import threading

import pytest
from sqlalchemy import text

from functions.ingest import readiness
from functions.ingest.readiness import NOT_READY_KEPT_SEC, READY_KEPT_SEC, Readiness
from shared.runtime import Runtime
from tests.support.processes.threads import PATIENCE_SEC

BROKEN = "UPDATE alembic_version SET version_num = '0001'"


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the checks that ran."""
    ran: list[str] = []
    run = readiness._run

    def counting(name: str, check: object) -> object:
        ran.append(name)
        return run(name, check)  # type: ignore[arg-type]

    monkeypatch.setattr(readiness, "_run", counting)
    return ran


def break_schema(rt: Runtime) -> None:
    with rt.database.engine.begin() as connection:
        connection.execute(text(BROKEN))


def test_many_questions_are_one_check(runtime: Runtime, checks: list[str]) -> None:
    clock = Seconds()
    ready = Readiness(runtime, clock=clock)

    for _ in range(100):
        assert ready.failing() == {}

    assert checks == ["database", "storage", "queue"]
    clock.now = READY_KEPT_SEC
    break_schema(runtime)
    assert list(ready.failing()) == ["database"]


def test_a_failure_is_kept_for_a_shorter_time(runtime: Runtime, checks: list[str]) -> None:
    clock = Seconds()
    break_schema(runtime)
    ready = Readiness(runtime, clock=clock)

    assert [list(ready.failing()) for _ in range(5)] == [["database"]] * 5

    assert checks == ["database", "storage", "queue"]
    clock.now = NOT_READY_KEPT_SEC
    ready.failing()
    assert len(checks) == 6


def test_questions_during_a_check_get_the_answer_before(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, hanging, release = Seconds(), threading.Event(), threading.Event()
    ready = Readiness(runtime, clock=clock)
    assert ready.failing() == {}

    def hang(*_: object) -> None:
        hanging.set()
        assert release.wait(PATIENCE_SEC)

    monkeypatch.setattr(readiness, "_run", hang)
    clock.now = READY_KEPT_SEC
    checker = threading.Thread(target=ready.failing)
    checker.start()
    assert hanging.wait(PATIENCE_SEC)
    try:
        assert ready.failing() == {}  # without waiting for the service that hangs
    finally:
        release.set()
        checker.join()
