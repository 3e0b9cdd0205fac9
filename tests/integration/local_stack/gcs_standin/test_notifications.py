"""Bucket notifications, as Pub/Sub gets them."""

import json
from collections.abc import Iterator

import pytest
from google.cloud.storage import Bucket

from scripts.local.gcs import BucketNotification, StorageServer
from tests.integration.local_stack.gcs_standin.support import BUCKET, Workbench

TOPIC = "projects/pegasus-local/topics/uploads"


@pytest.fixture
def server(workbench: Workbench) -> Iterator[StorageServer]:
    workbench.notifications = (
        BucketNotification(bucket=BUCKET, topic=TOPIC, object_name_prefix="raw/"),
    )
    server = workbench.serve()
    yield server
    server.stop()


def test_a_finalized_object_is_announced_as_google_announces_it(
    bucket: Bucket, workbench: Workbench
) -> None:
    bucket.blob("segments/other.flac").upload_from_string(b"not asked for")
    blob = bucket.blob("raw/lecture.mp3")
    blob.upload_from_string(b"sound", content_type="audio/mpeg")

    workbench.pubsub.wait(lambda pubsub: len(pubsub.messages) == 1)
    ((topic, data, attributes),) = workbench.pubsub.messages
    assert topic == TOPIC
    event_time = attributes.pop("eventTime")
    assert event_time.startswith(blob.time_created.strftime("%Y-%m-%dT%H:%M:%S."))
    assert attributes == {
        "eventType": "OBJECT_FINALIZE",
        "bucketId": BUCKET,
        "objectId": "raw/lecture.mp3",
        "objectGeneration": str(blob.generation),
        "notificationConfig": f"projects/_/buckets/{BUCKET}/notificationConfigs/1",
        "payloadFormat": "JSON_API_V1",
    }
    resource = json.loads(data)
    assert resource["kind"] == "storage#object"
    assert (resource["name"], resource["bucket"]) == ("raw/lecture.mp3", BUCKET)
    assert (resource["generation"], resource["size"]) == (str(blob.generation), "5")
    assert (resource["crc32c"], resource["contentType"]) == (blob.crc32c, "audio/mpeg")


def test_a_replacement_names_what_it_replaced(bucket: Bucket, workbench: Workbench) -> None:
    generations = []
    for text in ("old", "new"):
        blob = bucket.blob("raw/x")
        blob.upload_from_string(text)
        generations.append(str(blob.generation))
    workbench.pubsub.wait(lambda pubsub: len(pubsub.messages) == 2)
    overwritten = [m[2].get("overwroteGeneration") for m in workbench.pubsub.messages]
    assert overwritten == [None, generations[0]]


def test_a_refused_write_announces_nothing(bucket: Bucket, workbench: Workbench) -> None:
    bucket.blob("raw/x").upload_from_string(b"one", if_generation_match=0)
    with pytest.raises(Exception, match="pre-conditions"):
        bucket.blob("raw/x").upload_from_string(b"two", if_generation_match=0)
    bucket.blob("raw/y").upload_from_string(b"three")
    workbench.pubsub.wait(lambda pubsub: len(pubsub.messages) >= 2)
    assert [m[2]["objectId"] for m in workbench.pubsub.messages] == ["raw/x", "raw/y"]


def test_a_message_is_offered_again_until_it_is_taken(bucket: Bucket, workbench: Workbench) -> None:
    workbench.pubsub.refusals = 2
    bucket.blob("raw/x").upload_from_string(b"x")
    workbench.pubsub.wait(lambda pubsub: len(pubsub.messages) == 1)
    assert workbench.pubsub.refusals == 0


def test_an_unsent_message_survives_a_restart(
    server: StorageServer, bucket: Bucket, workbench: Workbench
) -> None:
    workbench.pubsub.refusals = 1_000_000
    bucket.blob("raw/x").upload_from_string(b"x")
    workbench.pubsub.wait(lambda pubsub: pubsub.refusals < 1_000_000)
    server.stop()
    workbench.pubsub.refusals = 0
    again = workbench.serve()
    try:
        workbench.pubsub.wait(lambda pubsub: len(pubsub.messages) == 1)
    finally:
        again.stop()
    assert workbench.pubsub.messages[0][2]["objectId"] == "raw/x"


def test_events_that_are_never_sent_are_not_promised() -> None:
    with pytest.raises(ValueError, match="OBJECT_DELETE"):
        BucketNotification(bucket=BUCKET, topic=TOPIC, event_types=("OBJECT_DELETE",))
