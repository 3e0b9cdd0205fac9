"""The HTTP API as one Flask application behind a functions-framework entry point."""

import re
import threading
import time
import uuid
from collections.abc import Callable
from functools import cache
from itertools import chain
from typing import cast

from flask import Flask, Request, Response, g, request
from flask_cors import CORS

from functions.ingest.auth import authenticate
from functions.ingest.routes import (
    course_retention,
    courses,
    deletion,
    exports,
    health,
    ingest,
    jobs,
    lectures,
    material,
    messages,
    presets,
    progress,
    search,
    stages,
    threads,
    transcript,
    uploads,
)
from functions.ingest.web import documents
from functions.ingest.web.operations import Operation, Operations
from functions.ingest.web.problems import install_problem_handlers
from functions.ingest.web.serving import install
from shared.errors import NotFoundError
from shared.log import bind, bind_request, log
from shared.runtime import Runtime
from shared.text import is_storable

MAX_BODY_BYTES = 32 << 20
"""What Cloud Run lets through in one request."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

SUBJECTS: tuple[Callable[[Runtime], Operations], ...] = (
    ingest.operations,
    lectures.operations,
    uploads.operations,
    progress.operations,
    transcript.operations,
    material.operations,
    stages.operations,
    jobs.operations,
    messages.operations,
    exports.operations,
    courses.operations,
    course_retention.operations,
    threads.operations,
    search.operations,
    deletion.operations,
    presets.operations,
    health.operations,
)


def all_operations(rt: Runtime) -> list[Operation]:
    return list(chain.from_iterable(subject(rt).all for subject in SUBJECTS))


def create_app(rt: Runtime) -> Flask:
    app = Flask("pegasus")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    install_problem_handlers(app)
    operations = all_operations(rt)
    served = [*operations, *documents.operations(operations).all]
    install(app, rt, served)
    public = {operation.name for operation in served if operation.public}

    @app.before_request
    def _begin() -> None:
        bind_request({name.lower(): value for name, value in request.headers.items()})
        g.began = time.monotonic()
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        bind(request_id=g.request_id)
        if not is_storable(request.path):
            # No name holds it, and Postgres does not even take it for a question.
            raise NotFoundError()
        if request.endpoint not in public and request.method != "OPTIONS":
            # Before it is told whether there is such a route.
            g.principal = authenticate(rt.settings, request.environ)

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        response.headers["X-Content-Type-Options"] = "nosniff"
        log.info(
            "api.request",
            method=request.method,
            # The pattern, not the path: what a path names may be personal.
            route=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            sec=round(time.monotonic() - g.began, 3),
        )
        return response

    if origins := [o for each in rt.settings.plc_cors_origins.split(",") if (o := each.strip())]:
        CORS(
            app,
            origins=origins,
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-Match",
                "If-None-Match",
                "X-Request-Id",
            ],
            expose_headers=["ETag", "Location", "Retry-After", "X-Request-Id"],
            max_age=3600,
        )
    return app


_building = threading.Lock()
_app = cache(create_app)


def serve(rt: Runtime, outer: Request) -> Response:
    """Answer one request; the application is built with the first."""
    # Once, also if several are the first: progress streams are counted in it.
    with _building:
        app = _app(rt)
    return cast(Response, Response.from_app(app.wsgi_app, outer.environ))
