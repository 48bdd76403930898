"""A series without an end knows of dates that it will leave out when it comes to them."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    beyond = sa.Column("exdates_beyond", sa.JSON(), nullable=False, server_default="[]")
    op.add_column("booking", beyond)
