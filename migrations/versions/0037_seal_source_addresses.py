"""Addresses of calendars of others are sealed: many have a secret in them."""

from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op
from flask import current_app

from booking.vault import Vault

revision = "0037"
down_revision = "0036"

SOURCE = sa.table(
    "calendar_source", sa.column("id"), sa.column("address"), sa.column("host", sa.String)
)


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        # What the new table takes the place of is overwritten, not only marked as free.
        bind.exec_driver_sql("PRAGMA secure_delete = ON")
    with op.batch_alter_table(
        "calendar_source", table_kwargs={"sqlite_autoincrement": True}
    ) as batch:
        batch.alter_column(
            "address", type_=sa.Text(), existing_type=sa.String(2000), existing_nullable=False
        )
        batch.add_column(sa.Column("host", sa.String(255), nullable=False, server_default=""))
    rows = bind.execute(sa.select(SOURCE.c.id, SOURCE.c.address)).all()
    if rows:
        vault = Vault(current_app.extensions["booking"]["config"])
    for row in rows:
        sealed = {"address": vault.seal(row.address), "host": _host(row.address)}
        bind.execute(sa.update(SOURCE).where(SOURCE.c.id == row.id).values(**sealed))


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "")[:255]
    except ValueError:
        return ""
