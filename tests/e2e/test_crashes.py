"""A function dies in the middle of its work; after its lease another goes on.

To die at a known point, the function is made to wait there: the test holds a lock in
the database that its last transaction needs. It holds its lease meanwhile.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.models import JobType, WorkStatus
from tests.support.processes.running_stack import LEASE_SEC, RunningStack
from tests.support.processes.waiting import wait_until
from tests.support.sound.speech import clip


@contextmanager
def locked(pegasus: RunningStack, table: str) -> Iterator[None]:
    """No process can write to the table."""
    with pegasus.database.engine.connect() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
        yield


def waits_for(pegasus: RunningStack, table: str) -> bool:
    """Whether a function has come to where it needs the table."""
    with pegasus.database.engine.connect() as connection:
        return bool(
            connection.scalar(
                text(
                    "SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation "
                    "WHERE NOT granted AND relname = :table"
                ),
                {"table": table},
            )
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "stage", "table"),
    [
        ("transcribe", JobType.TRANSCRIPTION, "segments"),
        ("generate", JobType.GENERATION, "threads"),
        ("export", JobType.EXPORT, "exports"),
    ],
)
def test_a_stage_killed_in_mid_work_is_taken_over_after_its_lease(
    pegasus: RunningStack, function: str, stage: JobType, table: str
) -> None:
    with locked(pegasus, table):
        lecture = pegasus.hand_in(
            clip("economics", start_sec=30, seconds=45), lecture=f"killed-{function}"
        )
        wait_until(
            lambda: waits_for(pegasus, table), timeout_sec=60, what=f"{function} to be at work"
        )
        pegasus.stack.functions[function].kill()

    assert pegasus.ended(lecture)["overallStatus"] == "completed"

    pegasus.check_whole(lecture)
    attempts = Counter[JobType]()
    for job in pegasus.jobs(lecture):  # One of the two exports was killed.
        attempts[job.type] = max(attempts[job.type], job.attempt)
    assert attempts == {type: 1 + (type is stage) for type in JobType}


@pytest.mark.selection
def test_a_segment_worker_killed_in_mid_work_is_taken_over_after_its_lease(
    pegasus: RunningStack,
) -> None:
    lecture = pegasus.hand_in(clip("hashing-1", start_sec=60, seconds=20), lecture="killed-segment")
    wait_until(
        lambda: any(s.status == WorkStatus.RUNNING for s in pegasus.segments(lecture)),
        timeout_sec=60,
        what="a segment to run",
    )
    pegasus.stack.functions["transcribe-on-segment"].kill()

    assert pegasus.ended(lecture)["overallStatus"] == "completed"

    pegasus.check_whole(lecture)
    assert [segment.attempt for segment in pegasus.segments(lecture)] == [2]
    assert {job.attempt for job in pegasus.jobs(lecture)} == {1}


def test_an_upload_whose_notification_dies_with_the_function_is_registered_once(
    pegasus: RunningStack,
) -> None:
    with locked(pegasus, "jobs"):
        lecture = pegasus.hand_in(
            clip("economics", start_sec=60, seconds=20), lecture="killed-upload"
        )
        wait_until(
            lambda: waits_for(pegasus, "jobs"), timeout_sec=60, what="on_upload to be at work"
        )
        pegasus.stack.functions["ingest-on-upload"].kill()

    assert pegasus.ended(lecture)["overallStatus"] == "completed"
    pegasus.check_whole(lecture)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the busy worker in /proc")
def test_a_replaced_worker_that_finishes_late_changes_nothing(pegasus: RunningStack) -> None:
    function = pegasus.stack.functions["transcribe-on-segment"]
    lecture = pegasus.hand_in(clip("photosynthesis", start_sec=60, seconds=20), lecture="replaced")
    wait_until(
        lambda: any(s.status == WorkStatus.RUNNING for s in pegasus.segments(lecture)),
        timeout_sec=60,
        what="a segment to run",
    )
    sleeper = _busiest_child(function.pid)
    os.kill(sleeper, signal.SIGSTOP)  # a machine that pauses, as virtual machines do
    try:
        assert pegasus.ended(lecture)["overallStatus"] == "completed"
        (finished,) = pegasus.segments(lecture)
        before = [pegasus.lecture(lecture), *pegasus.jobs(lecture), finished]
        seen = [_values(row) for row in before]
        handled = _lost_leases(pegasus)
    finally:
        os.kill(sleeper, signal.SIGCONT)
    wait_until(
        lambda: _lost_leases(pegasus) > handled,
        timeout_sec=60,
        what="the replaced worker to find out",
    )

    assert finished.attempt == 2
    assert str(finished.transcript_object).endswith("-2.json")
    after = [pegasus.lecture(lecture), *pegasus.jobs(lecture), *pegasus.segments(lecture)]
    assert [_values(row) for row in after] == seen
    pegasus.check_whole(lecture)


def _values(row: object) -> dict[str, object]:
    return {key: value for key, value in vars(row).items() if not key.startswith("_")}


def _lost_leases(pegasus: RunningStack) -> int:
    log = pegasus.stack.options.home / "logs" / "transcribe-on-segment.log"
    return log.read_text().count('"lease.lost"')


def _busiest_child(master: int | None) -> int:
    """The worker that is computing right now: gunicorn's others wait for requests."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*") if _parent(path) == master]
    start = {pid: _ticks(pid) for pid in pids}
    deadline = time.monotonic() + LEASE_SEC
    while time.monotonic() < deadline:
        busiest = max(pids, key=lambda pid: _ticks(pid) - start[pid])
        if _ticks(busiest) - start[busiest] >= 10:
            return busiest
        time.sleep(0.01)
    raise AssertionError("no worker computes")


def _parent(process: Path) -> int | None:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None  # it has ended meanwhile


def _ticks(pid: int) -> int:
    """Processor time in hundredths of a second, as Linux counts it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
