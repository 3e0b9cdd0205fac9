"""Pages of a list: by offset for people who turn pages, by cursor for long lists.

A cursor names the last row that was seen, so a page costs the same however far down
it is, and rows that come or go before it shift nothing.
"""

import base64
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import ConfigDict, StringConstraints, TypeAdapter
from sqlalchemy import Connection, Integer, Row, Select, bindparam, func, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from functions.ingest.web.reading import Limit, Offset
from shared.errors import CursorUnknownError
from shared.schema import Schema
from shared.text import StorableText


class PageQuery(Schema):
    limit: Limit = 50
    """How many at most."""
    offset: Offset = 0
    """How many to leave out first."""
    cursor: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,4000}$")] | None = None
    """`nextCursor` of the page before; continues after its last row, and `offset` is not read."""


class Pagination(Schema):
    limit: int
    offset: int
    count: int
    """Rows on this page."""
    total: int
    """Rows in all."""
    has_more: bool
    next_offset: int | None
    prev_offset: int | None
    next_cursor: str | None


class Listing:
    """A list's statement and how it is sorted: by a column, then by its id, which makes the
    order total. What is selected is put together once, not with each request."""

    def __init__(
        self,
        name: str,
        rows: Select[*tuple[Any, ...]],
        *,
        column: InstrumentedAttribute[Any],
        id: InstrumentedAttribute[uuid.UUID],
        of: Callable[[Row[*tuple[Any, ...]]], tuple[Any, uuid.UUID]],
        descending: bool = False,
    ) -> None:
        """`name` distinguishes this list's cursors from another's; `of` gives the value of `column`
        and of `id` in a row."""
        self._name, self._column, self._of = name, column, of
        self._counted = rows.with_only_columns(func.count(), maintain_column_froms=True)
        order = [each.desc() if descending else each for each in (column, id)]
        self._by_offset = (
            # Counted in the same statement: one trip, and one moment.
            rows.add_columns(self._counted.correlate(None).scalar_subquery())
            .order_by(*order)
            .limit(bindparam("page_limit", type_=Integer))
            .offset(bindparam("page_offset", type_=Integer))
        )
        key = tuple_(column, id)
        seen = tuple_(
            bindparam("seen_value", type_=column.type), bindparam("seen_id", type_=id.type)
        )
        self._after = self._by_offset.where(key < seen if descending else key > seen)

    def page(
        self, connection: Connection | Session, query: PageQuery, **parameters: object
    ) -> tuple[Sequence[Row[*tuple[Any, ...]]], Pagination]:
        """One page of the list for the statement's own `parameters`. Raises CursorUnknownError."""
        offset = 0 if query.cursor else query.offset
        given = {**parameters, "page_limit": query.limit + 1, "page_offset": offset}
        statement = self._by_offset
        if query.cursor:
            statement = self._after
            given["seen_value"], given["seen_id"] = self._read_cursor(query.cursor)
        found = connection.execute(statement, given).all()
        # Behind the last row there is none to say how many there are.
        total = found[0][-1] if found else connection.scalar(self._counted, parameters)
        has_more, found = len(found) > query.limit, found[: query.limit]
        return found, pagination(
            query,
            offset=offset,
            count=len(found),
            total=total or 0,
            has_more=has_more,
            next_cursor=self._write_cursor(found[-1]) if has_more else None,
        )

    def _write_cursor(self, row: Row[*tuple[Any, ...]]) -> str:
        value, key = self._of(row)
        shown = value.isoformat() if isinstance(value, datetime) else str(value)
        text = json.dumps([self._name, shown, str(key)], ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _read_cursor(self, cursor: str) -> tuple[Any, uuid.UUID]:
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            name, value, key = json.loads(text)
            row = (_VALUES[self._column.type.python_type](value), uuid.UUID(key))
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            row = None
        if row is None or name != self._name:
            raise CursorUnknownError()
        return row


def _time(value: Any) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


_VALUES: Mapping[type, Callable[[Any], object]] = {
    datetime: _time,
    str: TypeAdapter(StorableText, config=ConfigDict(strict=True)).validate_python,
}
"""A cursor's value as one of the column it stands for, by the column's type. What is none raises
one of the errors that `_read_cursor` knows."""


def pagination(
    query: PageQuery,
    *,
    offset: int,
    count: int,
    total: int,
    has_more: bool,
    next_cursor: str | None = None,
) -> Pagination:
    return Pagination(
        limit=query.limit,
        offset=offset,
        count=count,
        total=total,
        has_more=has_more,
        next_offset=offset + count if has_more and not query.cursor else None,
        prev_offset=max(0, offset - query.limit) if offset else None,
        next_cursor=next_cursor,
    )
