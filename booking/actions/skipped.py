"""Dates of a series that were left out, and wait for their time to become free."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from sqlalchemy.orm import Session

from booking.actions import wants
from booking.core.errors import InvalidRequest
from booking.core.intervals import Interval
from booking.core.recurrence import to_local
from booking.core.requests import BookingRequest
from booking.core.values import Actor, BookingView, OccurrenceView, State, WaitMode, Want
from booking.core.waiting import MOST_PLACES
from booking.queries import agenda, waiting

# For a clash: chosen by somebody, or found when a series without an end went on.
LEFT_OUT = frozenset({State.SKIPPED, State.CONFLICT})
MOST_FOLLOWERS = 50  # series that go on with each other


@dataclass(frozen=True, slots=True)
class SkippedDate:
    """A date of a series that was left out, with the spaces that it lacks, in id order."""

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


def skipped_dates(booking: BookingView) -> list[SkippedDate]:
    """Return the dates of a series that were left out, and nothing else, by time."""
    ordered = sorted(booking.occurrences, key=attrgetter("occurrence_id", "space_id"))
    dates = (tuple(some) for _, some in groupby(ordered, key=attrgetter("occurrence_id")))
    found = [
        SkippedDate(booking, views)
        for views in dates
        if all(each.state in LEFT_OUT for each in views)
    ]
    return sorted(found, key=lambda each: each.interval)


def waiting_date(session: Session, want: Want) -> SkippedDate | None:
    """Return the skipped date that a place is about, None where it waits no more.

    A series that was split goes on in another booking; whoever gives up all
    that is to come gives up this too.
    """
    if want.booking_id is None or want.recurrence_id is None:
        return None
    asked = [want.booking_id]
    for booking_id in asked:
        booking = agenda.booking(session, booking_id)
        for date in skipped_dates(booking):
            if date.recurrence_id.date() == want.recurrence_id.date():
                return None if _is_given_up(date) else date
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
    known = {each.recurrence_id.date() for each in places if each.recurrence_id}
    found = [
        each
        for each in skipped_dates(booking)
        if each.interval.start > now
        and each.recurrence_id.date() not in known
        and occurrence_id in (None, each.views[0].occurrence_id)
        and not _is_given_up(each)
    ]
    if found and not places:
        check_number(session, actor.person_id)
    for each in found:
        want_id = wants.place(
            session,
            each.request,
            each.interval,
            person_id=actor.person_id,
            site_id=booking.site_id,
            mode=mode,
            now=now,
            series=(booking_id, each.recurrence_id),
        )
        # It may have become free while somebody was looking at the clash.
        wants.serve_soon(session, want_id, now=now)
    return len(found)


def check_number(session: Session, person_id: int) -> None:
    """Refuse a further place to somebody who has as many as one may have.

    Raises:
        InvalidRequest: If that is so.
    """
    waiting.lock_person(session, person_id)
    if waiting.number_of_places(session, person_id) >= MOST_PLACES:
        raise InvalidRequest.because("too_many_waits", limit=MOST_PLACES)


def _is_given_up(date: SkippedDate) -> bool:
    """Whether all that comes after it was cancelled: nobody wants the series any more."""
    later = [
        each.state
        for each in date.booking.occurrences
        if each.interval.end > date.interval.start and each.state not in LEFT_OUT
    ]
    return State.CANCELLED in later and not any(each.is_open for each in later)
