"""Pub/Sub's and Cloud Tasks' stand-ins let each function send what terraform/access.json grants."""

from collections.abc import Iterator
from contextlib import ExitStack

import grpc
import pytest
from google.api_core import exceptions as google_errors
from google.cloud import tasks_v2
from google.cloud.pubsub_v1 import PublisherClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from scripts.local.access import ADMINISTRATOR, Access, Grants, Kind, load_grants
from scripts.local.cloud import REGION, create_topics
from scripts.local.delivery.permissions import pubsub_permit, tasks_permit
from scripts.local.pubsub.server import PubSubServer
from scripts.local.tasks.server import TasksServer
from shared.emulators import emulator_channel
from shared.errors import AccessDeniedError
from shared.messaging.sending import GoogleMessages
from shared.topology import load_topology
from tests.support.lectures.builders import PROJECT, make_settings

TOPOLOGY = load_topology()
GRANTS = load_grants()
CALLERS = (*TOPOLOGY.functions, "stranger", ADMINISTRATOR)
DESTINATIONS = (*TOPOLOGY.topics, *TOPOLOGY.queues)
PARENT = f"projects/{PROJECT}/locations/{REGION}"


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Of both stand-ins, with the declared topics and queues."""
    root, access = tmp_path_factory.mktemp("standins"), Access(GRANTS)
    with ExitStack() as ending:
        pubsub = PubSubServer(root / "pubsub", project=PROJECT, permit=pubsub_permit(access))
        tasks = TasksServer(root / "tasks", permit=tasks_permit(access))
        for server in (pubsub, tasks):
            server.start(deliver=False)
            ending.callback(server.stop)
        create_topics(int(pubsub.address.rpartition(":")[2]), TOPOLOGY)
        with emulator_channel(tasks.address, ADMINISTRATOR) as channel:
            client = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
            for name in TOPOLOGY.queues:
                queue = tasks_v2.Queue(name=f"{PARENT}/queues/{name}")
                client.create_queue(parent=PARENT, queue=queue)
        yield pubsub.address, tasks.address


def messages_of(function: str, addresses: tuple[str, str]) -> GoogleMessages:
    """The product's own, of one function."""
    settings = make_settings(
        k_service=function,
        plc_region=REGION,
        pubsub_emulator_host=addresses[0],
        plc_tasks_emulator_host=addresses[1],
        plc_segment_url="http://127.0.0.1:9",
    )
    return GoogleMessages(settings, TOPOLOGY)


def granted(caller: str, kind: Kind, target: str) -> bool:
    return caller == ADMINISTRATOR or target in GRANTS.get(caller, Grants()).of(kind)


@pytest.mark.parametrize("caller", CALLERS)
def test_exactly_the_granted_destinations_are_open(addresses: tuple[str, str], caller: str) -> None:
    messages = messages_of(caller, addresses)

    def allowed(destination: str) -> bool:
        try:
            messages.send(destination, {}, attributes={}, dedup_key=caller)
        except AccessDeniedError:
            return False
        return True

    assert {name for name in DESTINATIONS if allowed(name)} == {
        name
        for name in DESTINATIONS
        if granted(caller, "enqueues" if name in TOPOLOGY.queues else "publishes", name)
    }


@pytest.mark.parametrize("caller", CALLERS)
def test_only_who_may_look_a_topic_up_is_ready(addresses: tuple[str, str], caller: str) -> None:
    messages = messages_of(caller, addresses)

    if granted(caller, "looks_up", TOPOLOGY.topics[0]):
        messages.check()
    else:
        with pytest.raises(AccessDeniedError):
            messages.check()


def test_nothing_is_set_up_by_a_function_or_without_a_name(addresses: tuple[str, str]) -> None:
    for channel in (
        emulator_channel(addresses[0], "ingest-api"),
        grpc.insecure_channel(addresses[0]),
    ):
        with channel:
            client = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
            topic = client.topic_path(PROJECT, "another")
            with pytest.raises(google_errors.PermissionDenied):
                client.create_topic(name=topic)
