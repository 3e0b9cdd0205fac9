"""JSON out."""

from flask import Response

from shared.schema import Schema


def json_model(model: Schema, *, status: int = 200) -> Response:
    return json_bytes(model.to_json(), status=status)


def json_bytes(body: bytes, *, status: int = 200) -> Response:
    return Response(body, status=status, content_type="application/json")
