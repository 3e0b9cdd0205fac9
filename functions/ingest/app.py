"""The HTTP API as one Flask application behind a functions-framework entry point."""

import time
import uuid
from collections.abc import Callable
from functools import cache
from typing import cast

from flask import Blueprint, Flask, Request, Response, g, request

from functions.ingest.auth import authenticate
from functions.ingest.problems import install_problem_handlers
from functions.ingest.routes import courses, exports, health, jobs, lectures, stages
from shared.errors import NotFoundError
from shared.log import bind, bind_request, log
from shared.runtime import Runtime

MAX_BODY_BYTES = 32 << 20
"""What Cloud Run lets through in one request."""

BLUEPRINTS: tuple[Callable[[Runtime], Blueprint], ...] = (
    health.blueprint,
    lectures.blueprint,
    stages.blueprint,
    jobs.blueprint,
    exports.blueprint,
    courses.blueprint,
)


def create_app(rt: Runtime) -> Flask:
    app = Flask("pegasus")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    install_problem_handlers(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint(rt))

    @app.before_request
    def _begin() -> None:
        bind_request({name.lower(): value for name, value in request.headers.items()})
        g.began = time.monotonic()
        g.request_id = str(uuid.uuid4())
        bind(request_id=g.request_id)
        if "\x00" in request.path:
            # No name holds it, and Postgres does not even take it for a question.
            raise NotFoundError()
        if request.blueprint != "health":
            g.principal = authenticate(rt.settings, request.headers.get("Authorization"))

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        log.info(
            "api.request",
            method=request.method,
            # The pattern, not the path: what a path names may be personal.
            route=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            sec=round(time.monotonic() - g.began, 3),
        )
        return response

    return app


_app = cache(create_app)


def serve(rt: Runtime, outer: Request) -> Response:
    """Answer one request; the application is built with the first."""
    return cast(Response, Response.from_app(_app(rt).wsgi_app, outer.environ))
