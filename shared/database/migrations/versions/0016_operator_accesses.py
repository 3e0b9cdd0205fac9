"""Each access of an operator to rows of other owners is recorded."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.grants import grant_statement

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operator_accesses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("subjects", postgresql.JSONB(), nullable=False),
        sa.Column("accessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_accesses")),
    )
    op.create_index(op.f("ix_operator_accesses_accessed_at"), "operator_accesses", ["accessed_at"])
    op.add_column("idempotency_keys", sa.Column("accessed", postgresql.JSONB(), nullable=True))
    op.execute(grant_statement())


def downgrade() -> None:
    op.drop_column("idempotency_keys", "accessed")
    op.drop_table("operator_accesses")
