"""What Pegasus relies on in Pub/Sub, shown with the official client.

Where this machine has Google's own emulator, the stand-in and it must agree.
"""

import base64
import multiprocessing
import multiprocessing.synchronize
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient

from scripts.local.delivery.faults import (
    Always,
    Delay,
    DeliveryFaults,
    DropResponse,
    Duplicate,
    Lose,
    ReverseOrder,
    When,
)
from scripts.local.google_emulator import GoogleEmulator, find_emulator
from scripts.local.pubsub import PubSubServer
from tests.integration.local_stack.receiver import Answer, Received, Receiver
from tests.support.processes.waiting import wait_for_parents_end, wait_until

PROJECT = "pegasus-test"
QUICK = {"minimum_backoff": timedelta(seconds=0.1), "maximum_backoff": timedelta(seconds=0.8)}


@dataclass(frozen=True)
class PubSub:
    """The official clients, and names that no other test uses."""

    publisher: PublisherClient
    subscriber: SubscriberClient
    suffix: str

    def topic(self, name: str = "lectures") -> str:
        return f"projects/{PROJECT}/topics/{name}-{self.suffix}"

    def subscription(self, name: str = "push") -> str:
        return f"projects/{PROJECT}/subscriptions/{name}-{self.suffix}"

    def create_topic(self, name: str = "lectures") -> str:
        self.publisher.create_topic(name=self.topic(name))
        return self.topic(name)

    def push_to(self, url: str, *, name: str = "push", topic: str = "lectures", **more: Any) -> str:
        self.subscriber.create_subscription(
            request={
                "name": self.subscription(name),
                "topic": self.topic(topic),
                "push_config": {"push_endpoint": url},
                "ack_deadline_seconds": 10,
                "retry_policy": QUICK,
                **more,
            }
        )
        return self.subscription(name)

    def publish(self, data: bytes, topic: str = "lectures", **attributes: str) -> str:
        return str(self.publisher.publish(self.topic(topic), data, **attributes).result(10))


@contextmanager
def connected(address: str, *, suffix: str = "") -> Iterator[PubSub]:
    """As production connects: the clients find the server through the environment."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PUBSUB_EMULATOR_HOST", address)
        publisher = PublisherClient()
        subscriber = SubscriberClient()
    try:
        yield PubSub(publisher, subscriber, suffix or uuid.uuid4().hex[:8])
    finally:
        publisher.stop()
        publisher.transport.close()
        subscriber.close()


@contextmanager
def stand_in(root: Path, *, suffix: str = "", **options: Any) -> Iterator[PubSub]:
    server = PubSubServer(root, project=PROJECT, **options)
    server.start()
    try:
        with connected(server.address, suffix=suffix) as pubsub:
            yield pubsub
    finally:
        server.stop()


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleEmulator]:
    installation = find_emulator()
    if installation is None:
        pytest.skip("Google's Pub/Sub emulator is not on this machine")
    emulator = GoogleEmulator(installation, folder=tmp_path_factory.mktemp("google"))
    emulator.start()
    yield emulator
    emulator.stop()


@pytest.fixture(params=["stand-in", "google"])
def pubsub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PubSub]:
    if request.param == "google":
        emulator: GoogleEmulator = request.getfixturevalue("google")
        with connected(emulator.address) as client:
            yield client
    else:
        with stand_in(tmp_path) as client:
            yield client


def failing_first(count: int, status: int = 500) -> Receiver:
    """Refuses each message's first `count` deliveries."""
    seen: Counter[str] = Counter()
    lock = threading.Lock()

    def answer(received: Received) -> Answer:
        with lock:
            seen[received.message_id] += 1
            return Answer(status) if seen[received.message_id] <= count else Answer()

    return Receiver(answer)


# --- delivery ---


def test_a_message_reaches_the_endpoint_in_the_wrapped_form(pubsub: PubSub) -> None:
    with Receiver() as function:
        topic = pubsub.create_topic()
        name = pubsub.push_to(function.url("/on_upload?from=pubsub"))
        assert pubsub.subscriber.get_subscription(subscription=name).topic == topic
        message_id = pubsub.publish(b"\x00audio", lecture="42")
        (received,) = function.wait_for(1)
    assert received.path == "/on_upload?from=pubsub"
    assert received.headers["Content-Type"] == "application/json"
    assert received.headers["Authorization"] is None
    envelope = received.envelope
    assert envelope["subscription"] == name
    assert "deliveryAttempt" not in envelope
    message = envelope["message"]
    assert base64.b64decode(message["data"]) == b"\x00audio"
    assert message["attributes"] == {"lecture": "42"}
    assert message["messageId"] == message["message_id"] == message_id
    assert message["publishTime"] == message["publish_time"]
    published = datetime.fromisoformat(message["publishTime"])
    assert abs(datetime.now(UTC) - published) < timedelta(minutes=1)


def test_every_subscription_of_a_topic_gets_the_message(pubsub: PubSub) -> None:
    with Receiver() as function:
        pubsub.create_topic()
        pubsub.push_to(function.url("/one"), name="one")
        pubsub.push_to(function.url("/two"), name="two")
        pubsub.publish(b"x")
        function.wait_for(1, "/one")
        function.wait_for(1, "/two")


@pytest.mark.slow
def test_a_refused_push_comes_again_after_growing_waits(pubsub: PubSub) -> None:
    with failing_first(3) as function:
        pubsub.create_topic()
        pubsub.push_to(function.url())
        pubsub.publish(b"x")
        received = function.wait_for(4)
    assert len({each.message_id for each in received}) == 1
    waits = [b.at - a.at for a, b in pairwise(received)]
    assert waits[0] >= 0.1
    assert waits[1] >= 0.2
    assert waits[2] >= 0.4


@pytest.mark.sampled(3)
@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_an_acknowledging_status_ends_the_delivery(pubsub: PubSub, status: int) -> None:
    with Receiver(lambda _: Answer(status)) as function:
        pubsub.create_topic()
        pubsub.push_to(function.url())
        first = pubsub.publish(b"first")
        function.wait_for(1)
        # Anything that was to be repeated would have come among these.
        later = {pubsub.publish(b"later") for _ in range(20)}
        received = function.wait_for(21)
    assert Counter(each.message_id for each in received) == Counter({first, *later})


@pytest.mark.sampled(3)
@pytest.mark.parametrize("status", [203, 206, 302, 400, 404, 409, 429, 503])
def test_any_other_status_is_a_refusal(tmp_path: Path, status: int) -> None:
    with stand_in(tmp_path) as pubsub, failing_first(1, status) as function:
        pubsub.create_topic()
        pubsub.push_to(function.url())
        message_id = pubsub.publish(b"x")
        assert [each.message_id for each in function.wait_for(2)] == [message_id] * 2


@pytest.mark.slow
def test_a_push_past_the_acknowledgement_deadline_comes_again(pubsub: PubSub) -> None:
    over = threading.Event()
    late: list[Received] = []

    def answer(received: Received) -> Answer:
        if not late:
            late.append(received)
            over.wait(30)
        return Answer()

    with Receiver(answer) as function:
        pubsub.create_topic()
        pubsub.push_to(function.url())
        pubsub.publish(b"x")
        first, second = function.wait_for(2)[:2]
        over.set()
    assert second.message_id == first.message_id
    assert second.at - first.at >= 10


def test_a_message_waits_for_a_function_that_is_down(pubsub: PubSub) -> None:
    with Receiver() as gone:
        port = gone.port
    pubsub.create_topic()
    pubsub.push_to(f"http://127.0.0.1:{port}/")
    message_id = pubsub.publish(b"x")
    with Receiver(port=port) as function:
        assert function.wait_for(1)[0].message_id == message_id


def test_a_push_that_is_cut_off_comes_again(tmp_path: Path) -> None:
    lives = iter([False])

    def answer(_: Received) -> Answer:
        if not next(lives, True):
            raise ConnectionAbortedError("the function is killed here")
        return Answer()

    with stand_in(tmp_path) as pubsub, Receiver(answer) as function:
        pubsub.create_topic()
        pubsub.push_to(function.url())
        message_id = pubsub.publish(b"x")
        assert [each.message_id for each in function.wait_for(2)] == [message_id] * 2


# --- dead letters ---


@pytest.mark.slow
def test_a_message_that_keeps_failing_goes_to_the_dead_letter_topic(pubsub: PubSub) -> None:
    with Receiver(lambda received: Answer(500 if received.path == "/broken" else 204)) as function:
        pubsub.create_topic()
        dead = pubsub.create_topic("dead")
        policy = {"dead_letter_topic": dead, "max_delivery_attempts": 5}
        source = pubsub.push_to(function.url("/broken"), dead_letter_policy=policy)
        pubsub.push_to(function.url("/dead"), name="dead", topic="dead")
        pubsub.publish(b"poison", lecture="42")
        (dead_letter,) = function.wait_for(1, "/dead")
        attempts = function.received("/broken")
    assert len(attempts) == 5
    message = dead_letter.envelope["message"]
    assert base64.b64decode(message["data"]) == b"poison"
    attributes = message["attributes"]
    assert attributes["lecture"] == "42"
    assert attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == "5"
    assert attributes["CloudPubSubDeadLetterSourceSubscription"] == source.rpartition("/")[2]
    assert attributes["CloudPubSubDeadLetterSourceSubscriptionProject"] == PROJECT
    published = attempts[0].envelope["message"]["publishTime"]
    assert datetime.fromisoformat(
        attributes["CloudPubSubDeadLetterSourceTopicPublishTime"]
    ) == datetime.fromisoformat(published)


def test_deliveries_are_counted_where_there_is_a_dead_letter_policy(tmp_path: Path) -> None:
    with stand_in(tmp_path) as pubsub, failing_first(2) as function:
        pubsub.create_topic()
        policy = {"dead_letter_topic": pubsub.create_topic("dead"), "max_delivery_attempts": 5}
        pubsub.push_to(function.url(), dead_letter_policy=policy)
        pubsub.publish(b"x")
        received = function.wait_for(3)
    assert [each.envelope["deliveryAttempt"] for each in received] == [1, 2, 3]


# --- limits and tokens ---


def test_no_more_pushes_run_at_once_than_allowed(tmp_path: Path) -> None:
    full = threading.Barrier(4)  # three pushes and the test
    go = threading.Event()

    def answer(_: Received) -> Answer:
        if not go.is_set():
            full.wait(30)
            go.wait(30)
        return Answer()

    with stand_in(tmp_path, max_concurrent_pushes=3) as pubsub, Receiver(answer) as function:
        pubsub.create_topic()
        pubsub.push_to(function.url())
        for number in range(12):
            pubsub.publish(str(number).encode())
        full.wait(30)
        go.set()
        function.wait_for(12)
    assert function.most_under_way == 3


def test_a_subscription_can_have_a_limit_of_its_own(tmp_path: Path) -> None:
    options: dict[str, Any] = {"suffix": "s", "concurrent_pushes": {"push-s": 1}}
    with stand_in(tmp_path, **options) as pubsub, Receiver() as function:
        pubsub.create_topic()
        pubsub.push_to(function.url())
        for number in range(20):
            pubsub.publish(str(number).encode())
        function.wait_for(20)
    assert function.most_under_way == 1


def test_a_push_carries_a_token_where_the_subscription_asks_for_one(tmp_path: Path) -> None:
    def sign(audience: str, email: str) -> str:
        return f"signed-for-{audience}-by-{email}"

    with stand_in(tmp_path, sign_token=sign) as pubsub, Receiver() as function:
        pubsub.create_topic()
        token = {"service_account_email": "pubsub@pegasus", "audience": "segment-worker"}
        push = {"push_endpoint": function.url("/private"), "oidc_token": token}
        pubsub.push_to("", name="private", push_config=push)
        pubsub.push_to(function.url("/open"), name="open")
        pubsub.publish(b"x")
        (private,) = function.wait_for(1, "/private")
        (public,) = function.wait_for(1, "/open")
    assert private.headers["Authorization"] == "Bearer signed-for-segment-worker-by-pubsub@pegasus"
    assert public.headers["Authorization"] is None


# --- what a restart leaves ---


def test_a_restart_delivers_what_was_not_acknowledged(tmp_path: Path) -> None:
    with Receiver() as function:
        with stand_in(tmp_path, suffix="s") as pubsub:
            pubsub.create_topic()
            pubsub.push_to("http://127.0.0.1:9/")
            published = {
                pubsub.publish(str(number).encode(), n=str(number)) for number in range(50)
            }
        with stand_in(tmp_path, suffix="s") as pubsub:
            pubsub.subscriber.update_subscription(
                request={
                    "subscription": {
                        "name": pubsub.subscription(),
                        "push_config": {"push_endpoint": function.url()},
                    },
                    "update_mask": {"paths": ["push_config"]},
                }
            )
            received = function.wait_for(50)
    assert {each.message_id for each in received} == published


def test_stopping_does_not_wait_for_a_push_under_way(tmp_path: Path) -> None:
    never = threading.Event()
    hang = [True]

    def answer(_: Received) -> Answer:
        if hang[0]:
            never.wait(30)
        return Answer()

    with Receiver(answer) as function:
        with stand_in(tmp_path, suffix="s") as pubsub:
            pubsub.create_topic()
            policy = {"dead_letter_topic": pubsub.create_topic("dead")}
            pubsub.push_to(function.url(), ack_deadline_seconds=600, dead_letter_policy=policy)
            message_id = pubsub.publish(b"x")
            function.wait_for(1)
        assert not never.is_set()
        hang[0] = False
        with stand_in(tmp_path, suffix="s"):
            again = function.wait_for(2)[1]
        never.set()
    assert again.message_id == message_id
    assert again.envelope["deliveryAttempt"] == 1


def serve_until_killed(root: Path, tell: Connection) -> None:
    server = PubSubServer(root, project=PROJECT)
    server.start()
    tell.send(server.address)
    wait_for_parents_end()


def test_a_killed_server_has_lost_nothing_it_promised(tmp_path: Path) -> None:
    process, address = spawn_server(serve_until_killed, tmp_path)
    with Receiver(lambda _: Answer(503)) as down, connected(address, suffix="s") as pubsub:
        pubsub.create_topic()
        subscription = pubsub.push_to(down.url())
        published = {pubsub.publish(str(number).encode()) for number in range(20)}
        down.wait_for(20)
        port = down.port
        process.kill()
        process.join()
    with Receiver(port=port) as function, stand_in(tmp_path, suffix="s"):
        received = function.wait_for(20)
        assert {each.message_id for each in received} == published
        assert {each.envelope["subscription"] for each in received} == {subscription}


def spawn_server(target: Any, root: Path) -> tuple[multiprocessing.process.BaseProcess, str]:
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=target, args=(root, there), daemon=True)
    process.start()
    address = str(here.recv())
    here.close()
    there.close()
    return process, address


# --- faults ---


@contextmanager
def faulty(root: Path, faults: DeliveryFaults, function: Receiver) -> Iterator[PubSub]:
    with stand_in(root, faults=faults) as pubsub:
        pubsub.create_topic()
        pubsub.push_to(function.url())
        yield pubsub


def test_each_message_can_be_delivered_twice(tmp_path: Path) -> None:
    with Receiver() as function, faulty(tmp_path, Always(Duplicate()), function) as pubsub:
        published = [pubsub.publish(b"x") for _ in range(5)]
        received = function.wait_for(10)
    assert Counter(each.message_id for each in received) == Counter(published * 2)


def test_a_copy_can_come_long_after_the_message_was_acknowledged(tmp_path: Path) -> None:
    faults = Always(Duplicate(after_seconds=0.3))
    with Receiver() as function, faulty(tmp_path, faults, function) as pubsub:
        pubsub.publish(b"x")
        first, copy = function.wait_for(2)
    assert copy.body == first.body
    assert copy.at - first.at >= 0.25


def test_one_message_can_be_delayed(tmp_path: Path) -> None:
    faults = When(lambda delivery: delivery.attributes.get("slow") == "yes", Delay(0.4))
    with Receiver() as function, faulty(tmp_path, faults, function) as pubsub:
        slow = pubsub.publish(b"x", slow="yes")
        quick = pubsub.publish(b"x")
        received = function.wait_for(2)
    assert [each.message_id for each in received] == [quick, slow]


def _has_seen(faults: ReverseOrder, number: int) -> bool:
    return faults.seen >= number


def test_the_order_can_be_reversed(tmp_path: Path) -> None:
    faults, published = ReverseOrder(batch=4), []
    with Receiver() as function, faulty(tmp_path, faults, function) as pubsub:
        for number in range(1, 5):
            published.append(pubsub.publish(str(number).encode()))
            # Of several deliveries any may be the first to reach the fault.
            wait_until(partial(_has_seen, faults, number), timeout_sec=10, what="the delivery")
        received = function.wait_for(4)
    assert [each.message_id for each in received] == published[::-1]


def test_a_batch_that_stays_incomplete_is_let_go(tmp_path: Path) -> None:
    faults = ReverseOrder(batch=10, at_most_seconds=0.2)
    with Receiver() as function, faulty(tmp_path, faults, function) as pubsub:
        published = {pubsub.publish(b"x") for _ in range(3)}
        assert {each.message_id for each in function.wait_for(3)} == published


def test_an_answer_can_be_lost(tmp_path: Path) -> None:
    faults = When(lambda delivery: delivery.attempt == 1, DropResponse())
    with Receiver() as function, faulty(tmp_path, faults, function) as pubsub:
        message_id = pubsub.publish(b"x")
        assert [each.message_id for each in function.wait_for(2)] == [message_id] * 2


def test_a_message_can_be_lost(tmp_path: Path) -> None:
    faults = When(lambda delivery: delivery.data == b"lost", Lose())
    with Receiver() as function, faulty(tmp_path, faults, function) as pubsub:
        pubsub.publish(b"lost")
        arrives = pubsub.publish(b"x")
        assert [each.message_id for each in function.wait_for(1)] == [arrives]


# --- pull, and what is refused ---


def test_a_pulled_message_is_gone_once_acknowledged(pubsub: PubSub) -> None:
    topic = pubsub.create_topic()
    name = pubsub.subscription("pull")
    pubsub.subscriber.create_subscription(name=name, topic=topic)
    first = pubsub.publish(b"one", n="1")
    response = pubsub.subscriber.pull(subscription=name, max_messages=5)
    (received,) = response.received_messages
    assert (received.message.data, dict(received.message.attributes)) == (b"one", {"n": "1"})
    assert received.message.message_id == first
    pubsub.subscriber.acknowledge(subscription=name, ack_ids=[received.ack_id])
    second = pubsub.publish(b"two")
    response = pubsub.subscriber.pull(subscription=name, max_messages=5)
    assert [each.message.message_id for each in response.received_messages] == [second]


def test_topics_and_subscriptions_are_listed_until_deleted(pubsub: PubSub) -> None:
    topic = pubsub.create_topic()
    name = pubsub.push_to("http://127.0.0.1:9/")
    project = f"projects/{PROJECT}"

    def topics() -> set[str]:
        return {each.name for each in pubsub.publisher.list_topics(project=project)}

    def subscriptions() -> set[str]:
        return {each.name for each in pubsub.subscriber.list_subscriptions(project=project)}

    assert topic in topics()
    assert name in subscriptions()
    pubsub.subscriber.delete_subscription(subscription=name)
    pubsub.publisher.delete_topic(topic=topic)
    assert topic not in topics()
    assert name not in subscriptions()
    with pytest.raises(exceptions.NotFound):
        pubsub.publish(b"x")


def test_what_google_refuses_is_refused(pubsub: PubSub) -> None:
    topic = pubsub.create_topic()
    with pytest.raises(exceptions.AlreadyExists):
        pubsub.create_topic()
    with pytest.raises(exceptions.NotFound):
        pubsub.publish(b"x", topic="missing")
    with pytest.raises(exceptions.InvalidArgument):
        pubsub.publish(b"")
    with pytest.raises(exceptions.InvalidArgument):
        pubsub.publisher.create_topic(name=f"projects/{PROJECT}/topics/7")
    with pytest.raises(exceptions.NotFound):
        pubsub.subscriber.get_subscription(subscription=pubsub.subscription("missing"))
    with pytest.raises(exceptions.NotFound):
        pubsub.push_to("http://127.0.0.1:9/", topic="missing")
    with pytest.raises(exceptions.NotFound):
        policy = {"dead_letter_topic": pubsub.topic("missing"), "max_delivery_attempts": 5}
        pubsub.push_to("http://127.0.0.1:9/", dead_letter_policy=policy)
    with pytest.raises(exceptions.OutOfRange):
        policy = {"dead_letter_topic": topic, "max_delivery_attempts": 4}
        pubsub.push_to("http://127.0.0.1:9/", dead_letter_policy=policy)
    pubsub.push_to("http://127.0.0.1:9/")
    with pytest.raises(exceptions.AlreadyExists):
        pubsub.push_to("http://127.0.0.1:9/")


def test_a_deadline_that_pubsub_does_not_offer_is_refused(tmp_path: Path) -> None:
    with stand_in(tmp_path) as pubsub:
        pubsub.create_topic()
        for seconds in (9, 601):
            with pytest.raises(exceptions.InvalidArgument):
                pubsub.push_to("http://127.0.0.1:9/", ack_deadline_seconds=seconds)


def test_the_process_that_runs_the_server_can_publish_by_short_name(tmp_path: Path) -> None:
    server = PubSubServer(tmp_path, project=PROJECT)
    server.start()
    with Receiver() as function, connected(server.address, suffix="s") as pubsub:
        pubsub.create_topic()
        pubsub.push_to(function.url())
        message_id = server.publish("lectures-s", b"x", {"eventType": "OBJECT_FINALIZE"})
        (received,) = function.wait_for(1)
    server.stop()
    assert received.message_id == message_id
    assert received.envelope["message"]["attributes"] == {"eventType": "OBJECT_FINALIZE"}


def test_two_servers_do_not_share_a_port(tmp_path: Path) -> None:
    first = PubSubServer(tmp_path / "first", project=PROJECT)
    first.start()
    port = int(first.address.rpartition(":")[2])
    second = PubSubServer(tmp_path / "second", project=PROJECT, port=port)
    with pytest.raises(RuntimeError):
        second.start()
    second.stop()
    first.stop()
