"""Which call of Pub/Sub and Cloud Tasks needs which grant."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from scripts.local.access import Access, ForbiddenError
from scripts.local.delivery.rpc import Message, Permit, RefusedError


def pubsub_permit(access: Access) -> Permit:
    def permit(method: str, request: Message, caller: str | None) -> None:
        with _refusing():
            match method:
                case "Publish":
                    access.require(caller, "publishes", _short(request.topic))
                case "GetTopic":
                    access.require(caller, "looks_up", _short(request.topic))
                case _:
                    access.require_administrator(caller)

    return permit


def tasks_permit(access: Access) -> Permit:
    def permit(method: str, request: Message, caller: str | None) -> None:
        with _refusing():
            if method == "CreateTask":
                access.require(caller, "enqueues", _short(request.parent))
            else:
                access.require_administrator(caller)

    return permit


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except ForbiddenError as error:
        raise RefusedError(grpc.StatusCode.PERMISSION_DENIED, str(error)) from error


def _short(resource: str) -> str:
    return resource.rpartition("/")[2]
