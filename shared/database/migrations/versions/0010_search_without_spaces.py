"""Passages in scripts without spaces between words are found by parts of their clauses."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from shared.search.bigrams import has_runs, indexed

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BATCH = 1000

_NEXT = sa.text(
    "SELECT lecture_id, index, text FROM passages "
    "WHERE octet_length(text) > length(text) AND (lecture_id, index) > (:lecture, :index) "
    "ORDER BY lecture_id, index LIMIT :batch"
)
_UPDATE = sa.text(
    "UPDATE passages SET terms = to_tsvector(config::regconfig, :searched) "
    "WHERE lecture_id = :lecture AND index = :index"
)


def upgrade() -> None:
    _reindex(indexed)


def downgrade() -> None:
    _reindex(lambda text: text)


def _reindex(searched: Callable[[str], str]) -> None:
    if op.get_context().as_sql:
        op.execute("-- Rows of passages in such scripts are indexed anew, by the program.")
        return
    connection = op.get_bind()
    at = {"lecture": "00000000-0000-0000-0000-000000000000", "index": -1}
    while rows := connection.execute(_NEXT, {**at, "batch": BATCH}).all():
        changed = [
            {"lecture": row.lecture_id, "index": row.index, "searched": searched(row.text)}
            for row in rows
            if has_runs(row.text)
        ]
        if changed:
            connection.execute(_UPDATE, changed)
        at = {"lecture": rows[-1].lecture_id, "index": rows[-1].index}
