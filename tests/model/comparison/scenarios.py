"""Moments in which several processes want to write about the same work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from shared.errors import NoSpeechError, TransientError
from shared.models import JobType
from shared.work.retry import Failure
from tests.model.comparison.operations import Side, answer
from tests.model.product.operations import Product
from tests.model.reference.observed_state import JobName, Repair, SegmentName
from tests.model.reference.sweep import SweptReference
from tests.support.clock import HeldClock

JOB = JobName(0, JobType.GENERATION, 0)
FILES = JobName(0, JobType.EXPORT, 0)
LECTURE = JobName(0, JobType.TRANSCRIPTION, 0)
LATER = Failure.of(TransientError("Later."))
NEVER = Failure.of(NoSpeechError("Nobody speaks."))


@dataclass(frozen=True)
class Act:
    who: str
    """And what they do."""
    do: Callable[[Side], object]
    may_pass_over: bool = False
    """The sweep skips rows that are locked; the next one looks again."""
    parts: Sequence[Callable[[SweptReference], int]] = ()
    """What it consists of, where that is not one transaction; it answers with the sum."""


@dataclass(frozen=True)
class World:
    """The product, what it should do, and the time in both."""

    product: Product
    reference: SweptReference
    clock: HeldClock

    def both(self, act: Callable[[Side], object]) -> None:
        assert answer(act, self.product) == answer(act, self.reference)


@dataclass(frozen=True)
class Scene:
    prepare: Callable[[World], None]
    job: JobName
    """Whose row they all want."""
    acts: Sequence[Act]

    def __repr__(self) -> str:
        return self.prepare.__name__

    def act(self, who: str) -> Act:
        [found] = [act for act in self.acts if act.who == who]
        return found


def a_job_waits(world: World) -> None:
    world.both(lambda side: side.enqueue(0, JobType.GENERATION, new_input=True))


def a_job_is_forgotten(world: World) -> None:
    """Its message was acknowledged by a process that then died."""
    a_job_waits(world)
    world.clock.now += world.reference.settings.fanout_lease


def a_worker_is_silent(world: World) -> None:
    """A's lease has run out, and no sweep has seen it yet."""
    a_job_waits(world)
    _claim_and_fall_silent(world, "A")


def a_worker_is_replaced(world: World) -> None:
    """A's lease has run out and B has the job."""
    a_worker_is_silent(world)
    world.both(lambda side: side.claim(JOB, "B"))


def the_last_attempt_is_silent(world: World) -> None:
    """And what it read has changed since."""
    a_job_waits(world)
    for worker in ("first", "second", "A"):
        _claim_and_fall_silent(world, worker)
    world.both(lambda side: side.enqueue(0, JobType.GENERATION, new_input=True))


def a_lecture_is_being_cut(world: World) -> None:
    """The cutter has one thing left to do, and A the last segment."""
    _cut(world)
    _claim_segment(world, 0, "early")
    _complete_segment(world, "early")
    _claim_segment(world, 1, "A")


def two_tasks_are_lost(world: World) -> None:
    """No worker has claimed the segments, and the fan-out's lease has run out."""
    _cut(world)
    world.both(lambda side: side.hand_over("the cutter", 2))
    world.clock.now += world.reference.settings.fanout_lease


def two_segments_are_left(world: World) -> None:
    """A and B have one each."""
    _cut(world)
    world.both(lambda side: side.hand_over("the cutter", 2))
    _claim_segment(world, 0, "A")
    _claim_segment(world, 1, "B")


def two_segments_are_silent(world: World) -> None:
    """And the fan-out's lease has run out as well."""
    two_segments_are_left(world)
    world.clock.now += world.reference.settings.fanout_lease


def all_stages_are_at_work(world: World) -> None:
    """On one lecture: it is transcribed again, and the later stages were requested meanwhile."""
    _cut(world)
    for index, worker in enumerate(("one", "other")):
        _claim_segment(world, index, worker)
        _complete_segment(world, worker)
    world.both(lambda side: side.hand_over("the cutter", 2))
    for job, worker in ((JOB, "G"), (FILES, "E")):
        _claim_as(world, job, worker)


def a_part_is_at_work(world: World) -> None:
    """A makes the files of the transcript, and the material is being made."""
    a_job_waits(world)
    world.both(lambda side: side.claim(JOB, "G"))
    world.both(lambda side: side.enqueue(0, JobType.EXPORT, new_input=True, part=True))
    world.both(lambda side: side.claim(FILES, "A"))


def _claim_as(world: World, job: JobName, worker: str) -> None:
    world.both(lambda side: side.enqueue(0, job.type, new_input=False))
    world.both(lambda side: side.claim(job, worker))


def _complete_segment(world: World, worker: str) -> None:
    world.both(lambda side: side.complete_segment(worker, "nobody"))


def _claim_and_fall_silent(world: World, worker: str) -> None:
    world.both(lambda side: side.claim(JOB, worker))
    world.clock.now += world.reference.settings.lease


def _cut(world: World) -> None:
    world.both(lambda side: side.enqueue(0, JobType.TRANSCRIPTION, new_input=False))
    world.both(lambda side: side.claim(LECTURE, "the cutter"))
    world.both(lambda side: side.add_segment("the cutter", 0))
    world.both(lambda side: side.add_segment("the cutter", 1))


def _claim_segment(world: World, index: int, worker: str) -> None:
    world.both(lambda side: side.claim_segment(SegmentName(LECTURE, index), worker))


def _claim_of(segment: SegmentName, worker: str) -> Callable[[Side], object]:
    return lambda side: side.claim_segment(segment, worker)


def _about_the_job(job: JobName) -> list[Act]:
    return [
        Act("the owner cancels", lambda side: side.cancel(job)),
        Act("new input comes", lambda side: side.enqueue(0, job.type, new_input=True)),
        Act("C claims", lambda side: side.claim(job, "C")),
        Act("D claims", lambda side: side.claim(job, "D")),
        Act("the sweep recovers", lambda side: side.sweep(Repair.JOBS), may_pass_over=True),
        Act("another sweep recovers", lambda side: side.sweep(Repair.JOBS), may_pass_over=True),
    ]


def _of_worker(worker: str) -> list[Act]:
    return [
        Act(f"{worker} completes", lambda side: side.complete(worker)),
        Act(f"{worker} fails", lambda side: side.fail(worker, LATER)),
        Act(f"{worker} gives up", lambda side: side.fail(worker, NEVER)),
        Act(f"{worker} renews", lambda side: side.renew(worker)),
    ]


def _of_segment_worker(worker: str) -> list[Act]:
    joiner = f"{worker} as joiner"
    return [
        Act(f"{worker} completes", lambda side: side.complete_segment(worker, joiner)),
        Act(f"{worker} fails", lambda side: side.fail_segment(worker, LATER)),
        Act(f"{worker} gives up", lambda side: side.fail_segment(worker, NEVER)),
        Act(f"{worker} renews", lambda side: side.renew_segment(worker)),
    ]


_SEGMENTS = tuple(SegmentName(LECTURE, index) for index in range(2))
_SEGMENT_SWEEPS = [
    Act(
        "the sweep recovers segments",
        lambda side: side.sweep(Repair.SEGMENTS),
        parts=[partial(SweptReference.recover_segments, order=[each]) for each in _SEGMENTS],
    ),
    Act(
        "the sweep sends for segments",
        lambda side: side.sweep(Repair.LOST_TASKS),
        parts=[partial(SweptReference.resend_lost_task, segment=each) for each in _SEGMENTS],
    ),
]
_WAKING = [
    Act(f"{who} wakes it", lambda side: side.sweep(Repair.FORGOTTEN_JOBS), may_pass_over=True)
    for who in ("the sweep", "another sweep")
]
_SEGMENT_CLAIMS = [
    Act(f"{who} gets segment {index}", _claim_of(_SEGMENTS[index], who))
    for who, index in (("X", 0), ("Y", 0), ("Z", 1))
]
_CUTTER = [
    Act("the cutter hands over", lambda side: side.hand_over("the cutter", 2)),
    Act("the cutter cuts otherwise", lambda side: side.forget_from("the cutter", 1)),
    Act("the cutter fails", lambda side: side.fail("the cutter", LATER)),
]

_ALL = (
    Scene(a_job_waits, JOB, _about_the_job(JOB)),
    Scene(a_job_is_forgotten, JOB, [*_about_the_job(JOB), *_WAKING]),
    Scene(a_worker_is_silent, JOB, [*_of_worker("A"), *_about_the_job(JOB)]),
    Scene(a_worker_is_replaced, JOB, [*_of_worker("A"), *_of_worker("B"), *_about_the_job(JOB)]),
    Scene(the_last_attempt_is_silent, JOB, [*_of_worker("A"), *_about_the_job(JOB)]),
    Scene(
        a_lecture_is_being_cut,
        LECTURE,
        [*_CUTTER, *_of_segment_worker("A"), *_about_the_job(LECTURE)],
    ),
    Scene(
        all_stages_are_at_work,
        JOB,
        [
            *_of_worker("the cutter"),
            *_of_worker("G"),
            *_of_worker("E"),
            Act("the owner cancels", lambda side: side.cancel(JOB)),
            Act("new input comes", lambda side: side.enqueue(0, JobType.EXPORT, new_input=True)),
        ],
    ),
    Scene(
        a_part_is_at_work,
        FILES,
        [
            *_of_worker("A"),
            *_of_worker("G"),
            *_about_the_job(FILES),
            Act(
                "a correction comes",
                lambda side: side.enqueue(0, JobType.EXPORT, new_input=True, part=True),
            ),
        ],
    ),
    Scene(
        two_tasks_are_lost,
        LECTURE,
        [*_about_the_job(LECTURE), *_SEGMENT_CLAIMS, *_SEGMENT_SWEEPS],
    ),
    *(
        Scene(
            prepare,
            LECTURE,
            [
                *_of_segment_worker("A"),
                *_of_segment_worker("B"),
                *_about_the_job(LECTURE),
                *_SEGMENT_SWEEPS,
            ],
        )
        for prepare in (two_segments_are_left, two_segments_are_silent)
    ),
)

SCENES = {repr(scene): scene for scene in _ALL}
