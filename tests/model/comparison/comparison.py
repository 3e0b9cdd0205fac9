"""Product and reference side by side: they must say the same, and some things always hold."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis.stateful import RuleBasedStateMachine

from shared.models import LIVE, LectureStatus, WorkStatus
from tests.model.comparison.operations import Side, answer
from tests.model.product.operations import Product
from tests.model.reference.observed_state import JobName, Worker
from tests.model.reference.sweep import SweptReference
from tests.support.clock import HeldClock

TICK = timedelta(microseconds=1)


class Comparison(RuleBasedStateMachine):
    def __init__(self, product: Product, reference: SweptReference, clock: HeldClock) -> None:
        super().__init__()
        self.product = product
        self.reference = reference
        self.clock = clock
        self.set_back = timedelta()
        """By how much, taken together, the clock was."""
        self.results: dict[JobName, Worker] = {}
        """Whose counted when it was first seen."""
        self.agreed = True
        self.seen = product.observed_state()

    # --- both sides do the same and say the same --------------------------------

    def both(self, act: Callable[[Side], object]) -> None:
        self.answer(act)
        self.look()

    def answer(self, act: Callable[[Side], object]) -> None:
        self.agreed = False
        expected = answer(act, self.reference)
        actual = answer(act, self.product)
        assert actual == expected, f"the product says {actual!r}, it should say {expected!r}"
        # Two leases never run out in the same moment, so that the sweep has one order.
        self.clock.now += TICK

    def look(self) -> None:
        self.agreed = False
        self.seen = self.product.observed_state()
        differences = list(self.reference.observed_state().differences(self.seen))
        assert not differences, "\n".join(differences)
        self.check_what_always_holds()
        self.agreed = True

    # --- what always holds, whatever the reference says --------------------------

    def check_what_always_holds(self) -> None:
        self.a_lecture_has_one_live_job_of_a_type()
        self.what_runs_is_leased_and_nothing_else_is()
        self.a_job_ends_once()
        self.a_result_is_never_replaced()
        self.nobody_tries_more_often_than_allowed()
        self.for_everything_that_lives_somebody_comes_in_time()
        self.a_lecture_on_which_nobody_works_says_how_it_ended()
        self.every_row_of_the_outbox_is_sent_under_a_key_of_its_own()

    def a_lecture_has_one_live_job_of_a_type(self) -> None:
        live = [(j.lecture, j.type) for j, row in self.seen.jobs.items() if row.status in LIVE]
        assert len(live) == len(set(live))

    def what_runs_is_leased_and_nothing_else_is(self) -> None:
        for row in self.seen.rows():
            assert (row.status == WorkStatus.RUNNING) == (row.holder is not None)
            assert (row.holder is None) == (row.lease_until is None)

    def a_job_ends_once(self) -> None:
        for job, row in self.seen.jobs.items():
            over = row.status not in LIVE
            assert row.endings == ([row.status] if over else []), f"{job}: {row.history}"
            assert [status for status, _ in row.history[:1]] == [WorkStatus.QUEUED]

    def a_result_is_never_replaced(self) -> None:
        for job, row in self.seen.jobs.items():
            if row.result_of is not None:
                assert self.results.setdefault(job, row.result_of) == row.result_of

    def nobody_tries_more_often_than_allowed(self) -> None:
        settings = self.reference.settings
        for job in self.seen.jobs.values():
            assert job.attempt <= settings.plc_job_max_attempts
        for segment in self.seen.segments.values():
            assert segment.attempt <= settings.plc_segment_max_attempts

    def for_everything_that_lives_somebody_comes_in_time(self) -> None:
        """By a message that is sent or will be, or because the sweep finds it."""
        fanout = self.reference.settings.fanout_lease
        latest = self.clock.now + fanout + self.set_back
        written = {row.message.about for row in self.seen.outbox}
        for job, row in self.seen.jobs.items():
            if row.status in LIVE:
                assert job in written
                assert (row.lease_until or row.changed_at + fanout) <= latest

    def a_lecture_on_which_nobody_works_says_how_it_ended(self) -> None:
        live = {job.lecture for job, row in self.seen.jobs.items() if row.status in LIVE}
        for lecture in {job.lecture for job in self.seen.jobs} - live:
            status = self.seen.lectures[lecture].status
            assert status in (LectureStatus.COMPLETED, LectureStatus.FAILED)

    def every_row_of_the_outbox_is_sent_under_a_key_of_its_own(self) -> None:
        content = {s.dedup_key: (s.destination, s.payload) for s in self.product.messages.sent}
        for sent in self.product.messages.sent:
            assert content[sent.dedup_key] == (sent.destination, sent.payload)
        assert len(content) <= sum(self.seen.outbox.values())
