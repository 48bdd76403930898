"""Many bookings at once: rows as the verbs would store them, in a few statements.

The guard stands while they are written, and every booking has its hold.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, insert, select

from booking.core.intervals import Interval
from booking.core.recurrence import to_local
from booking.core.values import Account, Actor, Space, State
from booking.models import Allocation, Booking, Hold, Occurrence
from tests.support.databases import writing
from tests.support.factories import NOW, House

BATCH = 5_000
TITLES = ("Réunion d’équipe", "Atelier CV", "Conseil", "Café & <papier>", "Formation", "Permanence")


@dataclass(frozen=True, slots=True)
class Meeting:
    """A booking of one date in one room, its times in UTC.

    Confirmed, or requested in a room where requests hold.
    """

    space: Space
    when: Interval
    by: Actor
    state: State = State.CONFIRMED


def days_of_meetings(house: House, *, first: int, days: int) -> Iterator[Meeting]:
    """Yield meetings of so many days from ``first`` days after tomorrow: two a room and weekday."""
    people = (house.member, house.stranger, house.manager)
    for day in range(first, first + days):
        if house.at(0, day=day).weekday() > 4:
            continue
        for nth, room in enumerate(house.rooms):
            for hour in (9 + nth % 2, 14 + nth % 3):
                by = people[(day + nth + hour) % len(people)]
                yield Meeting(room, house.interval(hour, hour + 1, day=day), by)


def fill(house: House, meetings: Iterable[Meeting]) -> int:
    """Store meetings; return how many."""
    stored = 0
    coming = iter(meetings)
    with writing(house.engine) as connection:
        while batch := list(islice(coming, BATCH)):
            _store(connection, house, batch)
            stored += len(batch)
        connection.exec_driver_sql("ANALYZE")  # a database that has lived knows itself
        if connection.dialect.name == "postgresql":
            for table in ("booking", "occurrence", "allocation"):
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                )
    return stored


def _store(connection: Connection, house: House, meetings: Sequence[Meeting]) -> None:
    booking = _next_id(connection, Booking)
    occurrence = _next_id(connection, Occurrence)
    allocation = _next_id(connection, Allocation)
    tables: dict[type[Any], list[dict[str, Any]]] = {
        each: [] for each in (Booking, Occurrence, Allocation, Hold)
    }
    for nth, meeting in enumerate(meetings):
        account = Account.of(min(meeting.by.organisations, default=None), meeting.by.person_id)
        times = {"start_s": meeting.when.start, "end_s": meeting.when.end}
        taken = meeting.space.blocked(meeting.when)
        tables[Booking].append(_booking(house, meeting, booking + nth))
        tables[Occurrence].append(
            {
                "id": occurrence + nth,
                "booking_id": booking + nth,
                "recurrence_id": to_local(meeting.when.start, house.site.zone),
                **times,
            }
        )
        tables[Allocation].append(
            {
                "id": allocation + nth,
                "occurrence_id": occurrence + nth,
                "space_id": meeting.space.id,
                "state": meeting.state.value,
                "setup_s": int(meeting.space.setup.total_seconds()),
                "cleanup_s": int(meeting.space.cleanup.total_seconds()),
                "organisation_id": account.organisation_id,
                "person_id": account.person_id,
                **times,
            }
        )
        tables[Hold].append(
            {
                "part_id": meeting.space.id,
                "layer": "use",
                "lane": 0,
                "start_s": taken.start,
                "end_s": taken.end,
                "allocation_id": allocation + nth,
            }
        )
    for model, rows in tables.items():
        connection.execute(insert(model.__table__), rows)


def _next_id(connection: Connection, model: type[Any]) -> int:
    last = connection.execute(select(func.max(model.__table__.c.id))).scalar()
    return (last or 0) + 1


def _booking(house: House, meeting: Meeting, booking_id: int) -> dict[str, Any]:
    start = to_local(meeting.when.start, house.site.zone)
    return {
        "id": booking_id,
        "uid": f"meeting-{booking_id}@example.org",
        "site_id": house.site.id,
        "title": TITLES[booking_id % len(TITLES)],
        "category": "meeting",
        "visibility": "private" if booking_id % 7 == 0 else "members",
        "organiser_id": meeting.by.person_id,
        "created_by_id": meeting.by.person_id,
        "organisation_id": min(meeting.by.organisations, default=None),
        "starts_local": start,
        "ends_local": to_local(meeting.when.end, house.site.zone),
        "zone": house.site.zone,
        "space_ids": [meeting.space.id],
        "tzdata_version": "2026a",
        "created_s": NOW,
        "updated_s": NOW,
    }
