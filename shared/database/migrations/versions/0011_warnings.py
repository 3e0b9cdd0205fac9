"""Warnings of a transcription are kept: on its job until it ends, then on the lecture."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("lectures", "jobs")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(
            table,
            sa.Column(
                "warnings", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False
            ),
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "warnings")
