"""From a calendar file to what is asked of the house, one event after the other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking.actions import imports
from booking.core import hours
from booking.core.imports import (
    Choice,
    Clashing,
    Into,
    Left,
    Outcome,
    Wish,
    known_as,
    rooms_in,
    wish_of,
)
from booking.core.values import Actor, Site
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


def booked(
    found: Iterable[Wish | Left],
    actor: Actor,
    *,
    clashing: Clashing,
    now: datetime,
    told: set[int],
) -> Iterator[Outcome]:
    """Book what a file asks for, some events at a time; yield what became of each, in order.

    ``told`` has the spaces whose approvers know of this file, and grows.
    """
    do = partial(imports.import_events, actor=actor, clashing=clashing, now=now, told=told)
    return _in_order(found, do)


def looked_at(found: Iterable[Wish | Left], actor: Actor, *, now: datetime) -> Iterator[Outcome]:
    """Yield what would become of each, in order; nothing is stored."""
    return _in_order(found, partial(imports.preview_events, actor=actor, now=now))


def _in_order(
    found: Iterable[Wish | Left], do: Callable[[Sequence[Wish]], Sequence[Outcome]]
) -> Iterator[Outcome]:
    each = iter(found)
    while some := list(islice(each, imports.AT_ONCE)):
        done = iter(do([one for one in some if isinstance(one, Wish)]))
        yield from (imports.left_out(one) if isinstance(one, Left) else next(done) for one in some)
