"""The API's own description: for programs at `/openapi.json`, for people at `/docs`."""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from flask import Response, render_template_string, request
from markupsafe import Markup, escape

from functions.ingest.web.answers import unless_known
from functions.ingest.web.operations import Media, Operation, Operations
from functions.ingest.web.reference.openapi import Json, openapi_document

PAGE = Path(__file__).with_name("docs.html")


def operations(described: Sequence[Operation]) -> Operations:
    routes = Operations("description")

    @routes.get("/openapi.json", public=True, conditional=True, answers={200: None})
    def read_openapi() -> Response:
        """This description, as OpenAPI 3.1."""
        return unless_known(request, text(), text().encode)

    @routes.get("/docs", public=True, answers={200: Media("text/html")})
    def read_docs() -> Response:
        """The same as a page to read."""
        # It runs no script and loads nothing, and no script may be smuggled into it.
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        return Response(page(), headers={"Content-Security-Policy": policy})

    # Made once, for the first request: most instances never receive one.
    @cache
    def document() -> Json:
        return openapi_document(described)

    @cache
    def text() -> str:
        return json.dumps(document(), ensure_ascii=False)

    @cache
    def page() -> str:
        api = document()
        return render_template_string(
            PAGE.read_text(), api=api, subjects=_by_subject(api), prose=_prose
        )

    return routes


def _by_subject(document: Json) -> dict[str, list[tuple[str, str, Json]]]:
    """Path, method and operation, in the order in which the subjects first come up."""
    subjects: dict[str, list[tuple[str, str, Json]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            subjects.setdefault(operation["tags"][0], []).append((path, method, operation))
    return subjects


def _prose(text: str) -> Markup:
    """With `code` set as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped
