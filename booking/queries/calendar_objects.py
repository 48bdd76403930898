"""What a person's calendar programs said of bookings: names, and what is kept for them alone."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import Session

from booking.core.frozen import frozen
from booking.models import CalendarObject

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
