"""Each function has the privileges on tables that it uses, by a role of its own.

The way down leaves them: the code of before needs no others, and a table that goes takes them with
it.
"""

from alembic import op

from shared.database.grants import grant_statement

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(grant_statement())


def downgrade() -> None:
    pass
