"""Registrations of uploads are counted, and so is what the sweep sends again or cannot mend."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload_registrations",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(lease_token IS NULL) = (lease_expires_at IS NULL)",
            name=op.f("ck_upload_registrations_leases_expire"),
        ),
        sa.PrimaryKeyConstraint("object", "generation", name=op.f("pk_upload_registrations")),
    )
    op.create_index(
        "ix_upload_registrations_expiring",
        "upload_registrations",
        ["lease_expires_at"],
        postgresql_where=sa.text("lease_expires_at IS NOT NULL"),
    )
    op.create_table(
        "sweep_failures",
        sa.Column("repair", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("repair", "subject", name=op.f("pk_sweep_failures")),
    )
    for table in ("jobs", "segments"):
        op.add_column(
            table,
            sa.Column("resent", sa.Integer(), server_default=sa.text("0"), nullable=False),
        )


def downgrade() -> None:
    for table in ("segments", "jobs"):
        op.drop_column(table, "resent")
    op.drop_table("sweep_failures")
    op.drop_table("upload_registrations")
