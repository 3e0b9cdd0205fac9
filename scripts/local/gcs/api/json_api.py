"""The JSON API (`/storage/v1`, `/download/storage/v1`): buckets and objects."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from scripts.local.gcs.api.permissions import Permissions, caller_of
from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.http.media import download
from scripts.local.gcs.http.messages import Request, Response
from scripts.local.gcs.objects.compose import ComposeRequest, compose
from scripts.local.gcs.objects.listing import MAX_RESULTS, list_page
from scripts.local.gcs.objects.preconditions import Preconditions, whole_number
from scripts.local.gcs.objects.resources import parse_resource
from scripts.local.gcs.objects.store import Store

_MAX_RESOURCE_BYTES = 1024 * 1024

_BUCKETS = re.compile(r"/storage/v1/b")
_BUCKET = re.compile(r"/storage/v1/b/([^/]+)")
_OBJECTS = re.compile(r"/storage/v1/b/([^/]+)/o")
_OBJECT = re.compile(r"(?:/download)?/storage/v1/b/([^/]+)/o/([^/]+)")
_COMPOSE = re.compile(r"/storage/v1/b/([^/]+)/o/([^/]+)/compose")


class JsonApi:
    def __init__(self, store: Store, permissions: Permissions) -> None:
        self._store = store
        self._permissions = permissions
        self._routes: dict[tuple[str, re.Pattern[str]], Callable[..., Response]] = {
            ("POST", _BUCKETS): self._insert_bucket,
            ("GET", _BUCKET): self._get_bucket,
            ("GET", _OBJECTS): self._list_objects,
            ("GET", _OBJECT): self._get_object,
            ("PATCH", _OBJECT): self._patch_object,
            ("DELETE", _OBJECT): self._delete_object,
            ("POST", _COMPOSE): self._compose,
        }

    def handle(self, request: Request) -> Response:
        known = False
        for (method, pattern), handler in self._routes.items():
            match = pattern.fullmatch(request.path)
            known = known or match is not None
            if match is not None and method == request.method:
                return handler(request, *map(unquote, match.groups()))
        if known:
            raise StorageError(Refusal.METHOD_NOT_ALLOWED, "Method Not Allowed")
        raise StorageError(Refusal.NO_ROUTE, "Not Found")

    def _insert_bucket(self, request: Request) -> Response:
        self._permissions.administer(caller_of(request))
        resource = read_json(request)
        location = str(resource.get("location") or "US").upper()
        record = self._store.create_bucket(str(resource.get("name", "")), location)
        return json_response(record.as_json(request.base_url))

    def _get_bucket(self, request: Request, bucket: str) -> Response:
        self._permissions.administer(caller_of(request))
        return json_response(self._store.bucket(bucket).as_json(request.base_url))

    def _list_objects(self, request: Request, bucket: str) -> Response:
        self._permissions.list(caller_of(request), bucket)
        query = request.query
        limit = whole_number(query, "maxResults")
        page = list_page(
            self._store,
            bucket,
            prefix=query.get("prefix", ""),
            delimiter=query.get("delimiter", ""),
            start=query.get("startOffset", ""),
            token=query.get("pageToken", ""),
            limit=min(limit or MAX_RESULTS, MAX_RESULTS),
        )
        listing: dict[str, object] = {"kind": "storage#objects"}
        if page.items:
            listing["items"] = [record.as_json(request.base_url) for record in page.items]
        if page.prefixes:
            listing["prefixes"] = page.prefixes
        if page.next_token is not None:
            listing["nextPageToken"] = page.next_token
        return json_response(listing)

    def _get_object(self, request: Request, bucket: str, name: str) -> Response:
        self._permissions.read(caller_of(request), bucket, name)
        query = request.query
        generation = whole_number(query, "generation")
        preconditions = Preconditions.from_query(query)
        if query.get("alt") == "media":
            record, file = self._store.open(bucket, name, generation, preconditions)
            return download(record, file, request.headers.get("Range"))
        record = self._store.find(bucket, name, generation)
        preconditions.check_read(record)
        return json_response(record.as_json(request.base_url))

    def _patch_object(self, request: Request, bucket: str, name: str) -> Response:
        self._permissions.administer(caller_of(request))
        record = self._store.patch(
            bucket,
            name,
            whole_number(request.query, "generation"),
            read_json(request),
            Preconditions.from_query(request.query),
        )
        return json_response(record.as_json(request.base_url))

    def _delete_object(self, request: Request, bucket: str, name: str) -> Response:
        self._permissions.delete(caller_of(request), bucket, name)
        self._store.delete(
            bucket,
            name,
            whole_number(request.query, "generation"),
            Preconditions.from_query(request.query),
        )
        return Response(204)

    def _compose(self, request: Request, bucket: str, name: str) -> Response:
        wanted = parse_resource(ComposeRequest, read_json(request))
        caller = caller_of(request)
        for source in wanted.source_objects:
            self._permissions.read(caller, bucket, source.name)
        conditions = self._permissions.create(
            caller, bucket, name, Preconditions.from_query(request.query)
        )
        record = compose(self._store, bucket, name, wanted, conditions)
        return json_response(record.as_json(request.base_url))


def read_json(request: Request) -> dict[str, Any]:
    """The request's body as a JSON object; an empty one is an empty object."""
    try:
        value = json.loads(request.body.read_all(_MAX_RESOURCE_BYTES) or b"{}")
    except ValueError as error:
        raise StorageError(Refusal.INVALID, "Parse Error") from error
    if not isinstance(value, dict):
        raise StorageError(Refusal.INVALID, "Parse Error")
    return value


def json_response(value: object, status: int = 200) -> Response:
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    return Response(status, headers, json.dumps(value, indent=1).encode())
