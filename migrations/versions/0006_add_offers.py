"""Other times and spaces, proposed for a booking."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "offer",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", BIG_KEY, nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("starts_local", sa.String(length=16), nullable=False),
        sa.Column("ends_local", sa.String(length=16), nullable=False),
        sa.Column("space_ids", sa.JSON(), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.Column("expires_s", sa.BigInteger(), nullable=False),
        sa.Column("decided_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("ends_local > starts_local", name=op.f("ck_offer_order")),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'withdrawn', 'expired')",
            name=op.f("ck_offer_state"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_offer_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_offer_occurrence_id_occurrence")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_offer_made_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_offer_booking_id", "offer", ["booking_id"])
    op.create_index("ix_offer_occurrence_id", "offer", ["occurrence_id"])
    op.create_index(
        "ix_offer_open",
        "offer",
        ["expires_s"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
