"""Dead letters are replayed once; the sweep looks through the bucket in steps."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "dead_letters", sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "sweep_positions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reached", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep_positions")),
    )


def downgrade() -> None:
    op.drop_table("sweep_positions")
    op.drop_column("dead_letters", "replayed_at")
