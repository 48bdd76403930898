"""Two bodies of one object are told apart without being read."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    column = sa.Column("digest", sa.String(24), nullable=False, server_default="")
    op.add_column("calendar_object", column)
