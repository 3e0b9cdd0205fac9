"""Listing objects: prefix, delimiter and pages, as `objects.list` has them."""

import base64
from dataclasses import dataclass

from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.objects.resources import ObjectRecord
from scripts.local.gcs.objects.store import Store

MAX_RESULTS = 1000


@dataclass(frozen=True)
class Page:
    items: list[ObjectRecord]
    prefixes: list[str]
    next_token: str | None


def list_page(
    store: Store,
    bucket: str,
    *,
    prefix: str,
    delimiter: str,
    start: str,
    token: str,
    limit: int,
) -> Page:
    """Up to `limit` objects and prefixes together, from the name `start` on, in order of name."""
    last = _decode(token)
    items: list[ObjectRecord] = []
    prefixes: list[str] = []
    for record in store.names(bucket, prefix, max(start, last)):
        group = _group(record.name, prefix, delimiter)
        if last and last in (record.name, group):
            continue
        if len(items) + len(prefixes) == limit:
            return Page(items, prefixes, _encode(last))
        if group is None:
            items.append(record)
        else:
            prefixes.append(group)
        last = group or record.name
    return Page(items, prefixes, None)


def _group(name: str, prefix: str, delimiter: str) -> str | None:
    """The common prefix that stands for a name deeper than the delimiter, if it is."""
    head, found, _ = name[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
    return prefix + head + found if found else None


def _encode(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode()


def _decode(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise StorageError(Refusal.INVALID, f"Invalid page token: {token[:80]}") from error
