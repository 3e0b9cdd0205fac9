"""One payload, however it travels."""

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.errors import MalformedEventError
from shared.messaging.events import (
    PUBSUB_EVENT,
    STORAGE_EVENT,
    Event,
    JobMessage,
    SegmentMessage,
    UploadFinalized,
    parse_event,
)

JOB = uuid.UUID("6b6b8a1c-9d7a-4b51-a0f6-3d0f6a3f0c11")
PAYLOAD = {"jobId": str(JOB), "index": 3}
DATA = json.dumps(PAYLOAD).encode()
RESOURCE = {
    "kind": "storage#object",
    "bucket": "lectures",
    "name": "raw/1/2.wav",
    "generation": "1700000000000001",
    "size": "32044",
    "contentType": "audio/wav",
    "crc32c": "AAAAAA==",
}
SUBSCRIPTION = "projects/p/subscriptions/segments-push"

Request = tuple[dict[str, str], bytes]


def envelope(data: bytes, **attributes: str) -> dict[str, Any]:
    return {
        "message": {
            "data": base64.b64encode(data).decode(),
            "messageId": "42",
            "attributes": attributes,
        },
        "subscription": SUBSCRIPTION,
        "deliveryAttempt": 4,
    }


def push(data: bytes) -> Request:
    return {"content-type": "application/json"}, json.dumps(envelope(data)).encode()


def task(data: bytes) -> Request:
    return {"x-cloudtasks-taskname": "42", "x-cloudtasks-queuename": "segments"}, data


def scheduled(data: bytes) -> Request:
    return {"x-cloudscheduler": "true", "x-cloudscheduler-jobname": "sweep"}, data


def ce(type: str) -> dict[str, str]:
    return {"specversion": "1.0", "id": "42", "source": "//pubsub/topics/x", "type": type}


def binary(type: str, body: object) -> Request:
    headers = {f"ce-{name}": value for name, value in ce(type).items()}
    return {"content-type": "application/json", **headers}, json.dumps(body).encode()


def structured(type: str, body: object) -> Request:
    event = {**ce(type), "datacontenttype": "application/json", "data": body}
    return {"content-type": "application/cloudevents+json"}, json.dumps(event).encode()


FORMS: dict[str, Callable[[bytes], Request]] = {
    "Pub/Sub push": push,
    "Cloud Tasks": task,
    "Cloud Scheduler": scheduled,
    "Eventarc, binary": lambda data: binary(PUBSUB_EVENT, envelope(data)),
    "Eventarc, structured": lambda data: structured(PUBSUB_EVENT, envelope(data)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_carries_the_same_payload(form: str) -> None:
    event = parse_event(*FORMS[form](DATA))

    assert JobMessage.of(event) == JobMessage(job_id=JOB)
    assert SegmentMessage.of(event) == SegmentMessage(job_id=JOB, index=3)


@pytest.mark.parametrize(
    "request_",
    [
        push(json.dumps(RESOURCE).encode()),
        binary(STORAGE_EVENT, RESOURCE),
        structured(STORAGE_EVENT, RESOURCE),
        binary(PUBSUB_EVENT, envelope(json.dumps(RESOURCE).encode())),
        structured(PUBSUB_EVENT, envelope(json.dumps(RESOURCE).encode())),
    ],
    ids=["notification", "binary", "structured", "binary via topic", "structured via topic"],
)
def test_a_finalized_object_is_the_same_upload_in_every_form(request_: Request) -> None:
    assert UploadFinalized.of(parse_event(*request_)) == UploadFinalized(
        bucket="lectures",
        name="raw/1/2.wav",
        generation=1700000000000001,
        size=32044,
        content_type="audio/wav",
        crc32c="AAAAAA==",
    )


def test_a_storage_event_has_the_attributes_of_a_bucket_notification() -> None:
    attributes = parse_event(*binary(STORAGE_EVENT, RESOURCE)).attributes

    assert attributes == {
        "eventType": "OBJECT_FINALIZE",
        "bucketId": "lectures",
        "objectId": "raw/1/2.wav",
        "objectGeneration": "1700000000000001",
    }


def test_a_push_says_which_message_from_where_and_for_which_time() -> None:
    body = json.dumps(envelope(DATA, traceparent="00-x")).encode()

    assert parse_event({}, body) == Event(
        id="42",
        source="segments-push",
        data=DATA,
        attributes={"traceparent": "00-x"},
        delivery=4,
    )


def test_a_task_counts_its_deliveries_from_one() -> None:
    headers = {"x-cloudtasks-taskname": "t", "x-cloudtasks-queuename": "segments"}

    assert parse_event(headers, DATA).delivery == 1
    assert parse_event({**headers, "x-cloudtasks-taskretrycount": "2"}, DATA).delivery == 3
    assert parse_event({**headers, "x-cloudtasks-taskretrycount": "often"}, DATA).delivery == 1


def test_a_schedule_needs_no_body() -> None:
    event = parse_event({"x-cloudscheduler": "true"}, b"")

    assert event.json() == {}


def test_a_message_without_data_or_attributes_is_an_event_without_payload() -> None:
    event = parse_event({}, b'{"message": {"messageId": "1"}}')

    assert (event.data, event.attributes, event.delivery) == (b"", {}, 1)
    with pytest.raises(MalformedEventError, match="not JSON"):
        JobMessage.of(event)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (({}, b""), "not JSON"),
        (({}, b"[]"), "not a JSON object"),
        (({}, b"\xff\xfe"), "not JSON"),
        (({}, b"{}"), "no message"),
        (({}, b'{"message": "text"}'), "no message"),
        (({}, b'{"message": {"attributes": [1]}}'), "attributes"),
        (({}, b'{"message": {"data": "%%%"}}'), "base64"),
        (({}, b'{"message": {"data": 7}}'), "base64"),
        (({}, b"[" * 5_000), "not JSON"),
        (({"content-type": "application/cloudevents+json"}, b"[]"), "CloudEvent"),
        (({"content-type": "application/cloudevents+json"}, b"{}"), "CloudEvent"),
        (({"ce-specversion": "1.0"}, DATA), "CloudEvent"),
        (({"ce-specversion": "9.9", "ce-id": "1"}, DATA), "CloudEvent"),
        (binary(STORAGE_EVENT, [1]), "no JSON object"),
        (structured(PUBSUB_EVENT, {"no": "message"}), "no message"),
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(request_: Request, reason: str) -> None:
    with pytest.raises(MalformedEventError, match=reason):
        parse_event(*request_)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"jobId": "not a uuid", "index": 0},
        {"jobId": str(JOB), "index": -1},
        {"jobId": str(JOB), "index": "many"},
        {"jobId": None, "index": 0},
    ],
)
def test_a_payload_that_does_not_fit_is_refused(payload: object) -> None:
    with pytest.raises(MalformedEventError, match="does not fit"):
        SegmentMessage.of(parse_event(*push(json.dumps(payload).encode())))


def test_what_a_refused_payload_held_is_not_repeated() -> None:
    data = json.dumps({"jobId": "what the professor said"}).encode()

    with pytest.raises(MalformedEventError) as caught:
        JobMessage.of(parse_event(*push(data)))
    assert "professor" not in caught.value.message


def test_what_is_sent_is_what_is_read() -> None:
    message = SegmentMessage(job_id=JOB, index=3)

    assert message.payload() == PAYLOAD
    assert SegmentMessage.of(parse_event(*push(json.dumps(message.payload()).encode()))) == message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3)
    ),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [
        "ce-id",
        "ce-source",
        "ce-specversion",
        "ce-time",
        "ce-type",
        "content-type",
        "x-cloudscheduler",
        "x-cloudtasks-taskname",
        "x-cloudtasks-taskretrycount",
    ]
)
VALUES = st.sampled_from(
    ["application/cloudevents+json", "application/json", "1.0", PUBSUB_EVENT, STORAGE_EVENT, "text"]
) | st.text(max_size=12)
HEADERS = st.dictionaries(NAMES, VALUES, max_size=7)
ENVELOPES = st.fixed_dictionaries(
    {},
    optional={
        "message": st.fixed_dictionaries(
            {}, optional={"data": JSON, "attributes": JSON, "messageId": JSON}
        ),
        "subscription": JSON,
        "deliveryAttempt": JSON,
    },
)
CLOUDEVENTS = st.fixed_dictionaries(
    {},
    optional={
        "specversion": st.sampled_from(["1.0", "0.3"]) | JSON,
        "id": JSON,
        "source": JSON,
        "type": st.sampled_from([PUBSUB_EVENT, STORAGE_EVENT]) | JSON,
        "data": ENVELOPES | JSON,
        "data_base64": JSON,
        "datacontenttype": JSON,
        "time": JSON,
        "extra": JSON,
    },
)
BODIES = st.binary(max_size=100) | (JSON | ENVELOPES | CLOUDEVENTS).map(
    lambda value: json.dumps(value).encode()
)


@given(headers=HEADERS, body=BODIES)
@example(headers={"content-type": "application/cloudevents+json"}, body=b"[" * 5_000)
def test_nothing_anybody_sends_raises_anything_but_a_malformed_event(
    headers: Mapping[str, str], body: bytes
) -> None:
    try:
        event = parse_event(headers, body)
        for kind in (JobMessage, SegmentMessage, UploadFinalized):
            try:
                kind.of(event)
            except MalformedEventError:
                continue
    except MalformedEventError as error:
        assert error.message
