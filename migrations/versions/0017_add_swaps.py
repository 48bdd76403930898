"""Two dates whose people may exchange their places."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "swap",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("given_booking_id", sa.Integer(), nullable=False),
        sa.Column("given_occurrence_id", BIG_KEY, nullable=False),
        sa.Column("given_version", sa.Integer(), nullable=False),
        sa.Column("wanted_booking_id", sa.Integer(), nullable=False),
        sa.Column("wanted_occurrence_id", BIG_KEY, nullable=False),
        sa.Column("wanted_version", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.Column("expires_s", sa.BigInteger(), nullable=False),
        sa.Column("decided_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_swap_state")
        ),
        sa.ForeignKeyConstraint(
            ["given_booking_id"], ["booking.id"], name=op.f("fk_swap_given_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["given_occurrence_id"],
            ["occurrence.id"],
            name=op.f("fk_swap_given_occurrence_id_occurrence"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["wanted_booking_id"], ["booking.id"], name=op.f("fk_swap_wanted_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["wanted_occurrence_id"],
            ["occurrence.id"],
            name=op.f("fk_swap_wanted_occurrence_id_occurrence"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_swap_made_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap")),
        sqlite_autoincrement=True,
    )
    for side in ("given", "wanted"):
        for column in ("booking_id", "occurrence_id"):
            name = f"{side}_{column}"
            op.create_index(f"ix_swap_{name}", "swap", [name])
