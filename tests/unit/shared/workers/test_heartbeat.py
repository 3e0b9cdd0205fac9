"""A worker's sign of life."""

import threading
from collections.abc import Callable

import pytest

from shared.errors import LeaseLostError
from shared.workers.heartbeat import Heartbeat

BEAT_SEC = 0.005
PATIENCE_SEC = 10


class Renewals:
    """Answers each renewal with what a test has laid out; afterwards with True."""

    def __init__(self, *answers: Callable[[], bool]) -> None:
        self._answers = list(answers)
        self._changed = threading.Condition()
        self.count = 0

    def __call__(self) -> bool:
        with self._changed:
            self.count += 1
            answer = self._answers.pop(0) if self._answers else (lambda: True)
            self._changed.notify_all()
        return answer()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.count >= count, PATIENCE_SEC)


def test_it_renews_as_long_as_the_work_runs_and_no_longer() -> None:
    renewals = Renewals()
    threads = threading.active_count()

    with Heartbeat(renewals, interval_sec=BEAT_SEC) as heartbeat:
        renewals.wait_for(3)
        heartbeat.check()

    assert threading.active_count() == threads
    stopped_at = renewals.count
    with Heartbeat(Renewals(), interval_sec=BEAT_SEC):
        assert renewals.count == stopped_at


def test_a_lost_lease_is_told_to_the_worker() -> None:
    renewals = Renewals(lambda: True, lambda: False)

    with Heartbeat(renewals, interval_sec=BEAT_SEC) as heartbeat:
        renewals.wait_for(2)
        _wait_until_lost(heartbeat)

    assert renewals.count == 2  # a worker that has lost a lease does not ask for it again


def test_a_renewal_that_cannot_be_made_is_tried_again() -> None:
    def database_away() -> bool:
        raise ConnectionError

    renewals = Renewals(database_away, database_away)

    with Heartbeat(renewals, interval_sec=BEAT_SEC) as heartbeat:
        renewals.wait_for(4)
        heartbeat.check()


def test_it_ends_with_work_that_fails() -> None:
    threads = threading.active_count()

    with pytest.raises(ValueError, match="work"), Heartbeat(Renewals(), interval_sec=BEAT_SEC):
        raise ValueError("work")

    assert threading.active_count() == threads


def _wait_until_lost(heartbeat: Heartbeat) -> None:
    pause = threading.Event()
    for _ in range(int(PATIENCE_SEC / BEAT_SEC)):
        try:
            heartbeat.check()
        except LeaseLostError:
            return
        pause.wait(BEAT_SEC)
    raise AssertionError("the worker was never told")
