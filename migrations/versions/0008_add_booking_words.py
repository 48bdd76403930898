"""Words of titles, so that bookings are found."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "booking_word",
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_booking_word_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("word", "booking_id", name=op.f("pk_booking_word")),
    )
    op.create_index("ix_booking_word_booking_id", "booking_word", ["booking_id"])
