"""Calendar files that people uploaded, until they are booked."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("clashing", sa.String(length=5), nullable=False),
        sa.Column("objects", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("changed_s", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('receiving', 'looking', 'ready', 'booking', 'stopped', 'done')",
            name=op.f("ck_import_file_state"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_import_file_person_id_person")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_import_file_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_import_file_person_id", "import_file", ["person_id"])
    op.create_index("ix_import_file_changed_s", "import_file", ["changed_s"])
    op.create_table(
        "import_part",
        sa.Column("file_id", BIG_KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("objects", sa.Integer(), nullable=False),
        sa.Column("fates", sa.String(length=80), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["import_file.id"],
            name=op.f("fk_import_part_file_id_import_file"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("file_id", "number", name=op.f("pk_import_part")),
    )
