"""Spans are cut out of lectures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.grants import grant_statement

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cuts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lecture_id", sa.Uuid(), nullable=False),
        sa.Column("start_sec", sa.Double(), nullable=False),
        sa.Column("end_sec", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("silenced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("folders", JSONB(), nullable=False),
        sa.Column("purge_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purges", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= start_sec AND start_sec < end_sec", name=op.f("ck_cuts_spans_have_a_length")
        ),
        sa.ForeignKeyConstraint(
            ["lecture_id"],
            ["lectures.id"],
            name=op.f("fk_cuts_lecture_id_lectures"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cuts")),
    )
    op.create_index(op.f("ix_cuts_lecture_id"), "cuts", ["lecture_id"])
    op.create_index(
        "ix_cuts_purge_due",
        "cuts",
        ["purge_due_at"],
        postgresql_where=sa.text("purge_due_at IS NOT NULL"),
    )
    op.execute(grant_statement())


def downgrade() -> None:
    op.drop_table("cuts")
