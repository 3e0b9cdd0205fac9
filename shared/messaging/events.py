"""What wakes a function, in every form it may arrive in.

A Pub/Sub push envelope, a bucket notification inside one, a Cloud Tasks request,
a Cloud Scheduler call, and the Eventarc forms of the same (CloudEvents in binary
and structured mode) all become one `Event`.
"""

import base64
import binascii
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Self

from cloudevents.exceptions import GenericException as CloudEventError
from cloudevents.http import CloudEvent, from_http
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from shared.errors import MalformedEventError
from shared.text import StorableText, spelled_out

MAX_INTEGER, MAX_BIGINT = 2**31 - 1, 2**63 - 1
"""Of the columns that the numbers of a message are compared with."""
MAX_OBJECT_NAME = 1024
"""Of Cloud Storage, in bytes of UTF-8."""

PUBSUB_EVENT = "google.cloud.pubsub.topic.v1.messagePublished"
STORAGE_EVENT = "google.cloud.storage.object.v1.finalized"


@dataclass(frozen=True)
class Event:
    """One delivery. `data` is undecoded: a dead letter may hold anything. In the other texts what
    cannot be stored is escaped."""

    id: str
    """The sender's id, the same in every delivery of this message."""
    source: str
    """Subscription, queue or schedule; empty where the form does not say."""
    data: bytes
    attributes: Mapping[str, str]
    delivery: int
    """1 for the first delivery, where the sender counts; else 1."""

    def json(self) -> dict[str, Any]:
        """The payload. Raises MalformedEventError unless it is a JSON object."""
        try:
            value = json.loads(self.data)
        except (ValueError, RecursionError) as error:
            raise MalformedEventError(f"the payload is not JSON: {error}") from error
        if not isinstance(value, dict):
            raise MalformedEventError("the payload is not a JSON object")
        return value


def parse_event(headers: Mapping[str, str], body: bytes) -> Event:
    """Read a request of any of the forms above. Header names in lower case.

    Raises MalformedEventError.
    """
    event = _parsed(headers, body)
    return replace(
        event,
        id=spelled_out(event.id),
        source=spelled_out(event.source),
        attributes={spelled_out(k): spelled_out(v) for k, v in event.attributes.items()},
    )


def _parsed(headers: Mapping[str, str], body: bytes) -> Event:
    if "x-cloudtasks-taskname" in headers:
        return Event(
            id=headers["x-cloudtasks-taskname"],
            source=headers.get("x-cloudtasks-queuename", ""),
            data=body,
            attributes={},
            delivery=_count(headers.get("x-cloudtasks-taskretrycount"), start=0) + 1,
        )
    if "x-cloudscheduler" in headers:
        return Event(
            id=headers.get("x-cloudscheduler-scheduletime", ""),
            source=headers.get("x-cloudscheduler-jobname", ""),
            data=body or b"{}",
            attributes={},
            delivery=1,
        )
    if "ce-specversion" in headers or headers.get("content-type", "").startswith(
        "application/cloudevents"
    ):
        return _from_cloudevent(headers, body)
    return _from_envelope(_object(body))


def _from_cloudevent(headers: Mapping[str, str], body: bytes) -> Event:
    try:
        event: CloudEvent = from_http(dict(headers), body)
    except (CloudEventError, ValueError, TypeError, RecursionError) as error:
        raise MalformedEventError(f"not a CloudEvent: {error}") from error
    data = event.get_data()
    if isinstance(data, (str, bytes)):
        data = _object(data)
    if not isinstance(data, dict):
        raise MalformedEventError("the CloudEvent carries no JSON object")
    if event["type"] == PUBSUB_EVENT:
        return _from_envelope(data)
    attributes = {}
    if event["type"] == STORAGE_EVENT:
        attributes = {
            "eventType": "OBJECT_FINALIZE",
            "bucketId": str(data.get("bucket", "")),
            "objectId": str(data.get("name", "")),
            "objectGeneration": str(data.get("generation", "")),
        }
    return Event(
        id=str(event["id"]),
        source=str(event["source"]),
        data=json.dumps(data).encode(),
        attributes=attributes,
        delivery=1,
    )


def _from_envelope(envelope: dict[str, Any]) -> Event:
    message = envelope.get("message")
    if not isinstance(message, dict):
        raise MalformedEventError("the envelope holds no message")
    attributes = message.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise MalformedEventError("the message's attributes are not an object")
    try:
        data = base64.b64decode(message.get("data") or "", validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise MalformedEventError(f"the message's data is not base64: {error}") from error
    return Event(
        id=str(message.get("messageId") or message.get("message_id") or ""),
        source=str(envelope.get("subscription", "")).rpartition("/")[2],
        data=data,
        attributes={str(k): str(v) for k, v in attributes.items()},
        delivery=_count(envelope.get("deliveryAttempt"), start=1),
    )


def _object(body: bytes | str) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedEventError(f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise MalformedEventError("the body is not a JSON object")
    return value


def _count(value: object, *, start: int) -> int:
    try:
        return int(str(value))
    except ValueError:
        return start


class _Payload(BaseModel):
    holds: ClassVar[str]
    """What it holds of persons, for docs/reference/data-map.md."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore"
    )

    @classmethod
    def of(cls, event: Event) -> Self:
        """Read the event's payload. Raises MalformedEventError."""
        try:
            return cls.model_validate(event.json())
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
                for problem in error.errors(include_input=False, include_url=False)
            )
            raise MalformedEventError(f"the payload does not fit: {problems}") from error

    def payload(self) -> dict[str, Any]:
        return self.model_dump(mode="json", by_alias=True)


class JobMessage(_Payload):
    """Go and do this job."""

    holds: ClassVar[str] = "id of a job, which leads to a lecture"
    job_id: uuid.UUID


class SegmentMessage(_Payload):
    """Go and transcribe this segment."""

    holds: ClassVar[str] = "id of a job, which leads to a lecture, and a number"
    job_id: uuid.UUID
    index: int = Field(ge=0, le=MAX_INTEGER)


class UploadFinalized(_Payload):
    """The object resource of a bucket notification, as far as Pegasus reads it."""

    holds: ClassVar[str] = "name of an object under `raw/`, which has the lecture's id"
    bucket: StorableText
    name: Annotated[StorableText, Field(min_length=1, max_length=MAX_OBJECT_NAME)]
    generation: int = Field(ge=0, le=MAX_BIGINT)
    size: int = Field(ge=0, le=MAX_BIGINT)
    content_type: StorableText = "application/octet-stream"
    crc32c: StorableText = ""
