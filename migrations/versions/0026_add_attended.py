"""How many people came to a date."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("occurrence", sa.Column("attended", sa.Integer(), nullable=True))
