"""The HTTP API as one Flask application behind a functions-framework entry point."""

import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain
from typing import Any

from flask import Flask, Response, g, request
from flask_cors import CORS

from functions.ingest.admission.auth import authenticate
from functions.ingest.admission.handling import SLOT
from functions.ingest.admission.read_limit import ReadLimit, network_of
from functions.ingest.routes import (
    accounts,
    configuration,
    health,
    jobs,
    messages,
    presets,
    search,
    takedowns,
)
from functions.ingest.routes.courses import courses, retention, threads, vocabulary
from functions.ingest.routes.lectures import (
    cuts,
    deletion,
    exports,
    ingest,
    items,
    lectures,
    marks,
    material,
    progress,
    restriction,
    stages,
    study,
    transcript,
    uploads,
)
from functions.ingest.web.answers import deprecation
from functions.ingest.web.compression import compress
from functions.ingest.web.front import Front
from functions.ingest.web.operations import Operation, Operations
from functions.ingest.web.problems import install_problem_handlers
from functions.ingest.web.reference import documents
from functions.ingest.web.request_body import MAX_BODY_BYTES
from functions.ingest.web.serving import install
from functions.ingest.web_app.serving import ENDPOINTS as APP_ENDPOINTS
from functions.ingest.web_app.serving import install_app
from shared.config import ConfigurationError
from shared.errors import (
    EmailNotAllowedError,
    EmailNotVerifiedError,
    NotFoundError,
    UnauthorizedError,
)
from shared.log import bind, bind_request, log
from shared.runtime import Runtime
from shared.text import is_storable

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

SUBJECTS: tuple[Callable[[Runtime], Operations], ...] = (
    ingest.operations,
    lectures.operations,
    uploads.operations,
    progress.operations,
    transcript.operations,
    cuts.operations,
    material.operations,
    items.operations,
    marks.operations,
    study.operations,
    stages.operations,
    jobs.operations,
    messages.operations,
    exports.operations,
    courses.operations,
    retention.operations,
    threads.operations,
    search.operations,
    vocabulary.operations,
    restriction.operations,
    deletion.operations,
    accounts.operations,
    accounts.operator_operations,
    takedowns.operations,
    configuration.operations,
    presets.operations,
    health.operations,
)


def all_operations(rt: Runtime) -> list[Operation]:
    return list(chain.from_iterable(subject(rt).all for subject in SUBJECTS))


def create_app(rt: Runtime) -> Flask:
    """Raises ConfigurationError."""
    if rt.settings.plc_caller_check == "platform":
        # No platform checks the API's callers: unsigned claims would be whatever they write.
        raise ConfigurationError("PLC_CALLER_CHECK: platform is for internal functions")
    app = Flask("pegasus")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    install_problem_handlers(app)
    operations = all_operations(rt)
    served = [*operations, *documents.operations(operations).all]
    install(app, rt, served)
    install_app(app, rt.settings)
    public = {operation.name for operation in served if operation.public} | APP_ENDPOINTS
    # Writes are counted in Postgres, where they are served.
    # The app's files are the same for everyone, and a lecture hall opens it at the same minute.
    uncounted = {each.name for each in served if each.is_write or not each.counted} | APP_ENDPOINTS
    reads = ReadLimit(rt.settings, rt.clock)

    @app.before_request
    def _begin() -> None:
        bind_request({name.lower(): value for name, value in request.headers.items()})
        g.began = time.monotonic()
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        bind(request_id=g.request_id)
        request.environ[SLOT].acquire()
        if request.endpoint in public or request.method == "OPTIONS":
            if request.endpoint not in uncounted:
                _count_stranger()
        else:
            # Before the answer reveals whether the route exists.
            _authenticate()
        if not is_storable(request.path):
            # No name holds it, and Postgres does not even take it for a question.
            raise NotFoundError()

    def _authenticate() -> None:
        try:
            g.principal = authenticate(rt.settings, request.environ)
        except (UnauthorizedError, EmailNotVerifiedError, EmailNotAllowedError):
            _count_stranger()
            raise
        if request.endpoint not in uncounted and not g.principal.operates:
            reads.count(g.principal.owner)

    def _count_stranger() -> None:
        hops = rt.settings.plc_trusted_proxy_hops
        reads.count(f"address:{network_of(request.environ, trusted_hops=hops)}")

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Answers about a lecture stay out of every cache, the browser's on the disk included. A
        # client that keeps one itself asks with its ETag.
        cacheable = request.endpoint in public
        response.headers.setdefault("Cache-Control", "no-cache" if cacheable else "no-store")
        if since := g.get("deprecated"):
            response.headers["Deprecation"] = deprecation(since)
        compress(request, response)
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
                "Last-Event-ID",
                "X-Request-Id",
            ],
            expose_headers=[
                "ETag",
                "Idempotency-Replayed",
                "Location",
                "Retry-After",
                "X-Request-Id",
            ],
            max_age=3600,
        )
    app.wsgi_app = Front(app.wsgi_app, rt.settings)  # type: ignore[method-assign]
    return app


_building = threading.Lock()
_app = cache(create_app)


def serve(
    rt: Runtime, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Answer one WSGI request; the application is built with the first."""
    # Once, also if several are the first: event streams are counted in it.
    with _building:
        app = _app(rt)
    return app(environ, start_response)
