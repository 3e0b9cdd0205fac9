"""Accounts can be exported and deleted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STATUSES = ("queued", "running", "ready", "failed", "ended")


def upgrade() -> None:
    op.create_table(
        "account_exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(*STATUSES, name="status", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("error", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("reached", sa.Uuid(), nullable=True),
        sa.Column("parts", postgresql.JSONB(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'ready', 'failed', 'ended')",
            name=op.f("ck_account_exports_status"),
        ),
        sa.CheckConstraint(
            "(status = 'running') = (lease_token IS NOT NULL AND lease_expires_at IS NOT NULL)",
            name=op.f("ck_account_exports_running_exports_hold_a_lease"),
        ),
        sa.CheckConstraint(
            "(status = 'failed') <= (error IS NOT NULL)",
            name=op.f("ck_account_exports_failed_exports_say_why"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_exports")),
    )
    op.create_index(
        "uq_account_exports_live",
        "account_exports",
        ["owner"],
        unique=True,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_index(op.f("ix_account_exports_expires_at"), "account_exports", ["expires_at"])
    op.create_table(
        "account_deletions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("courses", sa.Integer(), nullable=False),
        sa.Column("lectures", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(completed_at IS NULL) = (owner IS NOT NULL)",
            name=op.f("ck_account_deletions_receipts_name_nobody"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_deletions")),
    )
    op.create_index(
        "uq_account_deletions_pending",
        "account_deletions",
        ["owner"],
        unique=True,
        postgresql_where=sa.text("completed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("account_deletions")
    op.drop_table("account_exports")
