"""What repeats a lecture says so: files, terms and dead letters name the lectures they come from.

Material has an age policy of its own, and objects that an operator keeps have an end.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UUIDS = postgresql.ARRAY(sa.Uuid())


def upgrade() -> None:
    op.add_column("exports", sa.Column("sources", UUIDS, nullable=True))
    op.add_column("course_terms", sa.Column("lectures", UUIDS, nullable=True))
    op.add_column("dead_letters", sa.Column("lecture_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_dead_letters_lecture_id"), "dead_letters", ["lecture_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_dead_letters_lecture_id"), "dead_letters")
    op.drop_column("dead_letters", "lecture_id")
    op.drop_column("course_terms", "lectures")
    op.drop_column("exports", "sources")
