"""An operator can take a lecture down: its owner cannot lift that restriction."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lectures", sa.Column("taken_down_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_lectures_taken_down_is_restricted"),
        "lectures",
        "taken_down_at IS NULL OR restricted_at IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_lectures_taken_down_is_restricted"), "lectures")
    op.drop_column("lectures", "taken_down_at")
