"""Tables of spaces, organisations and leases that people uploaded, until they are written."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sheet",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=13), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("existing", sa.String(length=6), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.Column("outcomes", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("changed_s", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('organisations', 'spaces', 'leases')", name=op.f("ck_sheet_kind")
        ),
        sa.CheckConstraint(
            "state IN ('looking', 'ready', 'writing', 'stopped', 'done')",
            name=op.f("ck_sheet_state"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sheet_person_id_person")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_sheet_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sheet_person_id", "sheet", ["person_id"])
    op.create_index("ix_sheet_changed_s", "sheet", ["changed_s"])
