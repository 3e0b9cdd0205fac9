"""Is the function alive, and can it do its work?"""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from shared.log import log
from shared.migrate import schema_problem
from shared.runtime import Runtime


def blueprint(rt: Runtime) -> Blueprint:
    routes = Blueprint("health", __name__)

    @routes.get("/health")
    def health() -> Response:
        return jsonify(status="ok", service=rt.settings.k_service)

    @routes.get("/health/ready")
    def ready() -> Response:
        checks: dict[str, Callable[[], object]] = {
            "database": lambda: schema_problem(rt.database),
            "storage": rt.store.check,
            "queue": rt.messages.check,
        }
        failing = {name: reason for name, check in checks.items() if (reason := _run(name, check))}
        if failing:
            response = jsonify(status="not_ready", failing=failing)
            response.status_code = 503
            return response
        return jsonify(status="ready")

    return routes


def _run(name: str, check: Callable[[], object]) -> object:
    """What is wrong, or None."""
    try:
        return check()
    except Exception as error:
        log.warning("health.not_ready", check=name, reason=type(error).__name__)
        return f"{type(error).__name__}"
