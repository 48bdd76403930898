"""Has a calendar changed?  Asked in one statement, instead of reading it all again."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from booking.core.calendars import Scope
from booking.models import (
    Booking,
    CalendarSource,
    CategoryRow,
    Collection,
    Organisation,
    Person,
    Site,
    Space,
)
from booking.queries.feed.wanted import related


@dataclass(frozen=True, slots=True)
class FeedState:
    """What a feed's bytes depend on, apart from its reader: equal states, equal bytes.

    ``revision`` counts changes of bookings, ``names`` those of what they are
    called: houses, spaces, organisations, people, categories.
    """

    revision: int
    names: tuple[int, ...]


def feed_state(session: Session, scope: Scope, *, person_id: int) -> FeedState:
    """Return the state of the calendar that a person has of a scope; one statement."""
    if scope.mine:
        query, owner = _STATE_OF_PERSON, person_id
    elif scope.organisation_id is not None:
        query, owner = _STATE_OF_ORGANISATION, scope.organisation_id
    elif scope.space_id is not None:
        query, owner = _STATE_OF_SPACE, scope.space_id
    elif scope.floor_id is not None:
        query, owner = _STATE_OF_FLOOR, scope.floor_id
    elif scope.site_id is not None:
        query, owner = _STATE_OF_SITE, scope.site_id
    else:
        query, owner = _STATE_OF_ALL, 0
    row = session.connection().execute(query, {"owner": owner}).one()
    return FeedState(int(row[0]), tuple(map(int, row[1:])))


def _state_of(kind: str, owners: Any) -> Select[Any]:
    """Return the revisions of a kind's owners, and the versions of all that has a name."""
    revisions = select(func.coalesce(func.sum(Collection.revision), 0)).where(
        Collection.kind == kind, owners
    )
    versions = (
        select(func.coalesce(func.sum(table.version), 0))
        for table in (Site, Space, Organisation, Person, CategoryRow)
    )
    return select(*(each.scalar_subquery() for each in (revisions, *versions)))


_OWNER: Any = bindparam("owner")
_STATE_OF_PERSON = _state_of("person", Collection.owner_id == _OWNER)
_STATE_OF_ORGANISATION = _state_of("organisation", Collection.owner_id == _OWNER)
_STATE_OF_ALL = _state_of("space", _OWNER == 0)
_STATE_OF_FLOOR = _state_of(
    "space", Collection.owner_id.in_(select(Space.id).where(Space.floor_id == _OWNER))
)
# Revisions begin anew with a house that is made anew; ids of bookings do not.
_STATE_OF_SITE = _state_of(
    "space", Collection.owner_id.in_(select(Space.id).where(Space.site_id == _OWNER))
).add_columns(select(func.coalesce(func.max(Booking.id), 0)).scalar_subquery())
_SOURCES_OF_SITE = select(func.coalesce(func.sum(CalendarSource.version), 0)).where(
    CalendarSource.site_id == _OWNER
)
_STATE_OF_PROGRAMME = _STATE_OF_SITE.add_columns(
    _SOURCES_OF_SITE.scalar_subquery(),
    select(func.count()).select_from(CalendarSource).scalar_subquery(),
)
_STATE_OF_SPACE = _state_of("space", Collection.owner_id.in_(related(_OWNER)))


def public_state(session: Session, site_id: int) -> FeedState:
    """Return what the programme of a site depends on; one statement."""
    row = session.connection().execute(_STATE_OF_PROGRAMME, {"owner": site_id}).one()
    return FeedState(int(row[0]), tuple(map(int, row[1:])))
