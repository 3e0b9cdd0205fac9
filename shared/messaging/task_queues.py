"""Cloud Tasks: the one place where its client is made."""

import hashlib
from collections.abc import Mapping

from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.protobuf import duration_pb2

from shared.config import Settings
from shared.emulators import emulator_channel
from shared.topology import Topology

TIMEOUT_SEC = 20


class TaskQueues:
    """The topology's queues. Errors are Google's own; `GoogleMessages` maps them."""

    def __init__(self, settings: Settings, topology: Topology) -> None:
        self._settings = settings
        self._topology = topology
        self._client = _client(settings)

    def create_task(
        self, queue: str, body: bytes, *, headers: Mapping[str, str], dedup_key: str
    ) -> None:
        """A POST of JSON to the segment worker, under a name that is taken once."""
        settings = self._settings
        parent = self._client.queue_path(settings.google_cloud_project, settings.plc_region, queue)
        request = tasks_v2.HttpRequest(
            url=settings.plc_segment_url,
            http_method=tasks_v2.HttpMethod.POST,
            headers={"Content-Type": "application/json", **headers},
            body=body,
        )
        if settings.plc_tasks_service_account:
            request.oidc_token = tasks_v2.OidcToken(
                service_account_email=settings.plc_tasks_service_account,
                audience=settings.plc_segment_url,
            )
        task = tasks_v2.Task(
            name=f"{parent}/tasks/{task_id(dedup_key)}",
            http_request=request,
            dispatch_deadline=duration_pb2.Duration(
                seconds=self._topology.queues[queue].dispatch_deadline_seconds
            ),
        )
        self._client.create_task(request={"parent": parent, "task": task}, timeout=TIMEOUT_SEC)


def task_id(dedup_key: str) -> str:
    """The same for the same key, and spread: a queue slows down where ids have a common beginning.

    https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2#task
    """
    return hashlib.sha256(dedup_key.encode()).hexdigest()[:32]


def _client(settings: Settings) -> tasks_v2.CloudTasksClient:
    if settings.plc_tasks_emulator_host:
        # The client knows no variable for an emulator, so it is given a channel to it.
        channel = emulator_channel(settings.plc_tasks_emulator_host, settings.k_service)
        return tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
    return tasks_v2.CloudTasksClient()
