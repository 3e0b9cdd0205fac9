"""Errors as RFC 9457 problem documents, each with a stable `code`."""

import json
from http import HTTPStatus

from flask import Flask, Response, g
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from functions.ingest.bodies import InvalidFieldsError
from shared.errors import (
    ObjectMissingError,
    PayloadTooLargeError,
    RequestError,
    TransientError,
)
from shared.log import log


def install_problem_handlers(app: Flask) -> None:
    @app.errorhandler(RequestError)
    def _request(error: RequestError) -> Response:
        return problem(error.status, error.code, error.message)

    @app.errorhandler(InvalidFieldsError)
    def _fields(error: InvalidFieldsError) -> Response:
        return problem(error.status, error.code, error.message, errors=error.fields)

    @app.errorhandler(RequestEntityTooLarge)
    def _too_large(_error: RequestEntityTooLarge) -> Response:
        return problem(
            PayloadTooLargeError.status,
            PayloadTooLargeError.code,
            "The request body is larger than 32 MiB: ask for an upload URL instead.",
        )

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or 500)
        return problem(status, status.name.lower(), error.description or status.phrase)

    @app.errorhandler(ObjectMissingError)
    def _gone(_error: ObjectMissingError) -> Response:
        # The row stands and its object does not: retention has been here.
        return problem(404, "not_found", "This has been deleted.")

    @app.errorhandler(TransientError)
    def _transient(error: TransientError) -> Response:
        log.warning("api.unavailable", reason=error.message)
        response = problem(503, error.code, "Something Pegasus depends on is away; try again.")
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(InterfaceError)
    @app.errorhandler(OperationalError)
    @app.errorhandler(PoolTimeoutError)
    def _database(error: Exception) -> Response:
        return _transient(TransientError(f"database: {type(error).__name__}"))

    @app.errorhandler(Exception)
    def _unforeseen(error: Exception) -> Response:
        log.exception("api.error", kind=type(error).__name__)
        return problem(500, "internal", "An internal error. The request id leads to its trace.")


def problem(status: int, code: str, detail: str, **extra: object) -> Response:
    document = {
        "type": f"urn:pegasus:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
        "requestId": g.get("request_id", ""),
        **extra,
    }
    return Response(
        json.dumps(document), status=int(status), content_type="application/problem+json"
    )
