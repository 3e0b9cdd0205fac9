"""Transcripts can be corrected, and courses keep the terms that were put right."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transcript_revisions",
        sa.Column("lecture_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("corrected", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_transcript_revisions_numbers_begin_at_1")),
        sa.CheckConstraint(
            "corrected >= 0", name=op.f("ck_transcript_revisions_corrected_is_a_count")
        ),
        sa.ForeignKeyConstraint(
            ["lecture_id"],
            ["lectures.id"],
            name=op.f("fk_transcript_revisions_lecture_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("lecture_id", "number", name=op.f("pk_transcript_revisions")),
        sa.UniqueConstraint("object", name=op.f("uq_transcript_revisions_object")),
    )
    op.create_table(
        "course_terms",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("course_id", "term", name=op.f("pk_course_terms")),
    )
    op.create_index(
        op.f("ix_course_terms_course_id_corrected_at"),
        "course_terms",
        ["course_id", "corrected_at"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("course_terms")
    op.drop_table("transcript_revisions")
