"""What each lecture says of a thread is kept apart, and threads have more than one name."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With a default, so that the code of before can still begin threads.
    op.add_column(
        "threads",
        sa.Column(
            "aliases", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.create_table(
        "thread_accounts",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("lecture_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("complexity", sa.Integer(), nullable=False),
        sa.Column(
            "change",
            sa.Enum(
                "refinement",
                "contradiction",
                "complexity",
                name="change",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "complexity BETWEEN 1 AND 5", name=op.f("ck_thread_accounts_complexity_is_1_to_5")
        ),
        sa.CheckConstraint(
            "(change IS NULL) = (summary IS NULL)",
            name=op.f("ck_thread_accounts_changes_are_told"),
        ),
        sa.ForeignKeyConstraint(
            ["lecture_id"],
            ["lectures.id"],
            name=op.f("fk_thread_accounts_lecture_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["threads.id"],
            name=op.f("fk_thread_accounts_thread_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("thread_id", "lecture_id", name=op.f("pk_thread_accounts")),
    )
    op.create_index(
        op.f("ix_thread_accounts_lecture_id"), "thread_accounts", ["lecture_id"], unique=False
    )
    # Until now the words of the lecture that began a thread stood for all.
    op.execute(
        """
        INSERT INTO thread_accounts
            (thread_id, lecture_id, title, aliases, description, complexity, change, summary)
        SELECT t.id, spoken.lecture_id, t.title, '{}', t.description, t.complexity,
            u.change, u.summary
        FROM (SELECT DISTINCT thread_id, lecture_id FROM thread_occurrences) AS spoken
        JOIN threads AS t ON t.id = spoken.thread_id
        LEFT JOIN thread_updates AS u
            ON u.thread_id = spoken.thread_id AND u.lecture_id = spoken.lecture_id
        """
    )


def downgrade() -> None:
    op.drop_table("thread_accounts")
    op.drop_column("threads", "aliases")
