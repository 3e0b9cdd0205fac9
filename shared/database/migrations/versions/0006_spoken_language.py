"""A lecture's language is detected once, from one of its segments."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("language_segment", sa.Integer(), nullable=True))
    op.add_column("jobs", sa.Column("spoken_language", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "spoken_language")
    op.drop_column("jobs", "language_segment")
