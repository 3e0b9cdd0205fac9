"""Serving operations: rate limit and idempotency around the handler, in this order."""

import re
from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, g, request

from functions.ingest.admission.rate_limit import count_write
from functions.ingest.web import idempotency
from functions.ingest.web.answers import json_model
from functions.ingest.web.field_problems import FieldProblem, InvalidFieldsError
from functions.ingest.web.operations import Operation
from functions.ingest.web.reading import read_body, read_bytes, read_query
from shared.runtime import Runtime
from shared.schema import Schema

_KEY = re.compile(r"[A-Za-z0-9._:-]{1,200}")


def install(app: Flask, rt: Runtime, operations: Sequence[Operation]) -> None:
    for operation in operations:
        app.add_url_rule(
            operation.path.replace("{", "<").replace("}", ">"),
            endpoint=operation.name,
            view_func=_view(rt, operation),
            methods=[operation.method],
        )


def _view(rt: Runtime, operation: Operation) -> Any:
    def view(**path: str) -> Response:
        if operation.deprecated:
            g.deprecated = operation.deprecated
        if not operation.is_write:
            return _call(operation, path)
        key = _idempotency_key()
        count_write(rt, g.principal.owner)
        if operation.form:
            # The form is known only once it has been read: the handler claims its key.
            return _call(operation, path)
        # Before the key is claimed: what is slow or too large claims none.
        body = read_bytes(request)
        return idempotency.once(
            rt,
            scope=g.principal.owner,
            key=key,
            fingerprint=lambda: idempotency.fingerprint_of(request, body),
            run=lambda: _call(operation, path),
        )

    return view


def _call(operation: Operation, path: dict[str, str]) -> Response:
    given: dict[str, Any] = dict(path)
    if operation.query:
        given["query"] = read_query(operation.query, request)
    if operation.body and not operation.form:
        given["body"] = read_body(operation.body, request, optional=operation.body_optional)
    answer = operation.handler(**given)
    if isinstance(answer, Schema):
        status = min(operation.answers)
        return json_model(answer, status=status)
    response: Response = answer
    return response


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and _KEY.fullmatch(key) is None:
        raise InvalidFieldsError(
            problems=[
                FieldProblem(
                    field="Idempotency-Key",
                    code="wrong_form",
                    message="has other characters than letters, digits and . _ : -, "
                    "none, or more than 200",
                )
            ]
        )
    return key
