"""Whether somebody came: when they checked in, or when the time went to others."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("allocation", sa.Column("checked_in_s", sa.BigInteger(), nullable=True))
    op.add_column("allocation", sa.Column("released_s", sa.BigInteger(), nullable=True))
