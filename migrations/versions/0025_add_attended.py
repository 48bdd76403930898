"""How many people came to a date."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("occurrence", sa.Column("attended", sa.Integer(), nullable=True))
