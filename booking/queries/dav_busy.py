"""When rooms and people are busy, several at once."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.core.frozen import frozen
from booking.core.intervals import Interval
from booking.core.values import State, Visibility
from booking.models import Allocation, Booking, Hold, Occurrence, Person
from booking.queries.dav import Taken, held_in, room_lanes, taken_of


@frozen()
class Held:
    """Time that a person has booked, with what the right to know of it follows from."""

    person_id: int
    interval: Interval
    is_confirmed: bool
    visibility: Visibility
    organiser_id: int | None
    created_by_id: int | None
    organisation_id: int | None
    site_id: int
    space_id: int


_IDS: Any = bindparam("ids", expanding=True)
_EMAILS: Any = bindparam("emails", expanding=True)
_PEOPLE = select(Person.email, Person.id).where(
    Person.email.in_(_EMAILS), Person.archived_at.is_(None)
)
_HELD = (
    select(
        Booking.organiser_id,
        Allocation.start,
        Allocation.end,
        Allocation.state,
        Booking.visibility,
        Booking.created_by_id,
        Booking.organisation_id,
        Booking.site_id,
        Allocation.space_id,
    )
    .select_from(Booking)
    .join(Occurrence, Occurrence.booking_id == Booking.id)
    .join(Allocation, Allocation.occurrence_id == Occurrence.id)
    .where(
        Booking.organiser_id.in_(_IDS),
        Allocation.start < bindparam("before", type_=Hold.start.type),
        Allocation.end > bindparam("since", type_=Hold.start.type),
        Allocation.state.in_([each.value for each in State if each.is_open]),
    )
)


def people_by_email(session: Session, emails: Iterable[str]) -> dict[str, int]:
    """Return e-mail address -> person id of those who have an account; one statement."""
    rows = session.execute(_PEOPLE, {"emails": sorted(set(emails))})
    return {row.email: row.id for row in rows}


def busy_people(session: Session, person_ids: Collection[int], window: Interval) -> list[Held]:
    """Return what people have booked for themselves in a time, in no order; one statement."""
    rows: Any  # their organiser is one of those who are asked for
    asked = {"ids": [*person_ids], "since": window.start, "before": window.end}
    rows = session.execute(_HELD, asked)
    return [
        Held(
            row[0],
            Interval(row[1], row[2]),
            row[3] == State.CONFIRMED.value,
            Visibility(row[4]),
            row[0],
            *row[5:],
        )
        for row in rows
    ]


def busy_rooms(
    session: Session, parts: Mapping[int, Collection[int]], window: Interval
) -> dict[int, Taken]:
    """Return when rooms cannot be had, by id; ``parts`` are those of each.  Two statements."""
    every = {each for some in parts.values() for each in some}
    lanes = room_lanes(session, every)
    rows = held_in(session, every, window)
    return {
        room: taken_of(rows, {each: lanes[each] for each in own}) for room, own in parts.items()
    }
