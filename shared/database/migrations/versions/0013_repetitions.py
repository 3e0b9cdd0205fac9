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
    op.add_column("courses", sa.Column("retention_material_days", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ck_courses_material_days_in_range"),
        "courses",
        "retention_material_days IS NULL OR retention_material_days BETWEEN 1 AND 3650",
    )
    op.add_column(
        "lectures", sa.Column("material_deleted_at", sa.DateTime(timezone=True), nullable=True)
    )
    # A hold could be set until the year 9999.
    op.execute(
        "UPDATE courses SET held_until = now() + interval '3650 days'"
        " WHERE held_until > now() + interval '3650 days'"
    )


def downgrade() -> None:
    op.drop_column("lectures", "material_deleted_at")
    op.drop_constraint(op.f("ck_courses_material_days_in_range"), "courses", type_="check")
    op.drop_column("courses", "retention_material_days")
    op.drop_index(op.f("ix_dead_letters_lecture_id"), "dead_letters")
    op.drop_column("dead_letters", "lecture_id")
    op.drop_column("course_terms", "lectures")
    op.drop_column("exports", "sources")
