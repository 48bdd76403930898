"""Whose use the allocations are that are stored already, and the indexes to ask for it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

# A join by hand: both engines find the booking of each row by its keys.
OWNER = """
(SELECT {column} FROM booking JOIN occurrence ON occurrence.booking_id = booking.id
 WHERE occurrence.id = allocation.occurrence_id)
"""


def upgrade() -> None:
    organiser = "CASE WHEN booking.organisation_id IS NULL THEN booking.organiser_id END"
    op.execute(
        "UPDATE allocation SET"
        f" organisation_id = {OWNER.format(column='booking.organisation_id')},"
        f" person_id = {OWNER.format(column=organiser)}"
    )
    for column in ("organisation_id", "person_id"):
        condition = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_allocation_{column}_start_s",
            "allocation",
            [column, "start_s"],
            sqlite_where=condition,
            postgresql_where=condition,
        )
