"""Delivery: subscriptions, the task queue, schedules."""

from typing import Any

from scripts.verifying.cloud import Check, Checks, Cloud, at, last_part
from shared.topology import load_topology


def check_subscriptions(cloud: Cloud) -> Checks:
    listed = cloud.ask("pubsub", "subscriptions", "list")
    by_name = {last_part(each["name"]): each for each in listed}
    for name, declared in load_topology().subscriptions.items():
        made = by_name.get(name)
        if made is None:
            yield Check(f"subscription {name}", False, "is not there")
            continue
        account = at(made, "pushConfig.oidcToken.serviceAccountEmail", "")
        yield Check(f"subscription {name} shows a token", bool(account), account or "none")
        deadline = at(made, "ackDeadlineSeconds", 0)
        yield Check(
            f"subscription {name} waits long enough",
            deadline == declared.ack_deadline_seconds,
            f"{deadline} s",
        )
        if declared.dead_letter_topic is not None:
            topic = last_part(at(made, "deadLetterPolicy.deadLetterTopic", ""))
            attempts = at(made, "deadLetterPolicy.maxDeliveryAttempts")
            yield Check(
                f"subscription {name} has dead letters",
                (topic, attempts) == (declared.dead_letter_topic, declared.max_delivery_attempts),
                f"to {topic} after {attempts}" if topic else "none",
            )


def check_dead_letters(cloud: Cloud) -> Checks:
    """Pub/Sub's own agent has to be allowed to move them; without it they stay where they are."""
    for topic in {each.dead_letter_topic for each in load_topology().subscriptions.values()}:
        if topic is None:
            continue
        policy = cloud.ask("pubsub", "topics", "get-iam-policy", topic)
        members = [
            member
            for binding in at(policy, "bindings", [])
            if binding["role"] == "roles/pubsub.publisher"
            for member in binding["members"]
        ]
        agent = next((each for each in members if "@gcp-sa-pubsub." in each), None)
        yield Check(f"Pub/Sub may publish to {topic}", agent is not None, agent or "it may not")


def check_queues(cloud: Cloud) -> Checks:
    for name in load_topology().queues:
        queue = cloud.ask("tasks", "queues", "describe", name, f"--location={cloud.region}")
        state = at(queue, "state", "unknown")
        yield Check(f"queue {name} runs", state == "RUNNING", state)


def check_schedules(cloud: Cloud) -> Checks:
    listed = cloud.ask("scheduler", "jobs", "list", f"--location={cloud.region}")
    by_name: dict[str, Any] = {last_part(each["name"]): each for each in listed}
    for name, declared in load_topology().schedules.items():
        made = by_name.get(name)
        state = at(made, "state", "is not there")
        yield Check(
            f"schedule {name} is on",
            state == "ENABLED" and at(made, "schedule") == declared.cron,
            f"{state} {at(made, 'schedule', '')}".strip(),
        )
        account = at(made, "httpTarget.oidcToken.serviceAccountEmail", "")
        yield Check(f"schedule {name} shows a token", bool(account), account or "none")
