"""Bookings as lines of a list: one's own, or those of the house that one may read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from booking.core.values import Actor, OccurrenceView, Role, State, Visibility
from booking.models import Allocation, Booking, BookingWord, Occurrence
from booking.queries import agenda

LAST_LETTER = "\U0010ffff"


class Show(StrEnum):
    """Which of the bookings: what comes, what waits for a decision, what is over."""

    COMING = "coming"
    WAITING = "waiting"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class OwnBooking:
    """One line: the allocations of the next date (of past ones: the last), by space.

    ``dates`` counts all dates that the list is about, this one too.
    """

    booking_id: int
    views: tuple[OccurrenceView, ...]
    dates: int


def own_bookings(
    session: Session,
    *,
    person_id: int | None = None,
    organisation_ids: Collection[int] = (),
    reader: Actor | None = None,
    show: Show,
    states: Collection[State],
    now: datetime,
    limit: int,
    offset: int = 0,
    words: Collection[str] = (),
    space_id: int | None = None,
) -> list[OwnBooking]:
    """Return bookings that a person organises or made, or of organisations, by time.

    With a ``reader`` all that this person may read.  ``words`` are what words
    of the title begin with (``booking.core.words``), ``space_id`` is one of
    the spaces.

    What comes is ordered by its next date, what is over by its last, the
    latest first.  Only allocations in one of ``states`` count.  Three
    statements, whatever there is.  Unredacted.
    """
    whose = readable_by(reader) if reader else _whose(person_id, organisation_ids)
    which = and_(_when(show, states, now), *_found_by(words))
    if space_id is not None:
        which &= Allocation.space_id == space_id
    groups = session.execute(_grouped(whose, which, show).limit(limit).offset(offset)).all()
    if not groups:
        return []
    wanted = [(row.booking_id, row.at) for row in groups]
    ids = session.execute(
        select(Allocation.id)
        .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
        .where(
            Allocation.state.in_([each.value for each in states]),
            or_(
                *(
                    and_(Occurrence.booking_id == booking_id, Allocation.start == at)
                    for booking_id, at in wanted
                )
            ),
        )
    ).scalars()
    views = sorted(agenda.by_allocation(session, [*ids]).values(), key=lambda each: each.space_id)
    return [
        OwnBooking(
            row.booking_id,
            tuple(each for each in views if each.booking_id == row.booking_id),
            row.dates,
        )
        for row in groups
    ]


def _whose(person_id: int | None, organisation_ids: Collection[int]) -> ColumnElement[bool]:
    if person_id is None:
        return Booking.organisation_id.in_(organisation_ids)
    return or_(Booking.organiser_id == person_id, Booking.created_by_id == person_id)


def readable_by(reader: Actor) -> ColumnElement[bool]:
    """Return which bookings somebody may read, as ``booking.core.visibility`` has it."""
    administered = [each for each in reader.grants if each.role is Role.ADMIN]
    decides = [*administered, *(each for each in reader.grants if each.role is Role.APPROVER)]
    everywhere = reader.operator or any(
        each.site_id is None and (each.space_id is None or each.role is Role.ADMIN)
        for each in decides
    )
    if everywhere:
        return true()
    return or_(
        Booking.visibility != Visibility.PRIVATE.value,
        Booking.organiser_id == reader.person_id,
        Booking.created_by_id == reader.person_id,
        Booking.organisation_id.in_(reader.manages),
        Booking.site_id.in_({each.site_id for each in decides if each.space_id is None}),
        Allocation.space_id.in_({each.space_id for each in decides if each.space_id is not None}),
    )


def _found_by(words: Collection[str]) -> list[ColumnElement[bool]]:
    """Return that a booking has a word that begins with each of these; ranges of the index."""
    return [
        Booking.id.in_(
            select(BookingWord.booking_id).where(
                BookingWord.word >= each, BookingWord.word < each + LAST_LETTER
            )
        )
        for each in words
    ]


def _when(show: Show, states: Collection[State], now: datetime) -> ColumnElement[bool]:
    when = Allocation.end <= now if show is Show.PAST else Allocation.end > now
    return and_(when, Allocation.state.in_([each.value for each in states]))


def _grouped(
    whose: ColumnElement[bool], when: ColumnElement[bool], show: Show
) -> Select[int, datetime, int]:
    """Return booking id, the start of the date to show, and the number of dates."""
    past = show is Show.PAST
    at = func.max(Allocation.start) if past else func.min(Allocation.start)
    return (
        select(
            Booking.id.label("booking_id"),
            at.label("at"),
            func.count(Occurrence.id.distinct()).label("dates"),
        )
        .join(Occurrence, Occurrence.booking_id == Booking.id)
        .join(Allocation, Allocation.occurrence_id == Occurrence.id)
        .where(whose, when)
        .group_by(Booking.id)
        .order_by(at.desc() if past else at, Booking.id)
    )
