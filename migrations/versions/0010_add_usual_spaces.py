"""The usual spaces of a booking: single dates of a series may have others."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("booking", sa.Column("space_ids", sa.JSON(), nullable=False, server_default="[]"))
