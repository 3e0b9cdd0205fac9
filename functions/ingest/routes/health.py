"""Health: whether the function is alive, and whether it is ready."""

from collections.abc import Callable
from typing import Literal

from flask import Response

from functions.ingest.web.answers import json_model
from functions.ingest.web.operations import Media, Operations
from shared.database.migrate import schema_problem
from shared.log import log
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
        """Able to work: database and its schema, storage, queue."""
        checks: dict[str, Callable[[], object]] = {
            "database": lambda: schema_problem(rt.database),
            "storage": rt.store.check,
            "queue": rt.messages.check,
        }
        failing = {
            name: str(reason) for name, check in checks.items() if (reason := _run(name, check))
        }
        if failing:
            return json_model(NotReady(failing=failing), status=503)
        return json_model(Ready())

    return routes


def _run(name: str, check: Callable[[], object]) -> object:
    """What is wrong, or None."""
    try:
        return check()
    except Exception as error:
        log.warning("health.not_ready", check=name, reason=type(error).__name__)
        return f"{type(error).__name__}"
