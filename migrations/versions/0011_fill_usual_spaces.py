"""The usual spaces of what is stored already: so far all dates have the same."""

from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

SOME = 1_000
_BOOKING = sa.table("booking", sa.column("id", sa.Integer), sa.column("space_ids", sa.JSON))


def upgrade() -> None:
    connection = op.get_bind()
    known = sa.text("SELECT id FROM booking WHERE id > :last ORDER BY id LIMIT :some")
    asked = sa.text(
        "SELECT DISTINCT occurrence.booking_id, allocation.space_id FROM allocation"
        " JOIN occurrence ON occurrence.id = allocation.occurrence_id"
        " WHERE occurrence.booking_id > :last AND occurrence.booking_id <= :to"
        " ORDER BY occurrence.booking_id, allocation.space_id"
    )
    store = (
        sa.update(_BOOKING)
        .where(_BOOKING.c.id == sa.bindparam("of"))
        .values(space_ids=sa.bindparam("spaces", type_=sa.JSON))
    )
    last = 0
    while ids := connection.execute(known, {"last": last, "some": SOME}).scalars().all():
        rows = connection.execute(asked, {"last": last, "to": ids[-1]}).all()
        last = ids[-1]
        found = [
            {"of": booking_id, "spaces": [space_id for _, space_id in group]}
            for booking_id, group in groupby(rows, key=itemgetter(0))
        ]
        if found:
            connection.execute(store, found)
