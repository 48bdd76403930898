"""Which servers are being asked is known without a look at every connection."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
INDEX = "ix_connection_leased_until_s_host"


def upgrade() -> None:
    taken = sa.text("leased_until_s IS NOT NULL")
    op.create_index(
        INDEX,
        "connection",
        ["leased_until_s", "host"],
        sqlite_where=taken,
        postgresql_where=taken,
    )
