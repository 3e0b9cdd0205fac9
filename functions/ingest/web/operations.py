"""Operations: one declaration from which requests are served and the API is documented.

A handler's signature is the contract. Parameters named in the path are text; `query`
and `body` are models, read from the query string and the JSON body. The return annotation
is the model of the answer, unless `answers` says more.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel

from shared.schema import Schema

Handler = Callable[..., Any]
H = TypeVar("H", bound=Handler)

_VARIABLE = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Media:
    """A body that is no JSON of ours: its media type, and a model if there is one."""

    media_type: str
    model: type[BaseModel] | None = None


@dataclass(frozen=True)
class Events:
    """Server-sent events: the model of each event's data, by the event's name."""

    data: Mapping[str, type[BaseModel]]


Answer = type[BaseModel] | Media | Events | None


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    tag: str
    name: str
    summary: str
    description: str
    handler: Handler
    path_parameters: tuple[str, ...]
    query: type[Schema] | None
    body: type[Schema] | None
    body_optional: bool
    form: type[Schema] | None
    """The same operation as a form with a file; the handler reads it itself."""
    answers: Mapping[int, Answer]
    problems: frozenset[int]
    public: bool
    counted: bool
    """Whether a rate limit counts it."""
    conditional: bool
    """Answers carry an ETag and `If-None-Match` is honoured."""
    resumable: bool
    """A stream of events that honours `Last-Event-ID`."""
    matching: bool
    """Needs `If-Match` with the ETag of what it changes."""
    reads: bool
    """Changes nothing, whatever its method: a question that does not belong into an address."""
    deprecated: date | None
    """Since when; its answers say so (RFC 9745)."""

    @property
    def is_write(self) -> bool:
        return not self.reads and self.method in {"POST", "PUT", "PATCH", "DELETE"}


@dataclass
class Operations:
    """Collects a subject's operations: `@operations.get("/lectures/{lecture_id}")`."""

    tag: str
    all: list[Operation] = field(default_factory=list)

    def get(self, path: str, **options: Any) -> Callable[[H], H]:
        return self._operation("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[H], H]:
        return self._operation("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[H], H]:
        return self._operation("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[H], H]:
        return self._operation("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[H], H]:
        return self._operation("DELETE", path, **options)

    def _operation(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        answers: Mapping[int, Answer] | None = None,
        problems: tuple[int, ...] = (),
        form: type[Schema] | None = None,
        body: type[Schema] | None = None,
        body_optional: bool = False,
        public: bool = False,
        counted: bool = True,
        conditional: bool = False,
        resumable: bool = False,
        matching: bool = False,
        reads: bool = False,
        deprecated: date | None = None,
    ) -> Callable[[H], H]:
        """`problems`: statuses beside those that follow from the operation's form. `body` is
        named where the handler reads it itself because there is a `form` as well."""

        def declare(handler: H) -> H:
            hints = get_type_hints(handler)
            variables = tuple(_VARIABLE.findall(path))
            summary, _, description = inspect.getdoc(handler).partition("\n\n")  # type: ignore[union-attr]
            query, read_body = hints.get("query"), hints.get("body", body)
            self.all.append(
                Operation(
                    method=method,
                    path=path,
                    tag=self.tag,
                    name=handler.__name__,
                    summary=" ".join(summary.split()),
                    description=" ".join(description.split()),
                    handler=handler,
                    path_parameters=variables,
                    query=query,
                    body=read_body,
                    body_optional=body_optional,
                    form=form,
                    answers=answers or {status: hints["return"]},
                    problems=frozenset(problems)
                    | _usual_problems(
                        keyed=not (method == "GET" or reads),
                        with_body=method != "GET",
                        variables=variables,
                        query=query,
                        asks=query or read_body,
                        public=public,
                        counted=counted,
                    )
                    | ({415} if read_body else set())
                    | ({412, 428} if matching else set()),
                    public=public,
                    counted=counted,
                    conditional=conditional,
                    resumable=resumable,
                    matching=matching,
                    reads=reads,
                    deprecated=deprecated,
                )
            )
            return handler

        return declare


def _usual_problems(
    *,
    keyed: bool,
    with_body: bool,
    variables: tuple[str, ...],
    query: object,
    asks: object,
    public: bool,
    counted: bool,
) -> set[int]:
    statuses = {503} if public else {401, 403, 503}
    if "lecture_id" in variables:
        # Retention may have deleted what is asked for.
        statuses.add(410)
    if {"lecture_id", "job_id"} & set(variables):
        # The lecture may be restricted.
        statuses.add(409)
    if counted:
        statuses.add(429)
    if variables or "cursor" in getattr(query, "model_fields", ()):
        statuses.add(404)
    if asks:
        statuses.add(422)
    if with_body:
        statuses |= {400, 408, 413, 422}
    if keyed:
        # A key may be no key, be taken, or be in progress.
        statuses |= {409, 422}
    return statuses
