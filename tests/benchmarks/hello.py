"""What the API is measured against: a function that looks one row up by key and answers JSON."""

import os
from functools import cache
from typing import Any

from flask import Request
from sqlalchemy import Engine, create_engine, make_url, text

OWNER = "local"
_LECTURE = text("SELECT slug, title, status FROM lectures WHERE owner = :owner AND slug = :slug")


@cache
def _engine() -> Engine:
    return create_engine(
        make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+pg8000"),
        pool_size=int(os.environ["PLC_DB_POOL_SIZE"]),
        max_overflow=0,
    )


def hello(request: Request) -> dict[str, Any]:
    """The lecture that the path names."""
    key = {"owner": OWNER, "slug": request.path.removeprefix("/")}
    with _engine().connect() as connection:
        return dict(connection.execute(_LECTURE, key).mappings().one())
