"""Whether a series without an end goes on next season."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "renewal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("season", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_s", sa.BigInteger(), nullable=False),
        sa.Column("warned_s", sa.BigInteger(), nullable=True),
        sa.Column("decided_s", sa.BigInteger(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'warned', 'kept', 'given_back', 'ended')",
            name=op.f("ck_renewal_state"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_renewal_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_renewal_decided_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_renewal_booking_id_season", "renewal", ["booking_id", "season"], unique=True
    )
