"""Indexes that nearly all rows have nothing in: each hold wrote three pages for them."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
SELDOM = ("closure_id", "want_id", "lease_id")


def upgrade() -> None:
    for name in SELDOM:
        index, is_there = f"ix_hold_{name}", sa.text(f"{name} IS NOT NULL")
        op.drop_index(index, "hold")
        op.create_index(index, "hold", [name], sqlite_where=is_there, postgresql_where=is_there)
    op.drop_index("ix_booking_site_id", "booking")  # a house has one site, or a few
