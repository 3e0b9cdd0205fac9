"""Requests with hostile text in every place that the API's document and the topology name."""

import base64
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from werkzeug.test import Client, TestResponse

from functions.ingest import routes
from functions.ingest.web.paging import Listing
from tests.support.modules import modules_of

Json = dict[str, Any]

UNSTORABLE = ("\ud800", "\x00", "\udfff", "a\x00b", "\ud83d-", "\udc00\ud800")
HOSTILE = (
    *UNSTORABLE,
    "\u202e\u202d\u2066",
    "\u200b\ufeff",
    "\x07\x1b[2J\x7f\x85",
    "\r\nX-Injected: 1",
    "connection is closed",
    "network error",
    "';--",
    "%s%(a)s{}\\",
    "\U0001f393" * 50,
    "9" * 400,
    "1e400",
    "-1",
    "null",
)
HEADERS = ("X-Request-Id", "If-None-Match", "Idempotency-Key", "X-Forwarded-For", "traceparent")
"""Beside those that the document names."""
BOUNDARY = "poison"
SOME_TIME = "2026-01-01T00:00:00+00:00"


def hostile_texts(chance: random.Random) -> Iterator[str]:
    """What is known to hurt, then mixtures of it, without end."""
    yield from HOSTILE
    while True:
        parts = chance.choices((*HOSTILE, "a", "ß", " "), k=chance.randrange(1, 5))
        yield "".join(parts)[:2000]


@dataclass(frozen=True)
class Poisoned:
    """One request."""

    place: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str | None = None

    def send(self, client: Client, authorization: str) -> TestResponse:
        return client.open(
            self.path,
            method=self.method,
            headers={"Authorization": authorization, **self.headers},
            data=self.body,
            content_type=self.content_type,
        )


class Poison:
    """Makes, for each operation of an OpenAPI document, requests that are right but for one place.

    `known` has, by the names of parameters and properties, values that lead somewhere.
    """

    def __init__(
        self, document: Json, known: Mapping[str, Any], listings: Mapping[str, str]
    ) -> None:
        """`listings`: by the operation's id, the name in the cursors of its list."""
        self._document = document
        self._known = known
        self._listings = listings

    def requests(self, text: str) -> list[Poisoned]:
        """With this text in every place, in some order; what deletes comes last."""
        made = [
            request
            for path, methods in self._document["paths"].items()
            for method, operation in methods.items()
            for request in self._of(path, method.upper(), operation, text)
        ]
        random.Random(repr(text)).shuffle(made)  # noqa: S311 - repeatable
        return sorted(made, key=lambda request: request.method == "DELETE")

    def _of(self, path: str, method: str, operation: Json, text: str) -> Iterator[Poisoned]:
        name = operation["operationId"]
        parameters = operation["parameters"]
        given = {
            each["name"]: self._value(each["name"], each["schema"])
            for each in parameters
            if each["required"] or each["name"] in self._known
        }
        kinds = {each["name"]: each["in"] for each in parameters}
        content = operation.get("requestBody", {}).get("content", {})
        body, kind, sample = None, None, None
        if "application/json" in content:
            sample = self._sample(content["application/json"]["schema"])
            body, kind = _json(sample), "application/json"

        def request(place: str, values: Json, body: bytes | None, kind: str | None) -> Poisoned:
            address, headers = _addressed(path, kinds, values)
            return Poisoned(f"{name}: {place}", method, address, headers, body, kind)

        for each in parameters:
            for place, value in self._placed(name, each["name"], text):
                yield request(place, {**given, each["name"]: value}, body, kind)
        for header in HEADERS:
            yield request(header, {**given, header: text}, body, kind)
        yield request("unknown parameter", {**given, text: text}, body, kind)
        if "application/json" in content:
            for place, poisoned in _everywhere(sample, text):
                yield request(f"body {place}", given, _json(poisoned), kind)
            yield request("body", given, text.encode(errors="surrogatepass"), kind)
        if "multipart/form-data" in content:
            fields = self._sample(content["multipart/form-data"]["schema"])
            for place, form in _forms(fields, text):
                multipart = f"multipart/form-data; boundary={BOUNDARY}"
                yield request(f"form {place}", given, form, multipart)

    def _placed(self, operation: str, name: str, text: str) -> Iterator[tuple[str, str]]:
        yield name, text
        if name == "cursor":
            listing, key = self._listings[operation], str(self._known["jobId"])
            for value in (text, [text], {text: text}, 1, None, True):
                yield f"cursor's value {value!r}", cursor(listing, value, key)
            yield "cursor's key", cursor(listing, SOME_TIME, text)
            yield "cursor's list", cursor(text, SOME_TIME, key)

    def _value(self, name: str, schema: Json) -> Any:
        if name in self._known:
            return self._known[name]
        return self._sample(schema)

    def _sample(self, schema: Json) -> Any:
        """Something that fits, with every property."""
        sample: Any = "x"
        match schema:
            case {"$ref": ref}:
                sample = self._sample(self._document["components"]["schemas"][ref.split("/")[-1]])
            case {"anyOf": [first, *_]}:
                sample = self._sample(first)
            case {"enum": [first, *_]} | {"const": first}:
                sample = first
            case {"type": "object"}:
                properties = schema.get("properties", {})
                sample = {name: self._value(name, each) for name, each in properties.items()}
            case {"type": "array", "items": items}:
                sample = [self._sample(items)]
            case {"type": "integer" | "number"}:
                sample = schema.get("minimum", 1)
            case {"type": "boolean"}:
                sample = False
        return sample


def names_of_listings() -> set[str]:
    return {
        each._name
        for module in modules_of(routes)
        for each in vars(module).values()
        if isinstance(each, Listing)
    }


def cursor(listing: str, value: object, key: str) -> str:
    text = json.dumps([listing, value, key])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _addressed(path: str, kinds: Mapping[str, str], values: Json) -> tuple[str, dict[str, str]]:
    """Path with query, and headers. What the document does not name goes into the query, or, with
    a header's name, into the head."""
    headers: dict[str, str] = {}
    query: list[str] = []
    for name, value in values.items():
        shown = _percent(str(value).lower() if isinstance(value, bool) else str(value))
        match kinds.get(name):
            case "path":
                path = path.replace(f"{{{name}}}", shown)
            case "header":
                headers[name] = _header(str(value))
            case None if name in HEADERS:
                headers[name] = _header(str(value))
            case _:
                query.append(f"{_percent(name)}={shown}")
    return f"{path}?{'&'.join(query)}", headers


def _percent(text: str) -> str:
    return quote(text.encode(errors="surrogatepass"), safe="")


def _header(text: str) -> str:
    """As much of it as any HTTP server lets through: bytes, read as Latin-1, on one line."""
    octets = text.encode(errors="surrogatepass").decode("latin-1")
    return octets.translate(dict.fromkeys(map(ord, "\r\n\x00"), "?"))


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _everywhere(sample: Any, text: str) -> Iterator[tuple[str, Any]]:
    """Copies with the text instead of one value or beside one name."""
    yield "", text
    if isinstance(sample, dict):
        for name, value in sample.items():
            for place, poisoned in _everywhere(value, text):
                yield f"{name}.{place}", {**sample, name: poisoned}
        yield "name", {**sample, text: text}
    elif isinstance(sample, list):
        for place, poisoned in _everywhere(sample[0], text):
            yield f"0.{place}", [poisoned]


def _forms(fields: Json, text: str) -> Iterator[tuple[str, bytes]]:
    fields = {name: value for name, value in fields.items() if name != "audio"}
    for name in fields:
        yield name, _form({**fields, name: text}, "lecture.wav")
    yield "name", _form({**fields, text: text}, "lecture.wav")
    yield "file name", _form(fields, text)


def _form(fields: Json, file_name: str) -> bytes:
    def part(head: str, data: str) -> bytes:
        start = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{data}\r\n"
        return start.encode(errors="surrogatepass")

    texts = b"".join(part(f'name="{name}"', str(value)) for name, value in fields.items())
    file = part(f'name="audio"; filename="{file_name}"', "no recording")
    return texts + file + f"--{BOUNDARY}--\r\n".encode()
