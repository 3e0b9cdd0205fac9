"""Errors as RFC 9457 problem documents, each with a stable `code`."""

import json
import math
from operator import not_
from typing import Any

from flask import Flask, Response, g
from pydantic import ConfigDict, Field
from sqlalchemy.exc import DBAPIError, InterfaceError, NoResultFound, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.http import HTTP_STATUS_CODES

from functions.ingest.web.field_problems import FieldProblem, InvalidFieldsError
from shared.database.transactions import is_aborted
from shared.errors import (
    AccessDeniedError,
    ContendedError,
    IdempotencyInProgressError,
    ObjectMissingError,
    PayloadTooLargeError,
    PermanentError,
    ProviderQuotaExhaustedError,
    RateLimitedError,
    RequestError,
    StreamsBusyError,
    TransientError,
    UnauthorizedError,
)
from shared.errors.sqlstate import FOREIGN_KEY_VIOLATION, sqlstate
from shared.log import log
from shared.redaction.exception_text import reason_of
from shared.schema import Schema


class ProblemDocument(Schema):
    """RFC 9457. `code` is stable and meant for programs, `detail` for people."""

    # What a later version adds is no reason for a client to fail.
    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: tuple[FieldProblem, ...] | None = Field(default=None, exclude_if=not_)
    """Where single fields do not fit: which, and why."""


def phrase(status: int) -> str:
    """A status in words. Those of http.HTTPStatus changed with Python 3.13."""
    return HTTP_STATUS_CODES[status]


def install_problem_handlers(app: Flask) -> None:
    @app.errorhandler(RequestError)
    def _request(error: RequestError) -> Response:
        response = problem(error.status, error.code, error.message)
        match error:
            case UnauthorizedError():
                response.headers["WWW-Authenticate"] = "Bearer"
            case RateLimitedError():
                response.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_sec)))
            case IdempotencyInProgressError() | StreamsBusyError():
                response.headers["Retry-After"] = "2"
        return response

    @app.errorhandler(InvalidFieldsError)
    def _fields(error: InvalidFieldsError) -> Response:
        errors = [each.model_dump(mode="json", by_alias=True) for each in error.problems]
        return problem(error.status, error.code, error.message, errors=errors)

    @app.errorhandler(RequestEntityTooLarge)
    def _too_large(_error: RequestEntityTooLarge) -> Response:
        return problem(
            PayloadTooLargeError.status,
            PayloadTooLargeError.code,
            "The request body is larger than the limit. "
            "A recording of more than 30 MB goes straight to storage: ask for an upload URL.",
        )

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        title = phrase(error.code or 500)
        code = title.lower().replace(" ", "_")
        response = problem(error.code or 500, code, error.description or title)
        for name, value in error.get_headers():
            if name == "Allow":
                response.headers[name] = value
        return response

    @app.errorhandler(ObjectMissingError)
    def _gone(_error: ObjectMissingError) -> Response:
        # The row stands and its object does not: retention has been here.
        return problem(404, "not_found", "This has been deleted.")

    @app.errorhandler(AccessDeniedError)
    @app.errorhandler(ProviderQuotaExhaustedError)
    def _operators(error: PermanentError) -> Response:
        # To repeat the request is of no use before the operator has done something.
        return problem(500, error.code, error.message)

    @app.errorhandler(TransientError)
    def _transient(error: TransientError) -> Response:
        log.warning("api.unavailable", reason=reason_of(error))
        response = problem(503, error.code, "A dependency of Pegasus is unavailable; try again.")
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(ContendedError)
    def _contended(error: ContendedError) -> Response:
        log.warning("api.contended")
        response = problem(503, error.code, error.message)
        response.headers["Retry-After"] = "1"
        return response

    @app.errorhandler(NoResultFound)
    def _deleted(_error: NoResultFound) -> Response:
        # A row that was just read is gone: what it belongs to has been deleted meanwhile.
        return problem(404, "not_found", "This has been deleted.")

    @app.errorhandler(InterfaceError)
    @app.errorhandler(OperationalError)
    @app.errorhandler(PoolTimeoutError)
    def _database(error: Exception) -> Response:
        return _transient(TransientError(f"database: {type(error).__name__}"))

    @app.errorhandler(DBAPIError)
    def _refused(error: DBAPIError) -> Response:
        code = sqlstate(error)
        # A foreign key leads nowhere: what this belongs to has been deleted meanwhile.
        if code == FOREIGN_KEY_VIOLATION:
            return problem(404, "not_found", "This has been deleted.")
        # Of a statement outside of `transact`.
        if is_aborted(error):
            return _contended(ContendedError())
        # Too many connections, out of memory; shutting down, starting up.
        if code.startswith(("53", "57P")):
            return _database(error)
        return _unforeseen(error)

    @app.errorhandler(Exception)
    def _unforeseen(error: Exception) -> Response:
        log.exception("api.error", kind=type(error).__name__)
        return problem(500, "internal", "An internal error. The request id leads to its trace.")


def problem(status: int, code: str, detail: str, **extra: Any) -> Response:
    document = {
        "type": f"urn:pegasus:problem:{code}",
        "title": phrase(status),
        "status": int(status),
        "detail": detail,
        "code": code,
        "requestId": g.get("request_id", ""),
        **extra,
    }
    return Response(
        json.dumps(document), status=int(status), content_type="application/problem+json"
    )
