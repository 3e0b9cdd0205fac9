"""Sending: to a topic of Pub/Sub or a queue of Cloud Tasks, whichever the topology says."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from google.api_core import exceptions as google_errors
from google.auth import exceptions as auth_errors
from google.cloud.pubsub_v1 import PublisherClient
from google.cloud.pubsub_v1.types import BatchSettings
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from shared.config import Settings
from shared.emulators import emulator_channel
from shared.errors import TransientError
from shared.topology import Topology
from shared.vendors.google_refusals import Service, permanent_refusal

if TYPE_CHECKING:
    from shared.messaging.task_queues import TaskQueues

SEND_TIMEOUT_SEC = 20


class Messages(Protocol):
    def send(
        self,
        destination: str,
        payload: Mapping[str, Any],
        *,
        attributes: Mapping[str, str],
        dedup_key: str,
    ) -> None:
        """Hand a JSON payload to a topic or queue of the topology.

        Raises TransientError if it was not (surely) taken, and AccessDeniedError and
        ProviderQuotaExhaustedError where that takes an operator. A queue drops a second
        message with the same `dedup_key`; a topic does not.
        """
        ...

    def check(self) -> None:
        """Raise TransientError or AccessDeniedError unless messages can be sent."""
        ...


class GoogleMessages:
    """Pub/Sub topics and Cloud Tasks queues. Clients are made at first use: gRPC does not
    survive the fork by which the functions framework makes its workers."""

    def __init__(self, settings: Settings, topology: Topology) -> None:
        self._settings = settings
        self._topology = topology

    def send(
        self,
        destination: str,
        payload: Mapping[str, Any],
        *,
        attributes: Mapping[str, str],
        dedup_key: str,
    ) -> None:
        body = json.dumps(payload).encode()
        try:
            if destination in self._topology.queues:
                self._queues.create_task(destination, body, headers=attributes, dedup_key=dedup_key)
            else:
                self._publisher.publish(
                    self._topic(destination), body, timeout=SEND_TIMEOUT_SEC, **attributes
                ).result(timeout=SEND_TIMEOUT_SEC)
        except google_errors.AlreadyExists:
            return
        except (google_errors.GoogleAPIError, auth_errors.GoogleAuthError, TimeoutError) as error:
            service: Service = "tasks" if destination in self._topology.queues else "pubsub"
            raise (
                permanent_refusal(error, service)
                or TransientError(f"{destination}: {type(error).__name__}")
            ) from error

    def check(self) -> None:
        """Looks a topic up, for which the account needs `pubsub.topics.get`."""
        try:
            self._publisher.get_topic(
                request={"topic": self._topic(self._topology.topics[0])}, timeout=SEND_TIMEOUT_SEC
            )
        except (google_errors.GoogleAPIError, auth_errors.GoogleAuthError) as error:
            raise (
                permanent_refusal(error, "pubsub")
                or TransientError(f"Pub/Sub: {type(error).__name__}")
            ) from error

    @cached_property
    def _publisher(self) -> PublisherClient:
        # The outbox sends one by one and waits, so waiting to fill a batch is time lost.
        batches, emulator = BatchSettings(max_latency=0.001), self._settings.pubsub_emulator_host
        if emulator is None:
            return PublisherClient(batch_settings=batches)
        channel = emulator_channel(emulator, self._settings.k_service)
        return PublisherClient(
            batch_settings=batches, transport=PublisherGrpcTransport(channel=channel)
        )

    @cached_property
    def _queues(self) -> "TaskQueues":
        # Imported here: a third of a second that only two functions have to pay.
        from shared.messaging.task_queues import TaskQueues  # noqa: PLC0415

        return TaskQueues(self._settings, self._topology)

    def _topic(self, name: str) -> str:
        return f"projects/{self._settings.google_cloud_project}/topics/{name}"
