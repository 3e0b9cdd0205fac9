"""Identities of flashcards are persisted; those of existing lectures stay what they are."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAMES = "l.owner || E'\\n' || c.slug || E'\\n' || l.slug"
"""As shared/courses/identities.py writes them."""


def upgrade() -> None:
    op.create_table(
        "card_namespaces",
        sa.Column("names_sha256", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("names_sha256", name=op.f("pk_card_namespaces")),
    )
    op.create_index(op.f("ix_card_namespaces_owner"), "card_namespaces", ["owner"])
    op.create_table(
        "card_identities",
        sa.Column("lecture_id", sa.Uuid(), nullable=False),
        sa.Column("derived", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lecture_id"],
            ["lectures.id"],
            name=op.f("fk_card_identities_lecture_id_lectures"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("lecture_id", "derived", name=op.f("pk_card_identities")),
    )
    op.add_column("lectures", sa.Column("card_namespace", sa.Text(), nullable=True))
    op.execute(
        f"UPDATE lectures l SET card_namespace = {NAMES} FROM courses c WHERE c.id = l.course_id"  # noqa: S608
    )
    op.execute(
        "INSERT INTO card_namespaces (names_sha256, owner, namespace) "  # noqa: S608
        f"SELECT encode(sha256(convert_to({NAMES}, 'UTF8')), 'hex'), "
        "l.owner, c.id || E'\\n' || l.id FROM lectures l JOIN courses c ON c.id = l.course_id"
    )


def downgrade() -> None:
    op.drop_column("lectures", "card_namespace")
    op.drop_table("card_identities")
    op.drop_table("card_namespaces")
