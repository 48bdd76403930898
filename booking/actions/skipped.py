"""Dates that were left out of a series, or displaced, and wait for their time to become free."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from sqlalchemy.orm import Session

from booking.actions import wants
from booking.core.errors import InvalidRequest
from booking.core.intervals import Interval
from booking.core.recurrence import to_local
from booking.core.requests import BookingRequest
from booking.core.values import Actor, BookingView, OccurrenceView, State, WaitMode, Want, WantState
from booking.core.waiting import MOST_PLACES
from booking.queries import agenda, waiting

# For a clash: chosen by somebody, or found when a series without an end went on.
LEFT_OUT = frozenset({State.SKIPPED, State.CONFLICT})
# Whoever was displaced did not give the date up.
LOST = LEFT_OUT | {State.CANCELLED}
MOST_FOLLOWERS = 50  # series that go on with each other


@dataclass(frozen=True, slots=True)
class SkippedDate:
    """A date that was left out, or lost, with the spaces that it lacks, in id order."""

    booking: BookingView
    views: tuple[OccurrenceView, ...]

    @property
    def interval(self) -> Interval:
        """When it is, without buffers."""
        return self.views[0].interval

    @property
    def recurrence_id(self) -> datetime:
        """Its local start by the rule."""
        return self.views[0].recurrence_id

    @property
    def request(self) -> BookingRequest:
        """The request that would book it alone."""
        start, end = (
            to_local(at, self.booking.zone) for at in (self.interval.start, self.interval.end)
        )
        return BookingRequest(
            space_ids=tuple(each.space_id for each in self.views),
            start=start,
            end=end,
            title=self.views[0].title,
            all_day=self.booking.all_day,
            organisation_id=self.booking.organisation_id,
            organiser_id=self.booking.organiser_id,
            attendance=self.booking.attendance,
            category=self.booking.category,
            visibility=self.booking.visibility,
            note=self.views[0].note,
        )

    def moved_from(self, want: Want) -> bool:
        """Whether it is at another time, or in other spaces, than somebody waits for."""
        return (self.interval, self.request.space_ids) != (want.interval, want.space_ids)


def skipped_dates(booking: BookingView, states: Collection[State] = LEFT_OUT) -> list[SkippedDate]:
    """Return the dates of a series that were left out, and nothing else, by time.

    ``states`` are those that all spaces of such a date have one of.
    """
    ordered = sorted(booking.occurrences, key=attrgetter("occurrence_id", "space_id"))
    dates = (tuple(some) for _, some in groupby(ordered, key=attrgetter("occurrence_id")))
    found = [
        SkippedDate(booking, views)
        for views in dates
        if all(each.state in states for each in views)
    ]
    return sorted(found, key=lambda each: each.interval)


def waiting_date(session: Session, want: Want) -> SkippedDate | None:
    """Return the skipped, or displaced, date that a place is about, None where it waits no more.

    A series that was split goes on in another booking; whoever gives up all
    that is to come gives up this too.
    """
    if want.booking_id is None or want.recurrence_id is None:
        return None
    asked = [want.booking_id]
    waited = _days(waiting.of_booking(session, want.booking_id))
    for booking_id in asked:
        booking = agenda.booking(session, booking_id)
        for lost in skipped_dates(booking, LOST):
            if lost.recurrence_id.date() == want.recurrence_id.date():
                return None if _is_given_up(lost, waited) else lost
        if len(asked) < MOST_FOLLOWERS:
            asked += waiting.followers(session, booking_id)
    return None


def await_skipped(
    session: Session,
    booking_id: int,
    mode: WaitMode,
    actor: Actor,
    *,
    now: datetime,
    occurrence_id: int | None = None,
) -> int:
    """Let the skipped dates of a series, or one of them, wait; return how many do so anew.

    Runs under the lock of their spaces.

    Raises:
        InvalidRequest: If the actor has too many places in the list.
    """
    if actor.person_id is None:
        return 0
    booking = agenda.booking(session, booking_id)
    places = waiting.of_booking(session, booking_id)
    known = _days(places)
    found = [
        each
        for each in skipped_dates(booking)
        if each.interval.start > now
        and each.recurrence_id.date() not in known
        and occurrence_id in (None, each.views[0].occurrence_id)
        and not _is_given_up(each, known)
    ]
    if found and not places:
        check_number(session, actor.person_id)
    _place(session, found, mode, actor.person_id, now=now)
    return len(found)


def await_displaced(
    session: Session, booking_id: int, occurrence_ids: Collection[int], *, now: datetime
) -> int:
    """Let dates that somebody was displaced from wait; return how many do so.

    They are offered to whoever organises the booking, who may have other plans
    by then.  However many places they have: it was not their wish.
    """
    booking = agenda.booking(session, booking_id)
    person_id = booking.organiser_id or booking.created_by_id
    if person_id is None:
        return 0
    known = _days(waiting.of_booking(session, booking_id))
    found = [
        each
        for each in skipped_dates(booking, LOST)
        if each.views[0].occurrence_id in occurrence_ids
        and each.interval.start > now
        and each.recurrence_id.date() not in known
    ]
    _place(session, found, WaitMode.OFFER, person_id, now=now)
    return len(found)


def wait_no_more(
    session: Session, booking: BookingView, occurrence_id: int | None, *, now: datetime
) -> None:
    """Let nobody wait for a date any more (None: for any), for which something else was taken.

    Runs under the lock of its spaces.
    """
    days = {
        each.recurrence_id.date()
        for each in booking.occurrences
        if occurrence_id in (None, each.occurrence_id)
    }
    for each in waiting.of_booking(session, booking.id):
        if each.recurrence_id is not None and each.recurrence_id.date() in days:
            freed = wants.end(session, each, WantState.GONE, now=now)
            wants.hand_on(session, freed, now=now)


def _place(
    session: Session,
    dates: Iterable[SkippedDate],
    mode: WaitMode,
    person_id: int,
    *,
    now: datetime,
) -> None:
    for each in dates:
        want_id = wants.place(
            session,
            each.request,
            each.interval,
            person_id=person_id,
            site_id=each.booking.site_id,
            mode=mode,
            now=now,
            series=(each.booking.id, each.recurrence_id),
        )
        # It may have become free while somebody was looking at the clash.
        wants.serve_soon(session, want_id, now=now)


def check_number(session: Session, person_id: int) -> None:
    """Refuse a further place to somebody who has as many as one may have.

    Raises:
        InvalidRequest: If that is so.
    """
    waiting.lock_person(session, person_id)
    if waiting.number_of_places(session, person_id) >= MOST_PLACES:
        raise InvalidRequest.because("too_many_waits", limit=MOST_PLACES)


def _days(places: Iterable[Want]) -> set[date]:
    """Return the days of the dates that places are about."""
    return {each.recurrence_id.date() for each in places if each.recurrence_id}


def _is_given_up(lost: SkippedDate, waited: Collection[date]) -> bool:
    """Whether all that comes after it was cancelled: nobody wants the series any more.

    What is ``waited`` for was not given up.
    """
    later = [
        each.state
        for each in lost.booking.occurrences
        if each.interval.end > lost.interval.start
        and each.state not in LEFT_OUT
        and each.recurrence_id.date() not in waited
    ]
    return State.CANCELLED in later and not any(each.is_open for each in later)
