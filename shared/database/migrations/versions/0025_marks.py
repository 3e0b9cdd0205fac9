"""Students mark moments of a lecture."""

import sqlalchemy as sa
from alembic import op

from shared.database.grants import grant_statement

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lecture_marks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lecture_id", sa.Uuid(), nullable=False),
        sa.Column("at_sec", sa.Double(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("at_sec >= 0", name=op.f("ck_lecture_marks_times_begin_at_0")),
        sa.ForeignKeyConstraint(
            ["lecture_id"],
            ["lectures.id"],
            name=op.f("fk_lecture_marks_lecture_id_lectures"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lecture_marks")),
        sa.UniqueConstraint(
            "lecture_id", "at_sec", name=op.f("uq_lecture_marks_lecture_id_at_sec")
        ),
    )
    op.execute(grant_statement())


def downgrade() -> None:
    op.drop_table("lecture_marks")
