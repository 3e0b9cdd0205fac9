"""The simulated cloud behaves as the real one is documented to, and the page shows what it says."""

import random
import re
import statistics
from itertools import pairwise
from pathlib import Path

import pytest
from simpy import Environment
from simpy.events import ProcessGenerator

from functions.transcribe.speech.planning import segment_length
from scripts.cost.lecture import Bases
from scripts.cost.tables import filled
from scripts.simulation import connections
from scripts.simulation.__main__ import PAGE, TABLES, page_tables
from scripts.simulation.delivery import Push, Tasks
from scripts.simulation.instances import Answer, Instances, Limits, TransientError, Worker
from scripts.simulation.jobs import Job
from scripts.simulation.lecture import Journey, Steps, even_pieces
from scripts.simulation.model import Endpoint
from scripts.simulation.processors import Processors
from scripts.simulation.runs import alone, burst, cloud, here, run
from scripts.simulation.world import World
from shared.topology import Queue, load_topology

ROOT = PAGE.parents[1]
TOPOLOGY = load_topology()
ON = Bases.load()
SEGMENTS = TOPOLOGY.queues["segments"].function


def limits(**changes: float) -> Limits:
    usual = {"most": 1, "concurrency": 1, "start_sec": 0, "idle_sec": 900, "pending_sec": 10}
    return Limits(**{**usual, **changes})  # type: ignore[arg-type]


class Requests:
    """Requests of so many seconds, all at once, and when each was answered and how."""

    def __init__(self, made: Instances, env: Environment) -> None:
        self._made, self._env = made, env
        self.answers: list[tuple[float, Answer]] = []

    def send(self, seconds: float, *, after: float = 0.0) -> None:
        def go() -> ProcessGenerator:
            yield self._env.timeout(after)
            answer = yield from self._made.request(lambda worker: worker.work(seconds))
            self.answers.append((self._env.now, answer))

        self._env.process(go())


@pytest.fixture
def env() -> Environment:
    return Environment()


def instances(env: Environment, **changes: float) -> Instances:
    return Instances(env, limits(**changes), random.Random(1))  # noqa: S311


# --- instances ---


def test_a_request_waits_for_a_cold_start_and_the_next_one_does_not(env: Environment) -> None:
    made = instances(env, start_sec=4)
    requests = Requests(made, env)
    requests.send(1)
    requests.send(1, after=6)
    env.run()
    assert requests.answers == [(5, Answer.DONE), (7, Answer.DONE)]
    assert made.books.starts == 1
    assert made.books.busy_sec == 4 + 1 + 1


def test_an_instance_that_idled_too_long_is_gone(env: Environment) -> None:
    made = instances(env, start_sec=4)
    requests = Requests(made, env)
    requests.send(1)
    requests.send(1, after=5 + 901)
    env.run()
    assert made.books.starts == 2


def test_where_no_instance_may_be_added_a_request_is_held_and_then_refused(
    env: Environment,
) -> None:
    made = instances(env, most=2)
    requests = Requests(made, env)
    for _ in range(2):
        requests.send(8)
    for _ in range(3):
        requests.send(50)
    env.run()
    assert requests.answers == [
        (8, Answer.DONE),
        (8, Answer.DONE),
        (10, Answer.REFUSED),
        (58, Answer.DONE),
        (58, Answer.DONE),
    ]
    assert made.books.refused == 1
    assert made.books.first_full == 0


def test_an_instance_takes_as_many_at_once_as_it_may(env: Environment) -> None:
    made = instances(env, concurrency=3)
    requests = Requests(made, env)
    for _ in range(3):
        requests.send(5)
    env.run()
    assert requests.answers == [(5, Answer.DONE)] * 3
    assert made.books.most == 1


def test_an_instance_that_dies_answers_nothing_and_another_starts(env: Environment) -> None:
    made = instances(env, kills_per_hour=3600.0)
    requests = Requests(made, env)
    requests.send(1000)
    requests.send(0, after=500)
    env.run()
    assert [answer for _, answer in requests.answers] == [Answer.KILLED, Answer.DONE]
    assert requests.answers[0][0] < 100
    assert made.books.starts == 2


def test_processors_are_shared_evenly(env: Environment) -> None:
    shared = Processors(env, 2)
    ends: list[float] = []

    def work(seconds: float) -> ProcessGenerator:
        yield from shared.work(seconds)
        ends.append(env.now)

    for _ in range(4):
        env.process(work(10))
    env.run()
    assert env.now == pytest.approx(20)
    assert min(ends) > 19


# --- delivery ---


def test_a_message_comes_again_ever_later_and_at_last_becomes_a_dead_letter(
    env: Environment,
) -> None:
    declared = TOPOLOGY.subscriptions["generate-push"]
    push = Push(env, declared, window=3, window_most=1000, hop_sec=0)
    tries: list[float] = []

    def refuse() -> ProcessGenerator:
        tries.append(env.now)
        yield env.timeout(0)
        return Answer.REFUSED

    env.process(push.deliver(refuse))
    env.run()
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert waits[:7] == [10, 20, 40, 80, 160, 320, 600]
    assert set(waits[6:]) == {600}
    assert len(tries) == declared.max_delivery_attempts
    assert push.dead == 1


WORK = [name for name, each in TOPOLOGY.subscriptions.items() if each.dead_letter_topic]
FULL_SEC = 3 * 3600


@pytest.mark.parametrize("name", WORK)
def test_a_full_house_of_three_hours_makes_no_dead_letter(env: Environment, name: str) -> None:
    push = Push(env, TOPOLOGY.subscriptions[name], window=3, window_most=1000, hop_sec=0)

    def request() -> ProcessGenerator:
        yield env.timeout(0)
        return Answer.DONE if env.now > FULL_SEC else Answer.REFUSED

    for _ in range(50):
        env.process(push.deliver(request))
    env.run()
    assert env.now > FULL_SEC
    assert push.dead == 0


def test_a_push_subscription_begins_slowly_and_grows_with_success(env: Environment) -> None:
    push = Push(env, TOPOLOGY.subscriptions["generate-push"], window=3, window_most=9, hop_sec=0)
    at_once: list[int] = []
    under_way = 0

    def request() -> ProcessGenerator:
        nonlocal under_way
        under_way += 1
        at_once.append(under_way)
        yield env.timeout(1)
        under_way -= 1
        return Answer.DONE

    for _ in range(60):
        env.process(push.deliver(request))
    env.run(until=0.5)
    assert max(at_once) == 3
    env.run(until=1.5)
    assert max(at_once) == 6
    env.run()
    assert max(at_once) == 9
    assert len(at_once) == 60
    assert push.depth.now == 0


def test_the_queue_keeps_to_its_rate_and_to_so_many_at_once(env: Environment) -> None:
    declared = TOPOLOGY.queues["segments"]
    tasks = Tasks(env, declared, concurrency=7, hop_sec=0)
    begun: list[float] = []
    under_way = [0]

    def request() -> ProcessGenerator:
        begun.append(env.now)
        under_way.append(under_way[-1] + 1)
        yield env.timeout(3)
        under_way.append(under_way[-1] - 1)
        return Answer.DONE

    for _ in range(50):
        env.process(tasks.deliver(request))
    env.run()
    assert len(begun) == 50
    assert max(under_way) == 7
    gaps = [later - earlier for earlier, later in pairwise(begun)]
    assert min(gaps) == pytest.approx(1 / declared.max_dispatches_per_second)


def test_a_task_waits_as_long_as_its_retry_policy_says(env: Environment) -> None:
    declared = TOPOLOGY.queues["segments"]
    tries = _tries(env, declared)
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert len(tries) == declared.max_attempts
    assert waits[:7] == pytest.approx([5, 10, 20, 40, 80, 160, 300])


def _tries(env: Environment, declared: Queue) -> list[float]:
    tasks = Tasks(env, declared, concurrency=1, hop_sec=0)
    tries: list[float] = []

    def fail() -> ProcessGenerator:
        tries.append(env.now)
        yield env.timeout(0)
        return Answer.FAILED

    env.process(tasks.deliver(fail))
    env.run()
    return tries


def test_a_model_without_tokens_left_is_waited_for_and_then_given_up(env: Environment) -> None:
    endpoint = Endpoint(env, tokens_per_minute=600, patience_sec=60)
    worker = Worker(env, float("inf"), None)
    ends: list[tuple[str, float]] = []

    def ask() -> ProcessGenerator:
        try:
            yield from endpoint.ask(worker, 500)
            ends.append(("answered", env.now))
        except TransientError:
            ends.append(("refused", env.now))

    for _ in range(3):
        env.process(ask())
    env.run()
    # 500 of a full minute's, then 400 to wait for at ten a second, then 900.
    assert ends == [("answered", 0), ("answered", pytest.approx(40)), ("refused", 60)]


# --- the whole ---


def test_what_waits_too_long_is_sent_again_and_done_once() -> None:
    world = World(TOPOLOGY, ON.measured, ON.assumed, cloud(ON, max_instances={SEGMENTS: 1}))
    done: list[str] = []

    def job(name: str, seconds: float) -> None:
        def step(worker: Worker) -> ProcessGenerator:
            yield world.env.timeout(seconds)
            done.append(name)

        made = Job(world, world.tasks, world.segment_instances, step, max_attempts=5)
        world.env.process(made.do())

    job("long", 2000)
    job("waits for it", 1)
    world.env.run()
    assert done == ["long", "waits for it"]
    # After a quarter of an hour in which the only worker was busy, and after another.
    assert world.sweep.sent_again == 2
    assert world.segment_instances.books.requests == 2 + 2


def test_a_second_attempt_at_cutting_makes_no_segment_twice() -> None:
    world = World(TOPOLOGY, ON.measured, ON.assumed, cloud(ON))
    steps = Steps(world, 1.0)
    worker = Worker(world.env, float("inf"), None)

    def twice() -> ProcessGenerator:
        yield from steps.cut(worker)
        yield from steps.cut(worker)

    world.env.process(twice())
    world.env.run()
    assert len(steps.segments) == len(even_pieces(1.0, world.segment_workers))


def test_lectures_are_divided_by_the_code_that_divides_them() -> None:
    for hours in (0.1, 0.75, 1.0, 2.0, 5.0):
        for workers in (1, 7, 20, 64):
            pieces = even_pieces(hours, workers)
            longest = segment_length(hours * 3600, workers=workers, longest_sec=300) / 3600
            assert sum(pieces) == pytest.approx(hours)
            assert max(pieces) <= 1.5 * longest


def test_the_same_seed_brings_the_same_result_and_another_one_another() -> None:
    results = [run(ON, cloud(ON, seed=seed), burst(ON, 20, seed=seed)).waits for seed in (1, 1, 2)]
    assert results[0] == results[1] != results[2]


def test_every_lecture_comes_through_whoever_dies() -> None:
    stormy = run(ON, cloud(ON, kills_per_hour=10.0, refusals=0.1), burst(ON, 60))
    calm = run(ON, cloud(ON, kills_per_hour=0.0, refusals=0.0), burst(ON, 60))
    assert sum(books.killed for books in stormy.books.values()) > 10
    assert stormy.failed == 0
    assert len(stormy.waits) == 60
    assert statistics.fmean(stormy.waits) > statistics.fmean(calm.waits)


def test_a_model_that_refuses_for_good_fails_its_lectures() -> None:
    refused = run(ON, cloud(ON, refusals=1.0), burst(ON, 3))
    assert refused.failed == 3
    assert refused.books["export"].requests == 0


@pytest.mark.slow
def test_no_more_is_done_in_a_time_than_there_are_workers_for() -> None:
    calm = cloud(ON, kills_per_hour=0.0, refusals=0.0, spread=0.0)
    made = run(ON, calm, burst(ON, 100))
    speech = sum(each.hours for each in made.journeys) * ON.measured.recognizing.value
    least = speech * ON.assumed.cloud_slowdown.value / TOPOLOGY.functions[SEGMENTS].max_instances
    last = max(each.transcribed or 0.0 for each in made.journeys)
    assert least < last < least + 600 + 120
    assert made.first_full == made.longest_full == SEGMENTS


@pytest.mark.slow
def test_twice_the_workers_halve_the_wait_of_a_crowd() -> None:
    def wait(workers: int) -> float:
        conditions = cloud(ON, max_instances={SEGMENTS: workers}, kills_per_hour=0.0)
        return run(ON, conditions, burst(ON, 400)).percentile(95)

    assert wait(20) == pytest.approx(2 * wait(40), rel=0.15)


def test_cutting_is_the_part_that_no_worker_shortens() -> None:
    many = alone(ON, 2.0, 1000, seed=1).journeys[0]
    assert many.cut is not None
    assert many.transcribed is not None
    cutting = 2 * ON.measured.cutting.value * ON.assumed.cloud_slowdown.value
    # Two functions start one after the other before the first segment is cut.
    assert many.cut == pytest.approx(cutting + 2 * ON.assumed.cold_start.value, rel=0.15)
    assert many.cut < many.transcribed < many.cut + 30


def test_the_first_segment_is_recognized_before_the_last_is_cut() -> None:
    one, whole = (alone(ON, 2.0, workers, seed=1).journeys[0] for workers in (8, 1))
    assert one.transcribed is not None
    assert whole.transcribed is not None
    waited = 2 * ON.measured.recognizing.value * ON.assumed.cloud_slowdown.value / 8
    assert one.cut is not None
    assert one.transcribed < one.cut + waited


def test_the_local_stack_is_limited_by_its_processors() -> None:
    work = ON.measured.recognizing.value + ON.measured.cutting.value + ON.measured.polling.value
    two = here(ON, 1.0)
    assert work / 2 < two < work / 2 + 10
    assert here(ON, 1.0, workers=1) > 1.5 * two
    assert here(ON, 1.0, share=0.5) == pytest.approx(2 * two, rel=0.02)


def test_a_journey_that_waits_for_nobody_takes_what_its_work_takes() -> None:
    warm = cloud(
        ON,
        extractive=True,
        kills_per_hour=0.0,
        spread=0.0,
        slowdown=1.0,
        start_sec=0.0,
        hop_sec=0.0,
    )
    journey = Journey(hours=0.04, uploaded=0.0)
    run(ON, warm, [journey])
    measured = ON.measured
    per_hour = (
        measured.cutting.value
        + measured.recognizing.value
        + measured.joining.value
        + measured.extractive.value
        + measured.exporting.value
    )
    expected = measured.upload_check.value + measured.model_load.value + 0.04 * per_hour
    assert journey.files == pytest.approx(expected)


# --- the page ---


BURST = {"burst-times", "burst-places"}
"""A thousand lectures, simulated several times: a minute or more."""


@pytest.mark.parametrize("name", sorted(TABLES.keys() - BURST))
def test_the_page_shows_each_table_of_one_lecture(name: str) -> None:
    shown = PAGE.read_text()
    filled(shown, dict.fromkeys(TABLES, ""))  # raises if the page has others
    assert TABLES[name](ON) in shown, "python -m scripts.simulation --write"


@pytest.mark.slow
def test_the_page_shows_what_the_simulation_says() -> None:
    page = PAGE.read_text()
    assert filled(page, page_tables(ON)) == page, "python -m scripts.simulation --write"


def test_connections_are_reckoned_as_terraform_reckons_them() -> None:
    declared = (ROOT / "terraform" / "database.tf").read_text()
    steps = re.findall(r"local\.database_memory < (\d+) \? (\d+)", declared)
    assert {int(below): int(most) for below, most in steps} == connections.ALLOWED
    assert f": {connections.MOST}\n" in declared
    assert "max_instances) * var.database_pool_size * 2 + var.connection_reserve" in declared
    assert _default("database_pool_size") == connections.POOL_SIZE
    assert _default("connection_reserve") == connections.RESERVE


def test_production_has_the_connections_it_needs() -> None:
    tier = re.search(r'database_tier\s+= "db-custom-\d+-(\d+)"', _production())
    assert tier is not None
    need = connections.needed(TOPOLOGY)
    assert need <= connections.allowed(int(tier[1]))
    assert f"As declared that is {need}" in PAGE.read_text()


def test_the_smallest_memory_allows_as_many_and_the_next_smaller_does_not() -> None:
    assert connections.smallest_memory(25) == 614
    assert connections.smallest_memory(26) == 1024
    assert connections.smallest_memory(400) == 7680
    assert connections.smallest_memory(1000) == 122_880
    assert connections.smallest_memory(1001) is None


def test_the_page_has_the_limits_of_the_database() -> None:
    row = " | ".join(str(f"{most:,}") for most in [*connections.ALLOWED.values(), connections.MOST])
    assert f"| connections | {row} |" in PAGE.read_text()


def _production() -> str:
    return (ROOT / "terraform" / "envs" / "prod.tfvars").read_text()


def _default(variable: str) -> int:
    text = Path(ROOT / "terraform" / "variables.tf").read_text()
    found = re.search(rf'variable "{variable}" \{{.*?default\s+= (\d+)', text, re.DOTALL)
    assert found is not None
    return int(found[1])
