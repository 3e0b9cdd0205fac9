"""The chaos run: the whole local stack under load while the storm goes over it.

    python -m tests.chaos.run [--lectures N] [--faults N] [--seed S] [--phones N]

Lectures are handed in until all are and enough has gone wrong; then it is calm, everything
ends, what failed is replayed once, and the checker looks. Exits with 1 if it finds anything.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from scripts.local.cloud import BUCKET
from scripts.local.ports import HOST, find_free
from scripts.local.processes.lifetime import end_in_order
from scripts.local.stack import ROOT, Options, Stack
from shared.topology import Topology, load_topology
from tests.chaos.checker import Checker, words_of
from tests.chaos.faults import process_setup
from tests.chaos.faults.deliveries import StormyDeliveries
from tests.chaos.faults.fault_points import FaultPointServer
from tests.chaos.faults.processes import VICTIMS, Machines
from tests.chaos.faults.schedule import Chances, Storm
from tests.chaos.faults.storage import StormyBucket
from tests.chaos.report import Report
from tests.chaos.standins.clients import HandedIn, Phone
from tests.chaos.standins.language_model import LanguageModel
from tests.support.processes.running_stack import impatient
from tests.support.sound.speech import clip

LEASE_SEC = 4.0
SECONDS = 24
RECORDINGS = tuple(
    (name, start)
    for name in ("economics", "hashing-1", "hashing-2", "photosynthesis")
    for start in (20, 60)
)
LECTURES_A_COURSE = 4
CALM_SEC = 120
"""How long the first lectures may take, while nothing goes wrong."""

_ON_THE_WAY = {
    "duplicated": 0.14,
    "delayed": 0.10,
    "reordered": 0.06,
    "answer_lost": 0.07,
    "lost": 0.02,
}
CHANCES: Mapping[str, Chances] = {
    "message": _ON_THE_WAY,
    "task": _ON_THE_WAY,
    "storage": {"503": 0.06, "412": 0.01, "slow": 0.08, "half_a_body": 0.04, "answer_lost": 0.04},
    "point": {"die": 0.03, "fail": 0.03, "wait": 0.04},
    "model": {"429": 0.10, "500": 0.10, "nonsense": 0.03, "cut_off": 0.04, "slow": 0.05},
}
MACHINES = {
    "killed": 6.0,
    "frozen": 15.0,
    "database_crashed": 60.0,
    "disk_full": 20.0,
    "clock_wrong": 10.0,
}
"""Mean seconds between two strikes."""


@dataclass(frozen=True)
class Plan:
    seed: int
    lectures: int
    faults: int = 0
    """Go on handing lectures in until so much has gone wrong."""
    phones: int = 12
    chances: Mapping[str, Chances] = field(default_factory=lambda: CHANCES)
    machines: Mapping[str, float] = field(default_factory=lambda: MACHINES)
    without: str | None = None
    """A safeguard to do without."""
    recordings: int = 8
    """How many different ones there are; each is handed in once while it is calm."""
    victims: Sequence[str] = VICTIMS
    """Functions that may be killed or frozen, or whose clock may go wrong."""
    clocks: Sequence[float] = (-3, 3)
    """By how many leases a clock may be wrong."""
    sent_again: float = 0.1
    """How many lectures their phones send once more, cut short."""
    deletions: float = 0.05
    """How many of the lectures their owners delete in mid-work."""
    patience_sec: float = 420
    """How long everything may take to end once it is calm. Longest waits the purge of a deleted
    lecture of which an object refused to go: five minutes."""
    environment: Mapping[str, str] = field(default_factory=dict)


class Run:
    def __init__(self, plan: Plan, home: Path) -> None:
        self.plan = plan
        self.storm = Storm(plan.seed, plan.chances)
        self.line = FaultPointServer(self.storm)
        self.model = LanguageModel(self.storm)
        self.deliveries = StormyDeliveries(self.storm)
        self.bucket = StormyBucket(self.storm)
        self.stack = Stack(
            Options(
                home=home,
                ports=find_free(tuple(load_topology().functions)),
                topology=busy(impatient(load_topology())),
                environment={**ENVIRONMENT, **self._environment(), **plan.environment},
                schedule_seconds={"sweep": 1.0, "retention": 86_400.0},
                segment_workers=2,
                pubsub_faults=self.deliveries,
                tasks_faults=self.deliveries,
                storage_faults=self.bucket.between,
                functions=ROOT / "tests" / "chaos" / "functions",
            )
        )
        self._recordings = RECORDINGS[: plan.recordings]
        self._deadline = 0.0
        self._interrupted = False
        self._lectures: list[HandedIn] = []
        self._taking = threading.Lock()

    def _environment(self) -> dict[str, str]:
        return {
            process_setup.LINE: self.line.address,
            **({process_setup.WITHOUT: self.plan.without} if self.plan.without else {}),
            "OPENAI_BASE_URL": self.model.url,
        }

    def run(self) -> Report:
        """Raises TimeoutError only if the stack itself cannot be used."""
        began = time.monotonic()
        with self._running() as admin:
            undisturbed = self._undisturbed()
            machines = Machines(
                self.stack,
                admin,
                self.storm,
                self.line,
                victims=self.plan.victims,
                clocks=self.plan.clocks,
                lease_sec=LEASE_SEC,
            )
            self.storm.rage()
            machines.start(self.plan.machines)
            try:
                self._let_students_send()
            finally:
                machines.stop()
            self.storm.calm()
            stormy_sec = time.monotonic() - began
            stuck = self._settle(admin)
            failed = self._failures(admin)
            phone = self._phone()
            replayed = phone.replay_failed()
            stuck += self._settle(admin) if replayed else []
            checker = Checker(admin, self._storage_url(), BUCKET)
            wrong = stuck + checker.check(
                self._lectures,
                undisturbed=undisturbed,
                paid=self.model.paid,
                tasks=self.deliveries.tasks,
                written=self.bucket.written,
                removed=self.bucket.deleted,
            )
            return Report.of(
                self.plan.seed,
                self.storm,
                self._lectures,
                failures=failed,
                failures_after_replay=self._failures(admin),
                replayed=replayed,
                paid=self.model.paid,
                wrong=wrong,
                stormy_sec=stormy_sec,
                seconds=time.monotonic() - began,
            )

    @contextmanager
    def _running(self) -> Iterator[Engine]:
        with ExitStack() as running:
            self.line.start()
            running.callback(self.line.stop)
            self.model.start()
            running.callback(self.model.stop)
            running.callback(self.stack.postgres.remove)
            running.callback(self.stack.stop)
            self.stack.start()
            admin = create_engine(
                make_url(self.stack.postgres.url).set(drivername="postgresql+pg8000"),
                isolation_level="AUTOCOMMIT",
                pool_pre_ping=True,
            )
            running.callback(admin.dispose)
            yield admin

    def _undisturbed(self) -> dict[str, object]:
        """The words of each recording, while nothing goes wrong."""
        calm = [
            HandedIn(f"calm-{name}-{start}", f"calm-{name}-{start}", f"{name}-{start}")
            for name, start in self._recordings
        ]
        self._lectures += calm
        self._deadline = time.monotonic() + CALM_SEC
        phone = self._phone(sent_again=0)
        chance = self.storm.stream("phone", "calm")
        words = {}
        for lecture in calm:
            phone.hand_in(lecture, audio(lecture.recording), chance)
        for lecture in calm:
            phone.watch(lecture)
            words[lecture.recording] = words_of(phone.transcript(lecture))
        return words

    def _let_students_send(self) -> None:
        with ThreadPoolExecutor(self.plan.phones) as pool:
            students = [pool.submit(self._student, number) for number in range(self.plan.phones)]
            try:
                for student in students:
                    student.result()
            except BaseException:
                # The pool waits for all of them: they stop at their next question.
                self._interrupted = True
                self._deadline = 0.0
                raise

    def _student(self, number: int) -> None:
        chance = self.storm.stream("phone", str(number))
        phone = self._phone()
        while (lecture := self._next(number)) is not None:
            began = time.monotonic()
            try:
                phone.hand_in(lecture, audio(lecture.recording), chance)
                if chance.random() < self.plan.deletions:
                    time.sleep(chance.uniform(0, 5))
                    phone.delete(lecture)
                    self.storm.strike("phone.deleted_in_mid_work")
                else:
                    phone.watch(lecture)
            except TimeoutError:
                return  # the checker will say that it is stuck
            lecture.seconds = time.monotonic() - began

    def _next(self, student: int) -> HandedIn | None:
        with self._taking:
            number = len(self._lectures) - len(self._recordings)
            if self._interrupted:
                return None
            enough = self.storm.faults >= self.plan.faults
            if number >= self.plan.lectures and (enough or number >= 3 * self.plan.lectures):
                return None
            self._be_patient()
            name, start = self._recordings[number % len(self._recordings)]
            lecture = HandedIn(
                f"lecture-{number}", f"course-{number // LECTURES_A_COURSE}", f"{name}-{start}"
            )
            self._lectures.append(lecture)
            return lecture

    def _be_patient(self) -> None:
        self._deadline = time.monotonic() + self.plan.patience_sec

    def _settle(self, admin: Engine) -> list[str]:
        """Wait until nothing is under way any more; what still is after that is stuck."""
        deadline = time.monotonic() + self.plan.patience_sec
        while time.monotonic() < deadline:
            with admin.connect() as connection:
                if not connection.scalar(text(_UNDER_WAY)):
                    return []
            time.sleep(0.2)
        return [f"stuck: after {self.plan.patience_sec:g} s of calm something is under way"]

    def _failures(self, admin: Engine) -> Mapping[str, int]:
        with admin.connect() as connection:
            rows = connection.execute(text(_FAILURES)).all()
        return {row.code: row.times for row in rows}

    def _phone(self, *, sent_again: float | None = None) -> Phone:
        return Phone(
            self.stack.api_url,
            self.storm,
            lambda: self._deadline,
            sent_again=self.plan.sent_again if sent_again is None else sent_again,
        )

    def _storage_url(self) -> str:
        return f"http://{HOST}:{self.stack.options.ports.storage}"


_UNDER_WAY = """
SELECT EXISTS (SELECT FROM jobs WHERE status IN ('queued', 'running'))
    OR EXISTS (SELECT FROM lectures WHERE status IN ('uploaded', 'processing'))
    OR EXISTS (SELECT FROM outbox WHERE published_at IS NULL)
    OR EXISTS (SELECT FROM purges WHERE runs = 0)
    OR EXISTS (SELECT FROM lectures l WHERE status = 'awaiting_upload')
"""
_FAILURES = """
SELECT error ->> 'code' AS code, count(*) AS times FROM lectures WHERE status = 'failed'
GROUP BY 1 ORDER BY 2 DESC, 1
"""

ENVIRONMENT = {
    "PLC_LLM_PROVIDER": "openai",
    "OPENAI_API_KEY": "nobody's",
    "OPENAI_MODEL": "quick",
    "PLC_LLM_TIMEOUT_SEC": "10",
    "PLC_SEGMENT_TARGET_SEC": "10",
    "PLC_LEASE_SEC": str(LEASE_SEC),
    "PLC_FANOUT_LEASE_SEC": "15",
    "PLC_RESEND_AFTER_SEC": "15",
    "PLC_OUTBOX_GRACE_SEC": "1",
    "PLC_MISSED_UPLOAD_GRACE_SEC": "3",
    "PLC_JOB_MAX_ATTEMPTS": "8",
    "PLC_SEGMENT_MAX_ATTEMPTS": "8",
    "PLC_WRITE_RATE_LIMIT_MAX_REQUESTS": "100000",
}


def busy(topology: Topology) -> Topology:
    """The declared topology with as many requests at once as one instance each must bear here,
    where the cloud would start others."""
    return topology.model_copy(
        update={
            "functions": {
                name: each.model_copy(update={"concurrency": max(4, each.concurrency)})
                for name, each in topology.functions.items()
            }
        }
    )


def audio(recording: str) -> bytes:
    name, _, start = recording.rpartition("-")
    return clip(name, start_sec=int(start), seconds=SECONDS)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--lectures", type=int, default=40)
    parser.add_argument("--faults", type=int, default=0, help="go on until so much has gone wrong")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--phones", type=int, default=40)
    given = parser.parse_args(arguments)
    end_in_order()
    plan = Plan(given.seed, given.lectures, faults=given.faults, phones=given.phones)
    with tempfile.TemporaryDirectory() as home:
        report = Run(plan, Path(home)).run()
    print(report.as_markdown())
    return 1 if report.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
