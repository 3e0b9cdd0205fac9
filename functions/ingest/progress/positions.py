"""Positions in the changes of an owner's lectures: the ids of events, from which streams resume.

A position is a transaction of the database. What earlier ones changed has been reported, and
what this one or a later one changed has not.
"""

import base64
import hashlib
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LIFETIME = timedelta(days=7)
"""A position that is older is none: the orders to purge, from which deletions are read, live for a
day longer (shared/deletion/purging.py)."""
_AHEAD = timedelta(minutes=5)
"""By which the clocks of two instances may differ."""

_FORM = struct.Struct(">BQI8s")
"""Version, transaction, seconds since 1970, digest of owner and database: 21 bytes, which Base64
writes in one way only."""
_TEXT = re.compile(r"[A-Za-z0-9_-]{28}")
_VERSION = 1
_LARGEST = (1 << 63) - 1
"""Transactions are compared as numbers of the type bigint."""


@dataclass(frozen=True)
class Position:
    transaction: int
    """Full transaction id: it is never used again."""
    at: datetime
    """When it was reached, in whole seconds."""


def write_position(position: Position, *, owner: str, history: str) -> str:
    """28 characters of the alphabet of URLs. `history` names the course of transactions that the
    position is in, which another database does not continue."""
    seconds = int(position.at.timestamp())
    digest = _digest(owner, history)
    packed = _FORM.pack(_VERSION, position.transaction, seconds, digest)
    return base64.urlsafe_b64encode(packed).decode()


def read_position(text: str, *, owner: str, history: str, now: datetime) -> Position | None:
    """None if it is no position of this owner in this history, or older than `LIFETIME`."""
    if _TEXT.fullmatch(text) is None:
        return None
    version, transaction, seconds, digest = _FORM.unpack(base64.urlsafe_b64decode(text))
    if version != _VERSION or transaction > _LARGEST or digest != _digest(owner, history):
        return None
    at = datetime.fromtimestamp(seconds, UTC)
    if not now - LIFETIME < at < now + _AHEAD:
        return None
    return Position(transaction, at)


def _digest(owner: str, history: str) -> bytes:
    return hashlib.sha256(f"{history}\n{owner}".encode()).digest()[:8]
