"""Every unit of work is bounded: whatever fails unforeseen, wherever, each lecture ends.

An exception is raised at one point of one function, every time, until it is mended. Time moves,
messages are repeated and given up, the sweep runs. The lecture has to be completed, or failed
with a code and a record that an operator replays, within a bounded time. Every exception, and the
lecture's title, hold canaries, none of which may be in any log line.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from functions.transcribe.recognizers.loaded import _load, load_with, recognizer_for
from shared.fault_points import listen
from shared.models import Lecture, LectureStatus
from shared.runtime import Runtime, _runtime, build_runtime, build_with, working_runtime
from tests.chaos.standins.recognizer import load
from tests.model.product.pipeline import TOPOLOGY, Pipeline
from tests.support.clock import HeldClock
from tests.support.lectures.builders import BUCKET, PROJECT, changed
from tests.support.lectures.canary import TITLE, Errors, assert_silent
from tests.support.lectures.messages import RecordingMessages
from tests.support.sound.speech import clip

BOUND = timedelta(hours=1)
"""Longer than everything here that is tried again and again."""

CLOCK = "the clock"
"""Asked everywhere, before and after a claim."""
EVENT = "event.received"
SENT = ("outbox.committed", "outbox.sent")

Site = tuple[str, str]
"""A function of the topology, and a point in it."""

ON_THE_WAY: dict[str, tuple[str, ...]] = {
    "ingest-api": (),
    "ingest-on-upload": (EVENT, "upload.claimed", "upload.inspected", *SENT),
    "transcribe": (EVENT, "job.claimed", "cut.stored", "cut.handed_over", *SENT),
    "transcribe-on-segment": (
        *(EVENT, "segment.claimed", "segment.stored", "segment.ended"),
        *("join.stored", "job.completing", *SENT),
    ),
    "generate": (EVENT, "job.claimed", "generation.stored", "job.completing", *SENT),
    "export": (
        *(EVENT, "job.claimed", "transcript_files.stored", "export.stored", "job.completing"),
    ),
    "retention": (EVENT,),
    "retention-on-sweep": (EVENT,),
    "retention-on-dead-letter": (EVENT,),
}
"""The points that a lecture's work passes, by function."""

OFF_THE_WAY = {"correction.stored", "deletion.committed", "purge.deleted", "retention.deleted"}
OFF_THE_WAY |= {"retention.intended", "upload.stored"}
OFF_THE_WAY |= {"account.part_stored", "account.course_deleted", "account.export_ended"}
OFF_THE_WAY |= {"export_name.copied", "export_name.switched"}
OFF_THE_WAY |= {"lecture_cut.stored", "lecture_cut.committed", "lecture_cut.purged"}
OFF_THE_WAY |= {"silencing.stored", "silencing.recorded"}
"""Points of what owners and policies do to a lecture that has ended, and that of a recording
which comes as a form: its request ends with an answer, whatever fails in it."""

SITES = [(function, point) for function, points in ON_THE_WAY.items() for point in (CLOCK, *points)]

IN_THE_WORK = (
    *("upload.inspected", "cut.stored", "segment.stored"),
    *("generation.stored", "export.stored", "job.completing"),
)
REASONS: dict[str, set[str | None]] = {
    CLOCK: {"internal", "worker_lost", "delivery_exhausted"},
    **{point: {"internal"} for point in IN_THE_WORK},
}
"""Where a worker was at work, the attempts are used up before the deliveries are."""

BESIDES: dict[str, Site] = {"retention-on-dead-letter": ("generate", EVENT)}
"""What has to fail as well for a function to have anything to do."""


class Fault:
    def __init__(self) -> None:
        self.pipeline: Pipeline | None = None
        self.sites: set[Site] = set()
        self.reached: set[Site] = set()
        self.met = 0
        self._errors = Errors()

    def __call__(self, name: str, _work: str = "") -> None:
        function = self.pipeline.current if self.pipeline else None
        if function is None:
            return
        self.reached.add((function, name))
        if (function, name) in self.sites:
            self.met += 1
            raise self._errors()


@pytest.fixture
def fault() -> Iterator[Fault]:
    fault = Fault()
    listen(fault)
    yield fault
    listen(None)


@pytest.fixture
def pipeline(  # noqa: PLR0917 - fixtures
    runtime: Runtime,
    clock: HeldClock,
    messages: RecordingMessages,
    fault: Fault,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Pipeline]:
    """The functions as they are deployed, on the test's database, bucket and clock."""
    clock.now = datetime.now(UTC)

    def now() -> datetime:
        fault(CLOCK)
        return clock()

    settings = changed(
        runtime, plc_segment_target_sec=10, plc_fanout_lease_sec=60, plc_resend_after_sec=60
    ).settings
    rt = build_runtime(
        settings, database=runtime.database, store=runtime.store, messages=messages, clock=now
    )
    for name, value in {
        "PLC_ENVIRONMENT": "local",
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "GCS_BUCKET": BUCKET,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1/none",
    }.items():
        monkeypatch.setenv(name, value)
    _forget_process()
    build_with(lambda _settings: rt)
    load_with(load)
    fault.pipeline = Pipeline(rt, clock, messages)
    yield fault.pipeline
    written = assert_silent(capsys)
    assert fault.met == 0 or "exception" in written
    load_with(_load)
    build_with(build_runtime)
    _forget_process()


def _forget_process() -> None:
    _runtime.cache_clear()
    working_runtime.cache_clear()
    recognizer_for.cache_clear()


class Student:
    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def hand_in(self) -> int:
        """Announce a lecture, upload it, and let the bucket tell; the API's answer."""
        answer = self._pipeline.ask(
            "POST",
            "/lectures/ingest",
            {
                "courseId": "economics",
                "lectureId": "markets",
                "title": TITLE,
                "contentType": "audio/flac",
            },
        )
        if answer.status_code < 300:
            rt = self._pipeline.rt
            name = self._lecture().source_object
            stored = rt.store.create(name, clip("economics", seconds=24), "audio/flac")
            self._pipeline.notify(
                {
                    "bucket": BUCKET,
                    "name": stored.name,
                    "generation": str(stored.generation),
                    "size": str(stored.size),
                    "crc32c": stored.crc32c,
                }
            )
        return answer.status_code

    def ended(self) -> bool:
        return self._lecture().status in (LectureStatus.COMPLETED, LectureStatus.FAILED)

    def completed(self) -> bool:
        return self._lecture().status == LectureStatus.COMPLETED

    def reason(self) -> str | None:
        error = self._lecture().error
        return error["code"] if error else None

    def _lecture(self) -> Lecture:
        with self._pipeline.rt.database.unit_of_work() as session:
            return session.scalars(select(Lecture)).one()


def replay_everything(pipeline: Pipeline) -> int:
    """As scripts/replay.py does: the failed jobs, then the messages."""
    jobs = pipeline.ask("POST", "/jobs/dead-letter/replay").get_json()["replayed"]
    listed = pipeline.ask("GET", "/messages/dead-letter?pending=true").get_json()["messages"]
    answers = [
        pipeline.ask("POST", f"/messages/dead-letter/{each['messageId']}/replay").status_code
        for each in listed
    ]
    return len(jobs) + answers.count(202)


def test_every_function_and_every_point_has_a_case(pipeline: Pipeline, fault: Fault) -> None:
    """A function or a point that is added is tried as well, or this fails."""
    student = Student(pipeline)
    assert student.hand_in() == 201
    assert pipeline.run(student.completed, at_most=BOUND), student.reason()

    assert set(ON_THE_WAY) == set(TOPOLOGY.functions)
    reached = {(function, point) for function, point in fault.reached if point != CLOCK}
    listed = {(function, point) for function, point in SITES if point != CLOCK}
    # The lecture may be done before a schedule fires, and nothing was given up.
    idle = {(each, EVENT) for each in TOPOLOGY.functions if each.startswith("retention")}
    assert reached - idle == listed - idle
    in_the_code = {
        point
        for folder in ("functions", "shared")
        for file in Path(folder).rglob("*.py")
        for point in re.findall(r'^ +reach\("([a-z_.]+)"', file.read_text(), re.MULTILINE)
    }
    points = {point for points in ON_THE_WAY.values() for point in points}
    assert in_the_code == points | OFF_THE_WAY


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "site",
    [
        pytest.param(
            site,
            id="-".join(site),
            # Where a worker is at work the attempts are few; elsewhere thirty deliveries pass.
            marks=() if site[1] in IN_THE_WORK else pytest.mark.slow,
        )
        for site in SITES
    ],
)
def test_a_lecture_ends_whatever_fails_and_is_completed_after_the_mend(
    pipeline: Pipeline, fault: Fault, site: Site
) -> None:
    student = Student(pipeline)
    function, point = site
    fault.sites = {site}
    if function in BESIDES:
        fault.sites.add(BESIDES[function])
    if function == "ingest-api":
        assert student.hand_in() == 500
        fault.sites.clear()
    assert student.hand_in() == 201

    assert pipeline.run(student.ended, at_most=BOUND), "the lecture hangs"

    fault.sites.clear()
    if not student.completed():
        assert student.reason() in REASONS.get(point, {"worker_lost", "delivery_exhausted"})
        assert replay_everything(pipeline) > 0
        assert pipeline.run(student.completed, at_most=BOUND), student.reason()
