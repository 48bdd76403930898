"""Calendars of others that the house follows, and their dates."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "calendar_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("mode", sa.String(length=6), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("every_min", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("may_lose", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("modified", sa.String(length=60), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.Column("tried_s", sa.BigInteger(), nullable=True),
        sa.Column("read_s", sa.BigInteger(), nullable=True),
        sa.Column("next_s", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "mode IN ('busy', 'public', 'show')", name=op.f("ck_calendar_source_mode")
        ),
        sa.CheckConstraint(
            "state IN ('active', 'paused', 'asks')", name=op.f("ck_calendar_source_state")
        ),
        sa.CheckConstraint(
            "mode <> 'busy' OR space_id IS NOT NULL", name=op.f("ck_calendar_source_space")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_calendar_source_site_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name=op.f("fk_calendar_source_space_id_space")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_calendar_source_created_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_source")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_calendar_source_site_id", "calendar_source", ["site_id"])
    op.create_index("ix_calendar_source_next_s", "calendar_source", ["next_s"])
    op.create_table(
        "source_event",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=500), nullable=False),
        sa.Column("start_s", sa.BigInteger(), nullable=False),
        sa.Column("end_s", sa.BigInteger(), nullable=False),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("closure_id", sa.Integer(), nullable=True),
        sa.Column("changed_s", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("end_s > start_s", name=op.f("ck_source_event_order")),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["calendar_source.id"],
            name=op.f("fk_source_event_source_id_calendar_source"),
        ),
        sa.ForeignKeyConstraint(
            ["closure_id"], ["closure.id"], name=op.f("fk_source_event_closure_id_closure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_source_event_source_id_key", "source_event", ["source_id", "key"], unique=True
    )
    op.create_index("ix_source_event_source_id_end_s", "source_event", ["source_id", "end_s"])
    op.create_index("ix_source_event_closure_id", "source_event", ["closure_id"])
