"""What a calendar link is limited to: a filter that somebody saved."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.add_column("subscription", sa.Column("only", sa.JSON(), nullable=True))
