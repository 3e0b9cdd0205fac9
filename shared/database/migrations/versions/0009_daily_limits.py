"""What each owner has used of the daily limits is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily_usage",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("lectures", sa.Integer(), nullable=False),
        sa.Column("audio_sec", sa.Double(), nullable=False),
        sa.CheckConstraint(
            "lectures >= 0 AND audio_sec >= 0", name=op.f("ck_daily_usage_usage_is_not_negative")
        ),
        sa.PrimaryKeyConstraint("owner", "day", name=op.f("pk_daily_usage")),
    )
    op.add_column(
        "lectures",
        sa.Column("counted_audio_sec", sa.Double(), server_default="0", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("lectures", "counted_audio_sec")
    op.drop_table("daily_usage")
