"""The chaos run: the whole local stack under load while the storm goes over it.

    python -m tests.chaos.run [--lectures N] [--faults N] [--seed S] [--phones N]

Lectures are handed in until all are and enough has gone wrong; then it is calm, everything
ends, what failed is replayed once, and the checker looks. Exits with 1 if it finds anything.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from scripts.local.cloud import BUCKET
from scripts.local.ports import HOST, find_free
from scripts.local.processes.lifetime import end_in_order
from scripts.local.stack import ROOT, Options, Stack
from shared.topology import Topology, load_topology
from tests.chaos.checker import Checker
from tests.chaos.faults import process_setup
from tests.chaos.faults.deliveries import StormyDeliveries
from tests.chaos.faults.disabled_safeguards import IN_DATABASE
from tests.chaos.faults.fault_points import FaultPointServer
from tests.chaos.faults.processes import Machines
from tests.chaos.faults.schedule import Storm
from tests.chaos.faults.storage import StormyBucket
from tests.chaos.later import RETENTION, Later
from tests.chaos.plan import ENVIRONMENT, LEASE_SEC, Plan
from tests.chaos.remnants import places_of, remnants
from tests.chaos.report import Report
from tests.chaos.standins.language_model import LanguageModel
from tests.chaos.standins.students import Students
from tests.chaos.stored import Stored
from tests.support.processes.running_stack import impatient


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
        self.students = Students(plan, self.storm, self.stack.api_url)

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
            undisturbed = self.students.hand_in_calmly()
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
                self.students.hand_in_all()
            finally:
                machines.stop()
            self.storm.calm()
            stormy_sec = time.monotonic() - began
            stuck = self._settle(admin)
            failed = self._failures(admin)
            replayed = self.students.phone().replay_failed()
            stuck += self._settle(admin) if replayed else []
            stored = Stored(admin, self._storage_url(), BUCKET)
            later = Later(stored, self.line, self.stack.options.ports.function_url(RETENTION))
            stuck += later.carry_out_deletions()
            wrong = stuck + Checker(stored).check(
                self.students.lectures,
                undisturbed=undisturbed,
                paid=self.model.paid,
                tasks=self.deliveries.tasks,
                written=self.bucket.written,
                removed=self.bucket.deleted,
            )
            failures_after_replay = self._failures(admin)
            wrong += self._remains(admin, stored, later)
            return Report.of(
                self.plan.seed,
                self.storm,
                self.students.lectures,
                failures=failed,
                failures_after_replay=failures_after_replay,
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
            if change := IN_DATABASE.get(self.plan.without or ""):
                with admin.begin() as connection:
                    connection.execute(text(change))
            yield admin

    def _remains(self, admin: Engine, stored: Stored, later: Later) -> list[str]:
        """What is left of what was deleted when days have passed, and when material has been made
        again of another lecture of a course that something was deleted from."""
        stuck = later.pass_days()
        asked = len(self.model.asked)
        self.students.generate_again()
        stuck += self._settle(admin)
        return stuck + remnants(
            places_of(
                stored,
                self.stack.options.home / "logs",
                messages=self.deliveries.carried,
                asked=self.model.asked[asked:],
            ),
            {each.mark for each in self.students.lectures if each.deleted and each.mark},
        )

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

    def _storage_url(self) -> str:
        return f"http://{HOST}:{self.stack.options.ports.storage}"


_UNDER_WAY = """
SELECT EXISTS (SELECT FROM jobs WHERE status IN ('queued', 'running'))
    OR EXISTS (SELECT FROM lectures WHERE status IN ('uploaded', 'processing'))
    OR EXISTS (SELECT FROM outbox WHERE published_at IS NULL)
    OR EXISTS (SELECT FROM lectures l WHERE status = 'awaiting_upload')
"""
_FAILURES = """
SELECT error ->> 'code' AS code, count(*) AS times FROM lectures WHERE status = 'failed'
GROUP BY 1 ORDER BY 2 DESC, 1
"""


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
