"""Bookings as other time zone data would have made them."""

from collections.abc import Collection

from sqlalchemy import Engine, text

from booking.db import db
from tests.support.databases import writing

OLD = "2020a"
_OF = "SELECT id FROM occurrence WHERE booking_id IN (SELECT id FROM booking WHERE {which})"


def made_with_old_data(
    engine: Engine, *, hours: int = 1, booking_ids: Collection[int] | None = None
) -> None:
    """Store all bookings, or some, as if the clocks had been so many hours behind.

    What is stored is then earlier or later than the wall clock of today's data says.
    """
    db.session.rollback()  # whoever reads on would keep this from being written
    which = "1 = 1"
    if booking_ids is not None:
        which = f"id IN ({', '.join(map(str, booking_ids))})"
    of = _OF.format(which=which)
    allocations = f"SELECT id FROM allocation WHERE occurrence_id IN ({of})"
    seconds = hours * 3600
    with writing(engine) as connection:
        held = connection.execute(
            text(
                f"DELETE FROM hold WHERE allocation_id IN ({allocations}) RETURNING"
                " part_id, layer, lane, start_s, end_s, allocation_id"
            )
        ).all()
        for table, rows in (("occurrence", of), ("allocation", allocations)):
            connection.execute(
                text(
                    f"UPDATE {table} SET start_s = start_s + {seconds}, end_s = end_s + {seconds}"
                    f" WHERE id IN ({rows})"
                )
            )
        for row in held:
            connection.execute(
                text(
                    "INSERT INTO hold (part_id, layer, lane, start_s, end_s, allocation_id)"
                    f" VALUES (:part_id, :layer, :lane, :start_s + {seconds}, :end_s + {seconds},"
                    " :allocation_id)"
                ),
                dict(row._mapping),
            )
        connection.execute(text(f"UPDATE booking SET tzdata_version = '{OLD}' WHERE {which}"))
