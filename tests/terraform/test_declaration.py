"""Terraform makes what shared/topology.json declares: the same numbers as the local stack."""

from shared.messaging.topology import load_topology
from tests.terraform.planned import Plan

TOPOLOGY = load_topology()


def test_functions_are_as_declared(plan: Plan) -> None:
    made = plan.of_type("google_cloudfunctions2_function")
    assert set(made) == set(TOPOLOGY.functions)
    for name, declared in TOPOLOGY.functions.items():
        service = made[name].values["service_config"][0]
        assert service["timeout_seconds"] == declared.timeout_seconds
        assert service["available_memory"] == f"{declared.memory_mib}Mi"
        assert service["available_cpu"] == str(declared.cpu)
        assert service["max_instance_request_concurrency"] == declared.concurrency
        handled = None if declared.handled_at_once is None else str(declared.handled_at_once)
        assert service["environment_variables"].get("PLC_HANDLED_AT_ONCE") == handled
        assert service["max_instance_count"] == declared.max_instances
        assert service["all_traffic_on_latest_revision"] is True


def test_subscriptions_are_as_declared(plan: Plan) -> None:
    assert set(plan.of_type("google_pubsub_topic")) == set(TOPOLOGY.topics)
    made = plan.of_type("google_pubsub_subscription")
    assert set(made) == set(TOPOLOGY.subscriptions)
    for name, declared in TOPOLOGY.subscriptions.items():
        values = made[name].values
        assert values["name"] == name
        assert values["ack_deadline_seconds"] == declared.ack_deadline_seconds
        assert values["retry_policy"] == [
            {
                "minimum_backoff": f"{declared.min_backoff_seconds:g}s",
                "maximum_backoff": f"{declared.max_backoff_seconds:g}s",
            }
        ]
        attempts = [each["max_delivery_attempts"] for each in values["dead_letter_policy"]]
        assert attempts == [declared.max_delivery_attempts] * bool(declared.dead_letter_topic)


def test_queues_are_as_declared(plan: Plan) -> None:
    made = plan.of_type("google_cloud_tasks_queue")
    assert set(made) == set(TOPOLOGY.queues)
    for name, declared in TOPOLOGY.queues.items():
        [limits] = made[name].values["rate_limits"]
        assert limits["max_dispatches_per_second"] == declared.max_dispatches_per_second
        assert limits["max_concurrent_dispatches"] == declared.max_concurrent_dispatches
        [retries] = made[name].values["retry_config"]
        assert retries["max_attempts"] == declared.max_attempts
        assert retries["min_backoff"] == f"{declared.min_backoff_seconds:g}s"
        assert retries["max_backoff"] == f"{declared.max_backoff_seconds:g}s"
        assert retries["max_doublings"] == declared.max_doublings


def test_schedules_are_as_declared(plan: Plan) -> None:
    made = plan.of_type("google_cloud_scheduler_job")
    assert set(made) == set(TOPOLOGY.schedules)
    for name, declared in TOPOLOGY.schedules.items():
        values = made[name].values
        assert values["schedule"] == declared.cron
        assert values["time_zone"] == declared.time_zone
        assert values["attempt_deadline"] == f"{declared.attempt_deadline_seconds}s"


def test_the_bucket_notifies_as_declared(plan: Plan) -> None:
    made = plan.of_type("google_storage_notification")
    assert set(made) == set(TOPOLOGY.notifications)
    for name, declared in TOPOLOGY.notifications.items():
        values = made[name].values
        assert values["event_types"] == list(declared.event_types)
        assert values["object_name_prefix"] == declared.object_name_prefix
