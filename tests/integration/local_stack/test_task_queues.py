"""A segment's task shows the function the token that it lets in."""

from pathlib import Path

import grpc
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from scripts.local.tasks import TasksServer
from shared.messaging.task_queues import TaskQueues
from shared.topology import load_topology
from tests.integration.local_stack.receiver import Receiver
from tests.support.lectures.builders import PROJECT, make_settings

LOCATION = f"projects/{PROJECT}/locations/europe-west1"
SENDER = f"tasks@{PROJECT}.iam.gserviceaccount.com"


def test_a_task_carries_a_token_for_the_audience_that_is_checked(tmp_path: Path) -> None:
    server = TasksServer(tmp_path, sign_token=lambda audience, email: f"{email} for {audience}")
    server.start()
    try:
        with Receiver() as function, grpc.insecure_channel(server.address) as channel:
            tasks_v2.CloudTasksClient(
                transport=CloudTasksGrpcTransport(channel=channel)
            ).create_queue(
                parent=LOCATION, queue=tasks_v2.Queue(name=f"{LOCATION}/queues/segments")
            )
            settings = make_settings(
                plc_tasks_emulator_host=server.address,
                plc_segment_url=function.url("/on_segment"),
                plc_tasks_service_account=SENDER,
                plc_internal_audience="https://another.function.test",
            )
            TaskQueues(settings, load_topology()).create_task(
                "segments", b"{}", headers={}, dedup_key="1"
            )
            (task,) = function.wait_for(1)
    finally:
        server.stop()

    assert task.headers["Authorization"] == f"Bearer {SENDER} for {settings.plc_segment_url}"
