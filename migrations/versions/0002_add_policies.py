"""Policies of sites and spaces; sites and floors that can be edited."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("site", sa.Column("policy", sa.JSON(), nullable=True))
    op.add_column("site", sa.Column("archived_s", sa.BigInteger(), nullable=True))
    op.add_column("space", sa.Column("policy", sa.JSON(), nullable=True))
    op.add_column("floor", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
