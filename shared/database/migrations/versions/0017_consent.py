"""A lecture has a record of who was informed of the recording, on what basis, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BASES = (
    *("consent", "contract", "legal_obligation", "vital_interests"),
    *("public_task", "legitimate_interests"),
)


def upgrade() -> None:
    op.add_column("lectures", sa.Column("consent_informed", sa.Text(), nullable=True))
    op.add_column(
        "lectures",
        sa.Column(
            "consent_basis",
            sa.Enum(*BASES, name="consent_basis", native_enum=False, length=32),
            nullable=True,
        ),
    )
    op.add_column("lectures", sa.Column("consent_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_lectures_consent_basis"),
        "lectures",
        "consent_basis IN ('consent', 'contract', 'legal_obligation', 'vital_interests',"
        " 'public_task', 'legitimate_interests')",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_lectures_consent_basis"), "lectures", type_="check")
    for column in ("consent_at", "consent_basis", "consent_informed"):
        op.drop_column("lectures", column)
