"""The waiting list, and holds for whoever is next in it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("state IN ('waiting', 'offered')")
ONE_SOURCE = (
    "CASE WHEN allocation_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN closure_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN want_id IS NULL THEN 0 ELSE 1 END = 1"
)


def upgrade() -> None:
    op.create_table(
        "want",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("since_s", sa.BigInteger(), nullable=False),
        sa.Column("start_s", sa.BigInteger(), nullable=False),
        sa.Column("end_s", sa.BigInteger(), nullable=False),
        sa.Column("starts_local", sa.String(length=16), nullable=False),
        sa.Column("ends_local", sa.String(length=16), nullable=False),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("space_ids", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("attendance", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("recurrence_id", sa.String(length=16), nullable=True),
        sa.Column("expires_s", sa.BigInteger(), nullable=True),
        sa.Column("closed_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("end_s > start_s", name=op.f("ck_want_order")),
        sa.CheckConstraint("mode IN ('claim', 'offer')", name=op.f("ck_want_mode")),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'served', 'gone', 'expired')",
            name=op.f("ck_want_state"),
        ),
        sa.CheckConstraint(
            "(state = 'offered') = (expires_s IS NOT NULL)", name=op.f("ck_want_offered_until")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_want_person_id_person")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_want_site_id_site")),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["person.id"], name=op.f("fk_want_organiser_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_want_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_want_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_want")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_want_person_id", "want", ["person_id"])
    op.create_index("ix_want_booking_id", "want", ["booking_id"])
    op.create_index("ix_want_open", "want", ["start_s"], sqlite_where=OPEN, postgresql_where=OPEN)
    with op.batch_alter_table("hold", copy_from=_hold_before()) as hold:
        hold.drop_constraint(op.f("ck_hold_one_source"), type_="check")
        hold.add_column(sa.Column("want_id", BIG_KEY, nullable=True))
        hold.create_foreign_key(op.f("fk_hold_want_id_want"), "want", ["want_id"], ["id"])
        hold.create_check_constraint(op.f("ck_hold_one_source"), ONE_SOURCE)
        hold.create_index("ix_hold_want_id", ["want_id"])


def _hold_before() -> sa.Table:
    """Return the table as it was: SQLite makes it anew, and its checks cannot be read back."""
    return sa.Table(
        "hold",
        sa.MetaData(),
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.String(length=3), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("start_s", sa.BigInteger(), nullable=False),
        sa.Column("end_s", sa.BigInteger(), nullable=False),
        sa.Column("allocation_id", BIG_KEY, nullable=True),
        sa.Column("closure_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("layer IN ('use', 'let')", name=op.f("ck_hold_layer")),
        sa.CheckConstraint(
            "typeof(start_s) = 'integer' AND typeof(end_s) = 'integer'"
            " AND typeof(lane) = 'integer'",
            name=op.f("ck_hold_integers"),
        ),
        sa.CheckConstraint(
            "(allocation_id IS NULL) <> (closure_id IS NULL)", name=op.f("ck_hold_one_source")
        ),
        sa.CheckConstraint("end_s > start_s", name=op.f("ck_hold_order")),
        sa.CheckConstraint("lane >= 0", name=op.f("ck_hold_lane")),
        sa.ForeignKeyConstraint(
            ["allocation_id"], ["allocation.id"], name=op.f("fk_hold_allocation_id_allocation")
        ),
        sa.ForeignKeyConstraint(
            ["closure_id"], ["closure.id"], name=op.f("fk_hold_closure_id_closure")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["space.id"], name=op.f("fk_hold_part_id_space")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.Index("ix_hold_allocation_id", "allocation_id"),
        sa.Index("ix_hold_closure_id", "closure_id"),
        sa.Index("ix_hold_part_id_start_s", "part_id", "layer", "lane", "start_s", "end_s"),
    )
