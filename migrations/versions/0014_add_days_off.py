"""Days off: what a series leaves out, and the zone of the school holidays of a site."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column(
        "booking", sa.Column("leaves_out", sa.JSON(), nullable=False, server_default="[]")
    )
    op.add_column(
        "site",
        sa.Column("school_zone", sa.String(length=10), nullable=False, server_default=""),
    )
