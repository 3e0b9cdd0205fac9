"""Retention: runs that can be taken up again, rules and holds of a course, what a run deleted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_DAYS = "retention_{0}_days IS NULL OR retention_{0}_days BETWEEN 1 AND 3650"


def upgrade() -> None:
    op.add_column("courses", sa.Column("retention_raw_audio_days", sa.Integer(), nullable=True))
    op.add_column("courses", sa.Column("retention_transcript_days", sa.Integer(), nullable=True))
    op.add_column("courses", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("courses", sa.Column("hold_reason", sa.Text(), nullable=True))
    for kind in ("raw_audio", "transcript"):
        op.create_check_constraint(
            op.f(f"ck_courses_{kind}_days_in_range"), "courses", _DAYS.format(kind)
        )
    op.create_check_constraint(
        op.f("ck_courses_only_holds_have_reasons"),
        "courses",
        "hold_reason IS NULL OR held_until IS NOT NULL",
    )
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("reached", sa.Text(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report_object", sa.Text(), nullable=True),
        sa.Column("report_generation", sa.BigInteger(), nullable=True),
        sa.Column("report_sha256", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(lease_token IS NULL) = (lease_expires_at IS NULL)",
            name=op.f("ck_retention_runs_a_lease_runs_out"),
        ),
        sa.CheckConstraint(
            "signed_off_at IS NULL OR (ended_at IS NOT NULL AND report_object IS NOT NULL "
            "AND report_generation IS NOT NULL AND report_sha256 IS NOT NULL)",
            name=op.f("ck_retention_runs_signed_off_runs_have_a_report"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
    )
    op.create_index(
        "uq_retention_runs_unfinished",
        "retention_runs",
        ["dry_run"],
        unique=True,
        postgresql_where=sa.text("signed_off_at IS NULL"),
    )
    op.create_index(
        op.f("ix_retention_runs_started_at"), "retention_runs", ["started_at"], unique=False
    )
    op.add_column("deletion_audit_events", sa.Column("run_id", sa.Uuid(), nullable=True))
    op.add_column("deletion_audit_events", sa.Column("size", sa.BigInteger(), nullable=True))
    op.create_index(
        op.f("ix_deletion_audit_events_run_id_generation"),
        "deletion_audit_events",
        ["run_id", "generation"],
        postgresql_where=sa.text("run_id IS NOT NULL"),
    )
    op.create_index(
        "ix_lectures_with_recording",
        "lectures",
        ["created_at", "id"],
        postgresql_where=sa.text("source_generation IS NOT NULL AND raw_deleted_at IS NULL"),
    )
    op.create_index(
        "ix_lectures_with_transcript",
        "lectures",
        ["created_at", "id"],
        postgresql_where=sa.text("transcript_object IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_lectures_with_transcript", "lectures")
    op.drop_index("ix_lectures_with_recording", "lectures")
    op.drop_index(op.f("ix_deletion_audit_events_run_id_generation"), "deletion_audit_events")
    op.drop_column("deletion_audit_events", "size")
    op.drop_column("deletion_audit_events", "run_id")
    op.drop_table("retention_runs")
    for kind in ("raw_audio_days_in_range", "transcript_days_in_range", "only_holds_have_reasons"):
        op.drop_constraint(op.f(f"ck_courses_{kind}"), "courses", type_="check")
    for column in ("retention_raw_audio_days", "retention_transcript_days", "held_until"):
        op.drop_column("courses", column)
    op.drop_column("courses", "hold_reason")
