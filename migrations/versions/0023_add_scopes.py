"""What a calendar link is of: a room, a floor, a house, an organisation, a category."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    with op.batch_alter_table("subscription") as table:
        table.add_column(sa.Column("mine", sa.Boolean(), nullable=False, server_default=sa.true()))
        for other in ("floor", "site", "organisation"):
            table.add_column(sa.Column(f"{other}_id", sa.Integer(), nullable=True))
            name = op.f(f"fk_subscription_{other}_id_{other}")
            table.create_foreign_key(name, other, [f"{other}_id"], ["id"])
        table.add_column(sa.Column("category", sa.String(20), nullable=True))
    op.execute("UPDATE subscription SET mine = false WHERE space_id IS NOT NULL")
