"""Buckets and objects as records, and as the JSON API shows them."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from scripts.local.gcs.errors import Refusal, StorageError

R = TypeVar("R", bound=BaseModel)


class _Resource(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Attributes(_Resource):
    """What a client may say about an object, and change later."""

    content_type: str | None = None
    content_disposition: str | None = None
    cache_control: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)

    @field_validator("metadata", mode="before")
    @classmethod
    def _without_nulls(cls, value: object) -> object:
        if isinstance(value, dict):
            return {key: text for key, text in value.items() if text is not None}
        return {} if value is None else value

    def patched(self, change: dict[str, Any]) -> "Attributes":
        """With a JSON merge patch (RFC 7396) applied: null removes."""
        values = {**self.model_dump(by_alias=True), **change}
        if isinstance(change.get("metadata"), dict):
            values["metadata"] = {**self.metadata, **change["metadata"]}
        return parse_resource(Attributes, values)


class UploadResource(Attributes):
    """The object resource that a client sends along with an upload."""

    name: str | None = None
    crc32c: str | None = None
    md5_hash: str | None = None


def parse_resource(kind: type[R], value: object) -> R:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise StorageError(Refusal.INVALID, f"Invalid value for {where}: {first['msg']}") from error


@dataclass(frozen=True)
class BucketRecord:
    name: str
    location: str
    created: datetime

    def as_json(self, base_url: str) -> dict[str, object]:
        return {
            "kind": "storage#bucket",
            "id": self.name,
            "name": self.name,
            "selfLink": f"{base_url}/storage/v1/b/{self.name}",
            "projectNumber": "0",
            "location": self.location,
            "storageClass": "STANDARD",
            "metageneration": "1",
            "timeCreated": rfc3339(self.created),
            "updated": rfc3339(self.created),
        }


class ObjectRecord(_Resource):
    """One generation of an object. Sizes in bytes, checksums in base64."""

    bucket: str
    name: str
    generation: int
    metageneration: int
    size: int
    crc32c: str
    md5: str | None
    component_count: int | None
    attributes: Attributes
    created: datetime
    updated: datetime
    content: str
    """Name of the file that holds the bytes."""

    @property
    def etag(self) -> str:
        return base64.b64encode(f"{self.generation}/{self.metageneration}".encode()).decode()

    def as_json(self, base_url: str) -> dict[str, object]:
        """The object resource. `base_url` is where its links point."""
        path = f"storage/v1/b/{self.bucket}/o/{quote(self.name, safe='')}"
        resource = {
            "kind": "storage#object",
            "id": f"{self.bucket}/{self.name}/{self.generation}",
            "selfLink": f"{base_url}/{path}",
            "mediaLink": f"{base_url}/download/{path}?generation={self.generation}&alt=media",
            "name": self.name,
            "bucket": self.bucket,
            "generation": str(self.generation),
            "metageneration": str(self.metageneration),
            **self.attributes.model_dump(by_alias=True),
            "storageClass": "STANDARD",
            "size": str(self.size),
            "md5Hash": self.md5,
            "crc32c": self.crc32c,
            "componentCount": self.component_count,
            "etag": self.etag,
            "timeCreated": rfc3339(self.created),
            "updated": rfc3339(self.updated),
            "timeStorageClassUpdated": rfc3339(self.created),
            "timeFinalized": rfc3339(self.created),
        }
        # Cloud Storage leaves out what an object has not, an empty `metadata` included.
        return {key: value for key, value in resource.items() if value not in (None, {})}


def rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def check_object_name(name: str) -> None:
    """The rules of "About Cloud Storage objects: object name requirements"."""
    if not name:
        raise StorageError(Refusal.INVALID, "Required")
    if len(name.encode()) > 1024 or name in (".", "..") or "\r" in name or "\n" in name:
        raise StorageError(Refusal.INVALID, f"Disallowed object name: {name[:80]!r}")
