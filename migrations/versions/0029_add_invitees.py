"""Who is invited to bookings by mail, and what they answered."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANSWERS = "answer IN ('needs-action', 'accepted', 'tentative', 'declined')"


def upgrade() -> None:
    op.create_table(
        "invitee",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("invited_s", sa.BigInteger(), nullable=False),
        sa.Column("removed_s", sa.BigInteger(), nullable=True),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("asked_sequence", sa.Integer(), nullable=False),
        sa.Column("answered_sequence", sa.Integer(), nullable=True),
        sa.Column("stamped_s", sa.BigInteger(), nullable=True),
        sa.Column("answered_s", sa.BigInteger(), nullable=True),
        sa.Column("told_method", sa.String(length=7), nullable=False),
        sa.Column("told_sequence", sa.Integer(), nullable=False),
        sa.Column("told_version", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=9), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_invitee_email_lower")),
        sa.CheckConstraint(ANSWERS, name=op.f("ck_invitee_answer")),
        sa.CheckConstraint(
            "told_method IN ('', 'request', 'cancel')", name=op.f("ck_invitee_told_method")
        ),
        sa.CheckConstraint(
            "trouble IN ('', 'opted_out', 'refused', 'ours')", name=op.f("ck_invitee_trouble")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_invitee_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_invitee_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["person.id"], name=op.f("fk_invitee_invited_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitee")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_invitee_booking_id_email", "invitee", ["booking_id", "email"], unique=True)
    op.create_index(op.f("ix_invitee_person_id"), "invitee", ["person_id"])
    op.create_index("ix_invitee_invited_by_id_invited_s", "invitee", ["invited_by_id", "invited_s"])
    op.create_table(
        "invitee_date",
        sa.Column("invitee_id", BIG_KEY, nullable=False),
        sa.Column("recurrence_id", sa.String(length=16), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("answered_sequence", sa.Integer(), nullable=False),
        sa.Column("stamped_s", sa.BigInteger(), nullable=False),
        sa.Column("answered_s", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(ANSWERS, name=op.f("ck_invitee_date_answer")),
        sa.ForeignKeyConstraint(
            ["invitee_id"], ["invitee.id"], name=op.f("fk_invitee_date_invitee_id_invitee")
        ),
        sa.PrimaryKeyConstraint("invitee_id", "recurrence_id", name=op.f("pk_invitee_date")),
    )
    op.create_table(
        "opt_out",
        sa.Column("email_hash", sa.String(length=64), nullable=False),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("email_hash", name=op.f("pk_opt_out")),
    )
