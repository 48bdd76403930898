"""Passwords of calendar apps, one for each device."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "app_password",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("access", sa.String(length=5), nullable=False),
        sa.Column("collections", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.Column("last_used_s", sa.BigInteger(), nullable=True),
        sa.Column("revoked_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("access IN ('read', 'write')", name=op.f("ck_app_password_access")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_app_password_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_password")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_app_password_secret_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_app_password_person_id"), "app_password", ["person_id"])
