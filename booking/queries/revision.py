"""Has anything changed that a board shows?  Asked instead of reading it all again."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from booking.models import Booking, CalendarSource, Collection, Organisation, Person, Site, Space


def _versions(table: type[Any]) -> list[Any]:
    """Return the sum of versions and the number of rows: every change moves one of them."""
    sums: tuple[Select[Any], ...] = (
        select(func.coalesce(func.sum(table.version), 0)),
        select(func.count()).select_from(table),
    )
    return [each.scalar_subquery() for each in sums]


_BOARD = select(
    # Every verb that changes a booking or a closure gives its spaces a new revision.
    select(func.sum(Collection.revision)).where(Collection.kind == "space").scalar_subquery(),
    # Revisions begin anew with a house that is made anew; ids do not.
    select(func.max(Booking.id)).scalar_subquery(),
    select(func.aggregate_strings(Space.name, "\n")).scalar_subquery(),
    *_versions(Site),
    *_versions(Space),
    *_versions(Organisation),
    *_versions(Person),
    *_versions(CalendarSource),
)


def board_state(session: Session) -> tuple[object, ...]:
    """Return what the boards of the house depend on, apart from who looks and the time.

    Equal values, equal boards.  One statement.
    """
    return tuple(session.connection().execute(_BOARD).one())
