"""What the whole HTTP API needs: rate limits, purges, passages to search, announced uploads."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lectures", sa.Column("expected_size", sa.BigInteger(), nullable=True))
    op.add_column("lectures", sa.Column("expected_crc32c", sa.Text(), nullable=True))
    op.create_index(op.f("ix_lectures_owner_created_at"), "lectures", ["owner", "created_at"])
    op.create_index(op.f("ix_jobs_type_created_at"), "jobs", ["type", "created_at"])
    op.create_index(op.f("ix_jobs_replayed_from"), "jobs", ["replayed_from"])
    # Nothing has written keys before this revision.
    op.add_column("idempotency_keys", sa.Column("claim", sa.Uuid(), nullable=False))
    op.create_table(
        "rate_limits",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("theoretical_arrival_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_rate_limits")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "purges",
        sa.Column("lecture_id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("folders", postgresql.JSONB(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lecture_id", name=op.f("pk_purges")),
    )
    op.create_index(op.f("ix_purges_due_at"), "purges", ["due_at"])
    op.create_table(
        "passages",
        sa.Column("lecture_id", sa.Uuid(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("start_sec", sa.Double(), nullable=False),
        sa.Column("end_sec", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("terms", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lecture_id"],
            ["lectures.id"],
            name=op.f("fk_passages_lecture_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("lecture_id", "index", name=op.f("pk_passages")),
    )
    op.create_index(op.f("ix_passages_terms"), "passages", ["terms"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("passages")
    op.drop_table("purges")
    op.drop_table("rate_limits")
    # Without their claims no request could take them over after the upgrade.
    op.execute("DELETE FROM idempotency_keys")
    op.drop_column("idempotency_keys", "claim")
    op.drop_index(op.f("ix_jobs_replayed_from"), "jobs")
    op.drop_index(op.f("ix_jobs_type_created_at"), "jobs")
    op.drop_index(op.f("ix_lectures_owner_created_at"), "lectures")
    op.drop_column("lectures", "expected_crc32c")
    op.drop_column("lectures", "expected_size")
