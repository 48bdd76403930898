"""When members are busy by their own calendars, where they want others to know."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "busy_calendar",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("connection_id", BIG_KEY, nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("way", sa.String(length=6), nullable=False),
        sa.Column("read_s", sa.BigInteger(), nullable=True),
        sa.Column("due_s", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.CheckConstraint("way IN ('', 'times', 'events')", name=op.f("ck_busy_calendar_way")),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_busy_calendar_connection_id_connection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_calendar")),
        sa.UniqueConstraint(
            "connection_id", "url", name=op.f("uq_busy_calendar_connection_id_url")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "busy_time",
        sa.Column("calendar_id", BIG_KEY, nullable=False),
        sa.Column("start_s", sa.BigInteger(), nullable=False),
        sa.Column("end_s", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("end_s > start_s", name=op.f("ck_busy_time_end_after_start")),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["busy_calendar.id"],
            name=op.f("fk_busy_time_calendar_id_busy_calendar"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("calendar_id", "start_s", name=op.f("pk_busy_time")),
    )
