"""Google's side of the stack: stand-ins for its services, set up from the topology."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import grpc
from google.api_core import exceptions as google_errors
from google.cloud import tasks_v2
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from google.cloud.pubsub_v1.types import BatchSettings
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.protobuf import duration_pb2
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import (
    DeadLetterPolicy,
    PushConfig,
    RetryPolicy,
    Subscription,
    UpdateSubscriptionRequest,
)

from scripts.local.access import ADMINISTRATOR, access_under
from scripts.local.delivery.faults import DeliveryFaults
from scripts.local.delivery.permissions import pubsub_permit, tasks_permit
from scripts.local.gcs.http.faults import Between, undisturbed
from scripts.local.gcs.objects.notifications import BucketNotification
from scripts.local.gcs.server import StorageServer
from scripts.local.google_emulator import EmulatorInstallation, GoogleEmulator
from scripts.local.ports import HOST, Ports
from scripts.local.pubsub.server import PubSubServer
from scripts.local.scheduler import ScheduledJob, Scheduler
from scripts.local.tasks.server import TasksServer
from shared.emulators import emulator_channel
from shared.storage.object_names import ObjectNames
from shared.topology import Topology

PROJECT = "pegasus-local"
REGION = "local"
BUCKET = "pegasus-local"


class LocalCloud:
    """Cloud Storage, Pub/Sub, Cloud Tasks and Cloud Scheduler, wired to the functions' ports."""

    def __init__(
        self,
        root: Path,
        *,
        ports: Ports,
        topology: Topology,
        gcs_prefix: str,
        signing_keys: Mapping[str, str],
        schedule_seconds: Mapping[str, float],
        google_pubsub: EmulatorInstallation | None = None,
        pubsub_faults: DeliveryFaults | None = None,
        tasks_faults: DeliveryFaults | None = None,
        storage_faults: Between = undisturbed,
    ) -> None:
        """`schedule_seconds` overrides a schedule's cron expression, by name. With
        `google_pubsub` Google's own emulator takes the place of our stand-in; it has no
        faults to inject and forgets everything when it stops."""
        self._ports = ports
        self._topology = topology
        self.access = access_under(gcs_prefix)
        """What the functions may do at the stand-ins, and what they have done."""
        self._pubsub: PubSubServer | GoogleEmulator = (
            GoogleEmulator(google_pubsub, folder=root, port=ports.pubsub)
            if google_pubsub
            else PubSubServer(
                root / "pubsub",
                project=PROJECT,
                port=ports.pubsub,
                faults=pubsub_faults,
                permit=pubsub_permit(self.access),
            )
        )
        self._notifier = _Notifier(ports.pubsub)
        self._running, self._ticking = ExitStack(), ExitStack()
        self._tasks = TasksServer(
            root / "tasks",
            port=ports.tasks,
            faults=tasks_faults,
            permit=tasks_permit(self.access),
        )
        self.storage = StorageServer(
            root / "storage",
            port=ports.storage,
            signing_keys=signing_keys,
            publish=self._notifier.publish,
            between=storage_faults,
            access=self.access,
            access_bucket=BUCKET,
            notifications=[
                BucketNotification(
                    bucket=BUCKET,
                    topic=each.topic,
                    event_types=each.event_types,
                    object_name_prefix=ObjectNames(gcs_prefix).root + each.object_name_prefix,
                )
                for each in topology.notifications.values()
            ],
        )
        self._scheduler = Scheduler(
            [
                ScheduledJob(
                    name=name,
                    url=ports.function_url(schedule.function),
                    cron=schedule.cron,
                    time_zone=schedule.time_zone,
                    attempt_deadline_seconds=schedule.attempt_deadline_seconds,
                    every_seconds=schedule_seconds.get(name),
                )
                for name, schedule in topology.schedules.items()
            ]
        )

    def start(self) -> None:
        """The services take messages, tasks and objects, and keep them for `start_deliveries`.

        Topics, subscriptions, queues and the bucket's notification exist when this returns. So
        they do before any function answers: a topic without its subscription drops what is
        published to it.
        """
        self._pubsub.start(deliver=False)
        self._running.callback(self._pubsub.stop)
        self._running.callback(self._notifier.close)
        self._tasks.start(deliver=False)
        self._running.callback(self._tasks.stop)
        create_topics(self._ports.pubsub, self._topology)
        create_subscriptions(self._ports, self._topology)
        create_queues(self._ports, self._topology)
        self.storage.start()
        self._running.callback(self.storage.stop)
        self.storage.ensure_bucket(BUCKET)

    def start_deliveries(self) -> None:
        """To be called once all functions listen: a refused push waits for its back-off."""
        self._pubsub.start_deliveries()
        self._tasks.start_deliveries()
        self._scheduler.start()
        self._ticking.callback(self._scheduler.stop)

    def stop_schedules(self) -> None:
        """Stop the scheduler, so that it calls no function while the functions end."""
        self._ticking.close()

    def stop(self) -> None:
        """Stop what was started, last first."""
        self.stop_schedules()
        self._running.close()


class _Notifier:
    """Publishes the bucket's notifications as any publisher does: by Google's client."""

    def __init__(self, port: int) -> None:
        self._channel = _channel(port)
        self._client = PublisherClient(
            transport=PublisherGrpcTransport(channel=self._channel),
            batch_settings=BatchSettings(max_latency=0.001),
        )

    def publish(self, topic: str, data: bytes, attributes: dict[str, str], /) -> None:
        self._client.publish(
            self._client.topic_path(PROJECT, topic), data, timeout=10, **attributes
        ).result(timeout=10)

    def close(self) -> None:
        self._client.stop()
        self._channel.close()


def create_topics(port: int, topology: Topology) -> None:
    with _channel(port) as channel:
        publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        for topic in topology.topics:
            try:
                publisher.create_topic(name=publisher.topic_path(PROJECT, topic))
            except google_errors.AlreadyExists:
                continue


def create_subscriptions(ports: Ports, topology: Topology) -> None:
    """Create the push subscriptions, or bring those that are there up to date."""
    with _channel(ports.pubsub) as channel:
        client = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        for name, declared in topology.subscriptions.items():
            subscription = Subscription(
                name=client.subscription_path(PROJECT, name),
                topic=f"projects/{PROJECT}/topics/{declared.topic}",
                ack_deadline_seconds=declared.ack_deadline_seconds,
                push_config=PushConfig(push_endpoint=ports.function_url(declared.function)),
                retry_policy=RetryPolicy(
                    minimum_backoff=_duration(declared.min_backoff_seconds),
                    maximum_backoff=_duration(declared.max_backoff_seconds),
                ),
            )
            if declared.dead_letter_topic is not None:
                subscription.dead_letter_policy = DeadLetterPolicy(
                    dead_letter_topic=f"projects/{PROJECT}/topics/{declared.dead_letter_topic}",
                    max_delivery_attempts=declared.max_delivery_attempts,
                )
            try:
                client.create_subscription(request=subscription)
            except google_errors.AlreadyExists:
                client.update_subscription(
                    request=UpdateSubscriptionRequest(
                        subscription=subscription,
                        update_mask={
                            "paths": [
                                "ack_deadline_seconds",
                                "push_config",
                                "retry_policy",
                                "dead_letter_policy",
                            ]
                        },
                    )
                )


def create_queues(ports: Ports, topology: Topology) -> None:
    with _channel(ports.tasks) as channel:
        client = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
        parent = f"projects/{PROJECT}/locations/{REGION}"
        for name, declared in topology.queues.items():
            queue = tasks_v2.Queue(
                name=f"{parent}/queues/{name}",
                rate_limits=tasks_v2.RateLimits(
                    max_dispatches_per_second=declared.max_dispatches_per_second,
                    max_concurrent_dispatches=declared.max_concurrent_dispatches,
                ),
                retry_config=tasks_v2.RetryConfig(
                    max_attempts=declared.max_attempts,
                    min_backoff=_duration(declared.min_backoff_seconds),
                    max_backoff=_duration(declared.max_backoff_seconds),
                    max_doublings=declared.max_doublings,
                ),
            )
            try:
                client.create_queue(parent=parent, queue=queue)
            except google_errors.AlreadyExists:
                client.update_queue(queue=queue)


def _channel(port: int) -> grpc.Channel:
    return emulator_channel(f"{HOST}:{port}", ADMINISTRATOR)


def _duration(seconds: float) -> duration_pb2.Duration:
    whole = int(seconds)
    return duration_pb2.Duration(seconds=whole, nanos=round((seconds - whole) * 1e9))
