"""Leases, and holds of what is let."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SOURCES = ("allocation_id", "closure_id", "want_id")


def upgrade() -> None:
    op.add_column("space", sa.Column("let_lanes", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "lease",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("shares", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("area_m2", sa.BigInteger(), nullable=False),
        sa.Column("rent_m2", sa.BigInteger(), nullable=False),
        sa.Column("includes", sa.JSON(), nullable=False),
        sa.Column("room_min", sa.Integer(), nullable=True),
        sa.Column("months_notice", sa.Integer(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("follows_id", sa.Integer(), nullable=True),
        sa.Column("end_told", sa.Date(), nullable=True),
        sa.Column("notice_told", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends IS NULL OR ends >= starts", name=op.f("ck_lease_order")),
        sa.CheckConstraint("share >= 1 AND share <= shares", name=op.f("ck_lease_share")),
        sa.CheckConstraint("rent_m2 >= 0 AND area_m2 > 0", name=op.f("ck_lease_amounts")),
        sa.CheckConstraint("months_notice >= 0", name=op.f("ck_lease_notice")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_lease_site_id_site")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_lease_space_id_space")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_lease_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["follows_id"], ["lease.id"], name=op.f("fk_lease_follows_id_lease")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_lease_created_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lease")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lease_space_id_starts", "lease", ["space_id", "starts"])
    op.create_index("ix_lease_site_id_ends", "lease", ["site_id", "ends"])
    op.create_index("ix_lease_organisation_id", "lease", ["organisation_id"])
    op.create_index("ix_lease_follows_id", "lease", ["follows_id"])
    with op.batch_alter_table("hold", copy_from=_hold_before()) as hold:
        hold.drop_constraint(op.f("ck_hold_one_source"), type_="check")
        hold.add_column(sa.Column("lease_id", sa.Integer(), nullable=True))
        hold.create_foreign_key(op.f("fk_hold_lease_id_lease"), "lease", ["lease_id"], ["id"])
        hold.create_check_constraint(op.f("ck_hold_one_source"), _one_of(*SOURCES, "lease_id"))
        hold.create_index("ix_hold_lease_id", ["lease_id"])


def _one_of(*columns: str) -> str:
    return f"{' + '.join(f'CASE WHEN {each} IS NULL THEN 0 ELSE 1 END' for each in columns)} = 1"


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
        sa.Column("want_id", BIG_KEY, nullable=True),
        sa.CheckConstraint("layer IN ('use', 'let')", name=op.f("ck_hold_layer")),
        sa.CheckConstraint(
            "typeof(start_s) = 'integer' AND typeof(end_s) = 'integer'"
            " AND typeof(lane) = 'integer'",
            name=op.f("ck_hold_integers"),
        ),
        sa.CheckConstraint(_one_of(*SOURCES), name=op.f("ck_hold_one_source")),
        sa.CheckConstraint("end_s > start_s", name=op.f("ck_hold_order")),
        sa.CheckConstraint("lane >= 0", name=op.f("ck_hold_lane")),
        sa.ForeignKeyConstraint(
            ["allocation_id"], ["allocation.id"], name=op.f("fk_hold_allocation_id_allocation")
        ),
        sa.ForeignKeyConstraint(
            ["closure_id"], ["closure.id"], name=op.f("fk_hold_closure_id_closure")
        ),
        sa.ForeignKeyConstraint(["want_id"], ["want.id"], name=op.f("fk_hold_want_id_want")),
        sa.ForeignKeyConstraint(["part_id"], ["space.id"], name=op.f("fk_hold_part_id_space")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.Index("ix_hold_allocation_id", "allocation_id"),
        sa.Index("ix_hold_closure_id", "closure_id"),
        sa.Index("ix_hold_want_id", "want_id"),
        sa.Index("ix_hold_part_id_start_s", "part_id", "layer", "lane", "start_s", "end_s"),
    )
