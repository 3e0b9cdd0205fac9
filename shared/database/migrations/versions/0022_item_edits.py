"""Students change, hide and add items of the study material."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.grants import grant_statement

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

KINDS = (
    "bullet",
    "announcement",
    "outline-node",
    "outline-point",
    "key-term",
    "flashcard",
    "exam-question",
)


def upgrade() -> None:
    op.create_table(
        "item_edits",
        sa.Column("lecture_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("revision", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lecture_id"],
            ["lectures.id"],
            name=op.f("fk_item_edits_lecture_id_lectures"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("lecture_id", "item_id", name=op.f("pk_item_edits")),
    )
    op.add_column(
        "lectures", sa.Column("items_edited_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.execute(grant_statement())


def downgrade() -> None:
    op.drop_column("lectures", "items_edited_at")
    op.drop_table("item_edits")
