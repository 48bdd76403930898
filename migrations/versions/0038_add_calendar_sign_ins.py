"""Members sign in at a provider to connect a calendar."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    provider = sa.Column("provider", sa.String(40), nullable=False, server_default="")
    op.add_column("connection", provider)
    op.add_column("connection", sa.Column("renewing_until_s", sa.BigInteger()))
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "calendar_sign_in",
        sa.Column("id", big, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", big),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("username", sa.String(length=254), nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calendar_sign_in_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_calendar_sign_in_connection_id_connection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_sign_in")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_calendar_sign_in_state_hash")),
        sqlite_autoincrement=True,
    )
    for column in ("person_id", "connection_id"):
        op.create_index(f"ix_calendar_sign_in_{column}", "calendar_sign_in", [column])
