"""What a person's calendar programs said of bookings: names, and what is kept for them alone."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import Session

from booking.core.frozen import frozen
from booking.core.values import State
from booking.models import Allocation, Booking, CalendarObject, Occurrence

_O = CalendarObject.__table__.c
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_PERSON: BindParameter[int] = bindparam("person")
_KNOWN = select(_O.booking_id, _O.href, _O.version, _O.changed_s, func.length(_O.kept)).where(
    _O.person_id == _PERSON
)
_KNOWN_OF = _KNOWN.where(_O.booking_id.in_(_IDS))
_TEXTS = select(_O.booking_id, _O.version, _O.kept, _O.body).where(
    _O.person_id == _PERSON, _O.booking_id.in_(_IDS)
)
_BY_HREF = select(_O.booking_id).where(
    _O.person_id == _PERSON, _O.href == bindparam("href"), _O.href != ""
)

_ANSWERS = (
    select(
        Occurrence.booking_id,
        Booking.zone,
        Occurrence.recurrence_id,
        Allocation.space_id,
        Allocation.state,
    )
    .join(Booking, Booking.id == Occurrence.booking_id)
    .join(Allocation, Allocation.occurrence_id == Occurrence.id)
    .where(Occurrence.booking_id.in_(_IDS))
    .order_by(Occurrence.booking_id, Occurrence.recurrence_id, Allocation.space_id)
)


@frozen()
class RoomAnswers:
    """What became of a booking in its rooms: space id -> state, of each date.

    Dates are by their start on the clock of ``zone``.  ``usual`` is what most of those
    that take place have.  Rooms that were given back are left out.
    """

    zone: str
    dates: Mapping[datetime, Mapping[int, State]]
    usual: Mapping[int, State]


@frozen()
class KnownObject:
    """An object that a person's program has named or added to; ``href`` "" is no name.

    Together with the version of the booking ``changed_at`` tells when the owner's text
    is another one.
    """

    booking_id: int
    href: str
    version: int
    changed_at: datetime
    has_kept: bool


@frozen()
class KeptText:
    """What is kept of an object: to be merged (``booking.ical.merged``).

    ``body`` is what was sent, byte for byte, where it says all of the booking at its
    present version; None otherwise.
    """

    kept: str
    body: bytes | None


def known_objects(
    session: Session, person_id: int, booking_ids: Collection[int] | None = None
) -> dict[int, KnownObject]:
    """Return booking id -> what is known of its object for a person; one statement.

    ``booking_ids`` None asks for all of them.
    """
    if booking_ids is None:
        rows = session.connection().execute(_KNOWN, {"person": person_id})
    else:
        asked = {"person": person_id, "ids": [*booking_ids]}
        rows = session.connection().execute(_KNOWN_OF, asked)
    return {
        booking_id: KnownObject(booking_id, href, version, changed_at, bool(length))
        for booking_id, href, version, changed_at, length in rows
    }


def kept_texts(session: Session, person_id: int, versions: dict[int, int]) -> dict[int, KeptText]:
    """Return booking id -> what is kept of its object; one statement.

    ``versions`` has the bookings that are asked for, each with its present version.
    """
    rows = session.connection().execute(_TEXTS, {"person": person_id, "ids": [*versions]})
    return {
        booking_id: KeptText(kept, body if version == versions[booking_id] else None)
        for booking_id, version, kept, body in rows
    }


def by_href(session: Session, person_id: int, href: str) -> list[int]:
    """Return the ids of the bookings that a person's program has given this name.

    In different calendars of a person different ones may have the same.
    """
    asked = {"person": person_id, "href": href}
    return [*session.connection().execute(_BY_HREF, asked).scalars()]


def room_answers(session: Session, booking_ids: Collection[int]) -> dict[int, RoomAnswers]:
    """Return booking id -> what became of it in its rooms; one statement."""
    rows = session.connection().execute(_ANSWERS, {"ids": [*booking_ids]})
    zones: dict[int, str] = {}
    dates: defaultdict[int, dict[datetime, dict[int, State]]] = defaultdict(dict)
    for booking_id, zone, recurrence_id, space_id, state in rows:
        zones[booking_id] = zone
        rooms = dates[booking_id].setdefault(recurrence_id, {})
        if State(state) is not State.CANCELLED:
            rooms[space_id] = State(state)
    return {
        booking_id: RoomAnswers(zones[booking_id], each, _usual(each))
        for booking_id, each in dates.items()
    }


def _usual(dates: Mapping[datetime, Mapping[int, State]]) -> dict[int, State]:
    every = Counter(
        tuple(rooms.items())
        for rooms in dates.values()
        if any(state.is_open for state in rooms.values())
    )
    return dict(every.most_common(1)[0][0]) if every else {}
