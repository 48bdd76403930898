"""What calendar programs say of bookings; a UID is of one booking."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.drop_index("ix_booking_uid", "booking")
    op.create_index("uq_booking_uid", "booking", ["uid"], unique=True)
    op.create_table(
        "calendar_object",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("href", sa.String(length=255), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_calendar_object_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calendar_object_person_id_person")
        ),
        sa.PrimaryKeyConstraint("booking_id", "person_id", name=op.f("pk_calendar_object")),
    )
    op.create_index(
        "ix_calendar_object_person_id_href",
        "calendar_object",
        ["person_id", "href"],
        sqlite_where=sa.text("href <> ''"),
        postgresql_where=sa.text("href <> ''"),
    )
    op.create_table(
        "refusal",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_refusal_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "digest", name=op.f("pk_refusal")),
    )
