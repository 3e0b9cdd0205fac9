"""A passage says where in its text each utterance begins: a hit has the time of its word."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("passages", sa.Column("utterances", JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("passages", "utterances")
