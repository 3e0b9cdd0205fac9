"""Pages of a list: by offset for people who turn pages, by cursor for long lists.

A cursor names the last row that was seen, so a page costs the same however far down
it is, and rows that come or go before it shift nothing.
"""

import base64
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import StringConstraints
from sqlalchemy import Select, func, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from functions.ingest.web.reading import Limit, Offset
from shared.errors import CursorUnknownError
from shared.schema import Schema

R = TypeVar("R")


class PageQuery(Schema):
    limit: Limit = 50
    """How many at most."""
    offset: Offset = 0
    """How many to leave out first."""
    cursor: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,4000}$")] | None = None
    """`nextCursor` of the page before; goes on after its last row, and `offset` is not read."""


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


@dataclass(frozen=True)
class Order(Generic[R]):
    """How a list is sorted: by a column, then by its id, which makes the order total."""

    name: str
    """Tells this list's cursors from another's."""
    column: InstrumentedAttribute[Any]
    id: InstrumentedAttribute[uuid.UUID]
    of: Callable[[R], tuple[Any, uuid.UUID]]
    descending: bool = False


def page_of(
    session: Session, rows: Select[R], order: Order[R], query: PageQuery
) -> tuple[list[R], Pagination]:
    """One page of the rows a statement selects. Raises CursorUnknownError."""
    counted = rows.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    key = tuple_(order.column, order.id)
    offset = 0 if query.cursor else query.offset
    if query.cursor:
        after = tuple_(*_read_cursor(order, query.cursor))
        rows = rows.where(key < after if order.descending else key > after)
    columns = (order.column, order.id)
    rows = rows.order_by(*(column.desc() if order.descending else column for column in columns))
    found = list(session.scalars(rows.limit(query.limit + 1).offset(offset)))
    # A page that is not full is the last one, and tells by itself how many there are.
    whole = not query.cursor and 0 < len(found) <= query.limit
    total = offset + len(found) if whole else session.scalar(counted) or 0
    has_more, found = len(found) > query.limit, found[: query.limit]
    return found, pagination(
        query,
        offset=offset,
        count=len(found),
        total=total,
        has_more=has_more,
        next_cursor=_write_cursor(order, found[-1]) if has_more else None,
    )


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


def _write_cursor(order: Order[R], row: R) -> str:
    value, key = order.of(row)
    shown = value.isoformat() if isinstance(value, datetime) else str(value)
    text = json.dumps([order.name, shown, str(key)], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(order: Order[R], cursor: str) -> tuple[Any, uuid.UUID]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        name, value, key = json.loads(text)
        if order.column.type.python_type is datetime:
            value = datetime.fromisoformat(value).astimezone(UTC)
        row = (value, uuid.UUID(key))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        row = None
    if row is None or name != order.name or "\x00" in str(value):
        raise CursorUnknownError()
    return row
