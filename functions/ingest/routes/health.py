"""Health: whether the function is alive, and whether it is ready."""

from typing import Literal

from flask import Response

from functions.ingest.readiness import Readiness
from functions.ingest.web.answers import json_model
from functions.ingest.web.operations import Media, Operations
from shared.runtime import Runtime
from shared.schema import Schema


class Health(Schema):
    status: Literal["ok"] = "ok"
    service: str


class Ready(Schema):
    status: Literal["ready"] = "ready"


class NotReady(Schema):
    status: Literal["not_ready"] = "not_ready"
    failing: dict[str, str]
    """Which check fails, and why."""


def operations(rt: Runtime) -> Operations:
    routes = Operations("health")
    readiness = Readiness(rt)

    # It asks nothing and may be asked by anyone at any rate.
    @routes.get("/health", public=True, counted=False)
    def read_health() -> Health:
        """Alive."""
        return Health(service=rt.settings.k_service)

    @routes.get(
        "/health/ready",
        public=True,
        answers={200: Ready, 503: Media("application/json", NotReady)},
    )
    def read_readiness() -> Response:
        """Able to work: database and its schema, storage, queue.

        An instance checks at most once in five seconds.
        """
        if failing := readiness.failing():
            return json_model(NotReady(failing=failing), status=503)
        return json_model(Ready())

    return routes
