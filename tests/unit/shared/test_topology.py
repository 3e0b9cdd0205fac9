"""The one declaration that Terraform, the local stack and the code read."""

from shared.topology import load_topology
from shared.work.segments import QUEUE
from shared.work.stages import STAGES
from shared.workers.registrations import UPLOADS_TOPIC

TOPOLOGY = load_topology()


def test_whatever_the_code_sends_to_is_declared() -> None:
    topics = {stage.topic for stage in STAGES.values()}
    assert {*topics, UPLOADS_TOPIC} <= set(TOPOLOGY.topics)
    assert QUEUE in TOPOLOGY.queues


def test_everything_sent_is_delivered_somewhere() -> None:
    assert {s.topic for s in TOPOLOGY.subscriptions.values()} == set(TOPOLOGY.topics)
    called = {
        *(subscription.function for subscription in TOPOLOGY.subscriptions.values()),
        *(queue.function for queue in TOPOLOGY.queues.values()),
        *(schedule.function for schedule in TOPOLOGY.schedules.values()),
    }
    private = {name for name, function in TOPOLOGY.functions.items() if not function.public}
    assert called == private


def test_no_message_is_lost_when_every_delivery_fails() -> None:
    for name, subscription in TOPOLOGY.subscriptions.items():
        if name == "dead-letter-push":
            continue
        assert subscription.dead_letter_topic in TOPOLOGY.topics
        assert subscription.max_delivery_attempts is not None
        # Pub/Sub takes 5 to 100; fewer than a job's attempts would cut those short.
        assert 5 <= subscription.max_delivery_attempts <= 100


def test_no_function_is_cut_off_before_its_caller_gives_up() -> None:
    functions = TOPOLOGY.functions
    for subscription in TOPOLOGY.subscriptions.values():
        assert functions[subscription.function].timeout_seconds <= subscription.ack_deadline_seconds
    for queue in TOPOLOGY.queues.values():
        assert functions[queue.function].timeout_seconds <= queue.dispatch_deadline_seconds
    for schedule in TOPOLOGY.schedules.values():
        assert functions[schedule.function].timeout_seconds <= schedule.attempt_deadline_seconds
