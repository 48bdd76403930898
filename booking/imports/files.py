"""From a calendar file to what is asked of the house, one event after the other."""

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking.core import hours
from booking.core.imports import Choice, Into, Left, Wish, known_as, rooms_in, wish_of
from booking.core.values import Site
from booking.ical.reading import Calendar
from booking.queries import houses


def into_of(session: Session, site: Site, choice: Choice, *, now: datetime) -> Into:
    """Return where and how to import, with the names of the site's rooms."""
    rooms: dict[str, int] = {}
    for space in houses.spaces(session, site.id) if choice.by_place else ():
        if space.bookable:
            rooms.setdefault(known_as(space.name), space.id)
    return Into(
        zone=site.zone,
        now=now,
        edge=hours.edge(site, now),
        space_ids=choice.space_ids,
        untitled=_("Imported"),
        rooms=lambda place: rooms_in(place, rooms),
        by_place=choice.by_place,
        organisation_id=choice.organisation_id,
        category=choice.category,
    )


def wishes(calendar: Calendar, into: Into) -> Iterator[Wish | Left]:
    """Yield what each event of a file asks for, or why it is left out, in the file's order."""
    for event in calendar.events():
        yield event if isinstance(event, Left) else wish_of(event, into)
