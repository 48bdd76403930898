"""Connections with members' own calendars, and what is known of each object there."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "connection",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("home", sa.String(length=2000), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("username", sa.String(length=254), nullable=False),
        sa.Column("scheme", sa.String(length=6), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("mine", sa.Boolean(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("edits", sa.String(length=7), nullable=False),
        sa.Column("deletes", sa.String(length=7), nullable=False),
        sa.Column("books", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("shares_busy", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("sync_token", sa.String(length=2000), nullable=True),
        sa.Column("ctag", sa.String(length=2000), nullable=True),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.Column("succeeded_s", sa.BigInteger(), nullable=True),
        sa.Column("moved_s", sa.BigInteger(), nullable=True),
        sa.Column("told_s", sa.BigInteger(), nullable=True),
        sa.Column("due_s", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=True),
        sa.Column("leased_until_s", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'paused', 'stopped', 'ending')",
            name=op.f("ck_connection_state"),
        ),
        sa.CheckConstraint(
            "scheme IN ('basic', 'digest', 'bearer', 'oauth')", name=op.f("ck_connection_scheme")
        ),
        sa.CheckConstraint(
            "edits IN ('ask', 'follow', 'restore')", name=op.f("ck_connection_edits")
        ),
        sa.CheckConstraint(
            "deletes IN ('ask', 'cancel', 'restore')", name=op.f("ck_connection_deletes")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_connection_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name=op.f("fk_connection_space_id_space")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_connection_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_connection_person_id", "connection", ["person_id"])
    at_work = sa.text("state IN ('active', 'ending')")
    op.create_index(
        "ix_connection_due_s",
        "connection",
        ["due_s"],
        sqlite_where=at_work,
        postgresql_where=at_work,
    )
    op.create_table(
        "remote_object",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("connection_id", BIG_KEY, nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("uid", sa.String(length=255), nullable=False),
        sa.Column("href", sa.String(length=2000), nullable=False),
        sa.Column("etag", sa.String(length=500), nullable=True),
        sa.Column("theirs", sa.String(length=64), nullable=False),
        sa.Column("pushed", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("base", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("flips", sa.Integer(), nullable=False),
        sa.Column("flips_since_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('synced', 'push', 'remove', 'ask', 'refused', 'left')",
            name=op.f("ck_remote_object_state"),
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_remote_object_connection_id_connection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_remote_object_booking_id_booking"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_object")),
        sa.UniqueConstraint(
            "connection_id", "uid", name=op.f("uq_remote_object_connection_id_uid")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_remote_object_booking_id", "remote_object", ["booking_id"])
    op.create_index(
        "ix_remote_object_connection_id_href", "remote_object", ["connection_id", "href"]
    )
    op.create_table(
        "connection_event",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("connection_id", BIG_KEY, nullable=False),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_connection_event_connection_id_connection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_connection_event_booking_id_booking"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_connection_event_connection_id_id", "connection_event", ["connection_id", "id"]
    )
