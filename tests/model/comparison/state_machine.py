"""Everything that may happen to jobs, in any order, to the product and its reference alike."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from shared.errors import NoSpeechError, PegasusError, TransientError
from shared.models import LIVE, JobType
from shared.work.retry import Failure
from tests.model.comparison.choices import Choices
from tests.model.comparison.comparison import TICK
from tests.model.reference.observed_state import JobName, Post, Repair, Work, Worker

LECTURES = 2
SEGMENTS = 3
"""At most, of a lecture that is cut step by step."""
SET_BACK_SEC = 30
"""Clocks of two instances differ, and are put right."""

# Drawn alike, and most work should live to see the next step.
mishaps = st.sampled_from(
    [*[TransientError("Later.")] * 3, NoSpeechError("Nobody speaks.")],
)
data = st.data()


class JobProtocol(Choices):
    last_sweep: Sequence[Repair] | None = tuple(Repair)
    """What is repaired once all else has been done; None leaves the end out."""

    # --- callers that ask for work --------------------------------------------------

    @initialize(lost=st.booleans(), begun=st.booleans())
    def recordings_arrive(self, lost: bool, begun: bool) -> None:
        """`lost`: at the end, whether the messages sent until then have all gone astray.
        `begun`: whether a worker has already claimed the first."""
        self.lost = lost
        for lecture in range(LECTURES):
            self.ask_for_work(lecture, JobType.TRANSCRIPTION, new_input=False)
        if begun:
            self.claim(JobName(0, JobType.TRANSCRIPTION, 0))
            [worker] = self.cutting()
            self.both(lambda side: side.add_segment(worker, 0))

    @rule(
        lecture=st.integers(0, LECTURES - 1),
        type=st.sampled_from(JobType),
        new_input=st.booleans(),
    )
    def ask_for_work(self, lecture: int, type: JobType, new_input: bool) -> None:
        self.both(lambda side: side.enqueue(lecture, type, new_input=new_input))

    @rule(lecture=st.integers(0, LECTURES - 1), new_input=st.booleans())
    def ask_for_a_part(self, lecture: int, new_input: bool) -> None:
        """For the files of the transcript alone."""
        self.both(
            lambda side: side.enqueue(lecture, JobType.EXPORT, new_input=new_input, part=True)
        )

    @precondition(lambda self: self.running())
    @rule(data=data)
    def input_changes_while_it_is_read(self, data: Any) -> None:
        job = data.draw(st.sampled_from(self.running()))
        self.both(lambda side: side.enqueue(job.lecture, job.type, new_input=True))

    @rule(data=data, owner=st.booleans())
    def end_it_from_outside(self, data: Any, owner: bool) -> None:
        """Its owner cancels it, or its subscription gives its message up."""
        job = data.draw(st.sampled_from(self.jobs()))
        if owner:
            self.both(lambda side: side.cancel(job))
        else:
            self.both(lambda side: side.exhaust_delivery(job))

    @precondition(lambda self: self.failed_jobs())
    @rule(data=data)
    def replay(self, data: Any) -> None:
        job = data.draw(st.sampled_from(self.failed_jobs()))
        self.both(lambda side: side.replay(job))

    # --- messages come, some of them twice, late, and out of order --------------

    @precondition(lambda self: self.messages())
    @rule(data=data)
    def deliver(self, data: Any) -> None:
        self.claim(data.draw(st.sampled_from(self.messages())))

    @precondition(lambda self: self.waited_for())
    @rule(data=data)
    def deliver_one_that_is_waited_for(self, data: Any) -> None:
        self.claim(data.draw(st.sampled_from(self.waited_for())))

    @precondition(lambda self: self.waited_for() and self.reference.post != Post.UNREACHED)
    @rule(data=data, mishap=st.none() | mishaps)
    def deliver_and_do_all_of_it(self, data: Any, mishap: PegasusError | None) -> None:
        self.serve(data.draw(st.sampled_from(self.waited_for())), mishap)
        self.look()

    @precondition(lambda self: self.going())
    @rule(data=data, steps=st.integers(1, 8))
    def work_goes_on(self, data: Any, steps: int) -> None:
        """As it mostly does: else few histories would get far enough to be interesting."""
        for _ in range(steps):
            if going := self.going():
                self.go_on(data.draw(st.sampled_from(going)))

    def go_on(self, work: Work) -> None:
        worker = self.worker_of(work)
        if worker is None:
            self.claim(work)
        elif worker in self.ready():
            self.complete(worker)
        elif len(known := self.reference.known(worker)) >= 2:
            self.both(lambda side: side.hand_over(worker, len(known)))
        elif self.is_to_adopt(worker):
            self.both(lambda side: side.adopt(worker))
        else:
            self.both(lambda side: side.add_segment(worker, len(known)))

    def claim(self, work: Work) -> None:
        worker = self.new_worker()
        if isinstance(work, JobName):
            self.both(lambda side: side.claim(work, worker))
        else:
            self.both(lambda side: side.claim_segment(work, worker))

    def serve(self, work: Work, mishap: PegasusError | None) -> None:
        worker, joiner = self.new_worker(), self.new_worker()
        if isinstance(work, JobName):
            self.answer(lambda side: side.run(work, worker, mishap))
        else:
            self.answer(lambda side: side.run_segment(work, worker, joiner, mishap))

    # --- workers at work --------------------------------------------------------

    @precondition(lambda self: self.at_work())
    @rule(data=data)
    def die_silently(self, data: Any) -> None:
        self.dead.add(data.draw(st.sampled_from(self.at_work())))

    @precondition(lambda self: self.at_work())
    @rule(data=data, done=st.none() | st.integers(0, 9))
    def give_a_sign_of_life(self, data: Any, done: int | None) -> None:
        worker = data.draw(st.sampled_from(self.at_work()))
        if done is None or self.is_for_segment(worker):
            self.renew(worker)
        else:
            self.both(lambda side: side.report(worker, done))

    @precondition(lambda self: self.ready())
    @rule(data=data)
    def finish(self, data: Any) -> None:
        self.complete(data.draw(st.sampled_from(self.ready())))

    @precondition(lambda self: self.at_work())
    @rule(data=data, mishap=mishaps)
    def meet_an_error(self, data: Any, mishap: PegasusError) -> None:
        self.fail(data.draw(st.sampled_from(self.at_work())), mishap)

    def renew(self, worker: Worker) -> None:
        if self.is_for_segment(worker):
            self.both(lambda side: side.renew_segment(worker))
        else:
            self.both(lambda side: side.renew(worker))

    def complete(self, worker: Worker) -> None:
        joiner = self.new_worker()
        if self.is_for_segment(worker):
            self.both(lambda side: side.complete_segment(worker, joiner))
        else:
            self.both(lambda side: side.complete(worker))

    def fail(self, worker: Worker, mishap: PegasusError) -> None:
        failure = Failure.of(mishap)
        if self.is_for_segment(worker):
            self.both(lambda side: side.fail_segment(worker, failure))
        else:
            self.both(lambda side: side.fail(worker, failure))

    # --- a lecture is cut -------------------------------------------------------

    @precondition(lambda self: self.cutting())
    @rule(data=data, deed=st.sampled_from(["add", "add", "add", "adopt", "cut otherwise"]))
    def cut(self, data: Any, deed: str) -> None:
        """The next segment, or one that is recorded already; or what a replay begins with; or
        some segments are forgotten because the lecture is cut otherwise now."""
        worker = data.draw(st.sampled_from(self.cutting()))
        known = len(self.reference.known(worker))
        index = data.draw(st.integers(0, min(known, SEGMENTS - 1)))
        match deed:
            case "add":
                self.both(lambda side: side.add_segment(worker, index))
            case "adopt":
                self.both(lambda side: side.adopt(worker))
            case _:
                self.both(lambda side: side.forget_from(worker, index))

    @precondition(lambda self: self.with_segments())
    @rule(data=data)
    def hand_over(self, data: Any) -> None:
        worker = data.draw(st.sampled_from(self.with_segments()))
        count = len(self.reference.known(worker))
        self.both(lambda side: side.hand_over(worker, count))

    # --- workers that were presumed dead and are not ----------------------------

    @precondition(lambda self: self.at_work())
    @rule(data=data)
    def be_taken_for_dead(self, data: Any) -> None:
        """The lease runs out, and another delivery finds that."""
        worker = data.draw(st.sampled_from(self.at_work()))
        work = self.reference.claimed[worker]
        self.clock.now = max(self.clock.now, self.seen.row(work).lease_until or self.clock.now)
        self.claim(work)

    @precondition(lambda self: self.replaced())
    @rule(data=data, deed=st.sampled_from(["complete", "fail", "renew"]), mishap=mishaps)
    def come_back_and_try_to_write(self, data: Any, deed: str, mishap: PegasusError) -> None:
        worker = data.draw(st.sampled_from(self.replaced()))
        before = self.seen
        match deed:
            case "complete":
                self.complete(worker)
            case "fail":
                self.fail(worker, mishap)
            case _:
                self.renew(worker)
        assert self.seen == before, "a worker that has lost the lease should change nothing"

    # --- time, the queue's moods, and the sweep ---------------------------------

    @rule(seconds=st.sampled_from([61, 901]) | st.integers(-SET_BACK_SEC, SET_BACK_SEC))
    def time_passes(self, seconds: int) -> None:
        """Or the clock is set back."""
        self.clock.advance(seconds)
        self.set_back += max(timedelta(), -timedelta(seconds=seconds))

    @precondition(lambda self: self.moments())
    @rule(data=data, just_before=st.booleans())
    def a_moment_comes(self, data: Any, just_before: bool) -> None:
        """To the microsecond."""
        moment = data.draw(st.sampled_from(self.moments()))
        self.clock.now = moment - TICK if just_before else moment

    @rule(post=st.sampled_from(Post))
    def sending_goes_otherwise(self, post: Post) -> None:
        self.product.post = self.reference.post = post

    @rule(repair=st.sampled_from(Repair))
    def sweep(self, repair: Repair) -> None:
        if repair != Repair.SEGMENTS:
            self.both(lambda side: side.sweep(repair))
            return
        self.agreed = False
        silent = self.reference.silent_segments()
        recovered, order = self.product.recover_segments()
        assert sorted(order) == sorted(silent)
        assert recovered == self.reference.recover_segments(order)
        self.clock.now += TICK
        self.look()

    # --- and at the end ---------------------------------------------------------

    def teardown(self) -> None:
        if self.agreed and self.last_sweep is not None:
            self.everything_comes_to_an_end(self.last_sweep)

    def everything_comes_to_an_end(self, last_sweep: Sequence[Repair]) -> None:
        """Faults cease, and workers do what they are told. What is left then needs one sweep,
        once every lease has run out."""
        self.product.post = self.reference.post = Post.WORKS
        if not self.lost:
            self.serve_all(self.messages())
        self.clock.now += self.reference.settings.fanout_lease + self.set_back
        sent = len(self.product.messages.sent)
        for repair in last_sweep:
            self.sweep(repair)
        self.serve_all(self.messages_since(sent))
        alive = {job for job, row in self.seen.jobs.items() if row.status in LIVE}
        assert not alive, f"nothing brings {alive} to an end"

    def serve_all(self, works: Sequence[Work]) -> None:
        while works:
            sent = len(self.product.messages.sent)
            for work in works:
                self.serve(work, None)
            self.look()
            works = self.messages_since(sent)

    def messages_since(self, sent: int) -> list[Work]:
        return [message.about for message in self.product.arrived()[sent:]]
