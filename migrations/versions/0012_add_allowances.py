"""Fair use: what a space counts for, the limits of organisations, whose use an allocation is."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    weight = sa.Column("weight", sa.Integer(), server_default="100", nullable=False)
    op.add_column("space", weight)
    op.create_table(
        "allowance",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("limits", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_allowance_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_allowance_site_id_site")),
        sa.PrimaryKeyConstraint("organisation_id", "site_id", name=op.f("pk_allowance")),
    )
    op.add_column("allocation", sa.Column("organisation_id", sa.Integer(), nullable=True))
    op.add_column("allocation", sa.Column("person_id", sa.Integer(), nullable=True))
