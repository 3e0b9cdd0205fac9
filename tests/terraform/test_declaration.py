"""Terraform makes what shared/topology.json and terraform/access.json declare, which are what the
local stack runs and grants."""

import re

from scripts.local.access import Kind, Use, all_uses, load_grants
from shared.topology import load_topology
from tests.terraform.planned import Plan

TOPOLOGY = load_topology()
GRANTS = load_grants()


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


def test_grants_are_as_declared(plan: Plan) -> None:
    of_folders: dict[str, Kind] = {"reads": "reads", "creates": "creates", "deletes": "deletes"}
    of_messages: dict[str, Kind] = {
        "google_pubsub_topic_iam_member.publishes": "publishes",
        "google_pubsub_topic_iam_member.looks_up": "looks_up",
        "google_cloud_tasks_queue_iam_member.enqueues": "enqueues",
    }
    made = set()
    for each in plan.resources:
        resource, _, _ = each.address.partition("[")
        if resource in of_messages:
            function, _, destination = each.key.partition("/")
            made.add(Use(function, of_messages[resource], destination))
        kind = of_folders.get(resource.removeprefix("google_storage_bucket_iam_member."))
        if kind is not None:
            [condition] = each.values["condition"]
            folders = re.findall(r"/objects/([a-z]+)/", condition["expression"])
            made |= {Use(each.key, kind, folder) for folder in folders}

    assert made == {use for use in all_uses(GRANTS) if use.kind != "loads"}


def test_who_reads_may_list(plan: Plan) -> None:
    lists = {
        each.key
        for each in plan.resources
        if each.address.startswith("google_storage_bucket_iam_member.lists[")
    }
    assert lists == {function for function, row in GRANTS.items() if row.reads}
