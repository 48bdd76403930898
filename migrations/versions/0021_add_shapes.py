"""Floors with their size and an underlay, spaces with their shape."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("floor", sa.Column("width_m", sa.Numeric(precision=6, scale=2)))
    op.add_column("floor", sa.Column("depth_m", sa.Numeric(precision=6, scale=2)))
    op.add_column("space", sa.Column("shape", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "space",
        sa.Column("area_given", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    # Until now every area was typed.
    space = sa.table("space", sa.column("area_m2"), sa.column("area_given", sa.Boolean()))
    op.execute(sa.update(space).where(space.c.area_m2.is_not(None)).values(area_given=True))
    op.create_table(
        "underlay",
        sa.Column("floor_id", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["floor_id"], ["floor.id"], name=op.f("fk_underlay_floor_id_floor")
        ),
        sa.PrimaryKeyConstraint("floor_id", name=op.f("pk_underlay")),
    )
