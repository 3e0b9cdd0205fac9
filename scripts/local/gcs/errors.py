"""The refusals of Cloud Storage, as its two APIs word them.

Statuses and codes: "HTTP status and error codes" of the JSON API and of the XML API.
"""

import json
from enum import Enum
from typing import NamedTuple
from xml.sax.saxutils import escape


class _Wording(NamedTuple):
    status: int
    reason: str
    """`reason` of the JSON API."""
    code: str
    """`Code` of the XML API."""


class Refusal(Enum):
    ACCESS_DENIED = _Wording(403, "forbidden", "AccessDenied")
    BAD_DIGEST = _Wording(400, "invalid", "BadDigest")
    BUCKET_EXISTS = _Wording(409, "conflict", "BucketAlreadyOwnedByYou")
    CANCELLED = _Wording(499, "clientClosedRequest", "ClientClosedRequest")
    CONDITION_NOT_MET = _Wording(412, "conditionNotMet", "PreconditionFailed")
    EXPIRED_TOKEN = _Wording(400, "invalid", "ExpiredToken")
    GONE = _Wording(410, "gone", "NoSuchUpload")
    INTERNAL = _Wording(500, "backendError", "InternalError")
    INVALID = _Wording(400, "invalid", "InvalidArgument")
    INVALID_SIGNER = _Wording(403, "forbidden", "InvalidSecurity")
    LENGTH_REQUIRED = _Wording(411, "required", "MissingContentLength")
    MALFORMED_SECURITY = _Wording(400, "invalid", "MalformedSecurityHeader")
    METHOD_NOT_ALLOWED = _Wording(405, "methodNotAllowed", "MethodNotAllowed")
    NO_BUCKET = _Wording(404, "notFound", "NoSuchBucket")
    NO_OBJECT = _Wording(404, "notFound", "NoSuchKey")
    NO_ROUTE = _Wording(404, "notFound", "NotFound")
    NO_UPLOAD = _Wording(404, "notFound", "NoSuchUpload")
    NOT_MODIFIED = _Wording(304, "notModified", "NotModified")
    RANGE = _Wording(416, "requestedRangeNotSatisfiable", "InvalidRange")
    SIGNATURE = _Wording(403, "forbidden", "SignatureDoesNotMatch")
    SUPERSEDED = _Wording(503, "backendError", "ServiceUnavailable")
    TOO_LARGE = _Wording(400, "invalid", "EntityTooLarge")
    TOO_SMALL = _Wording(400, "invalid", "EntityTooSmall")

    @property
    def status(self) -> int:
        return self.value.status


class StorageError(Exception):
    """A request that Cloud Storage would refuse."""

    def __init__(
        self,
        refusal: Refusal,
        message: str,
        *,
        details: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.refusal = refusal
        self.message = message
        self.details = details or {}
        """Further elements of the XML document, such as `StringToSign`."""
        self.headers = headers or {}

    def as_json(self) -> bytes:
        status, reason, _ = self.refusal.value
        error = {"message": self.message, "domain": "global", "reason": reason}
        body = {"error": {"code": status, "message": self.message, "errors": [error]}}
        return json.dumps(body, indent=1).encode()

    def as_xml(self) -> bytes:
        elements = {"Code": self.refusal.value.code, "Message": self.message, **self.details}
        inner = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in elements.items())
        return f"<?xml version='1.0' encoding='UTF-8'?><Error>{inner}</Error>".encode()


class BrokenConnectionError(Exception):
    """The client disconnected in the middle of its request; no answer can be sent."""
