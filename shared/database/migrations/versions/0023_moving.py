"""The API moves lectures from one course to another."""

from alembic import op

from shared.database.grants import grant_statement

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(grant_statement())


def downgrade() -> None:
    pass
