"""The waiting list: who is before whom, and how long a freed time is held for the next."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from booking.core.intervals import Interval
from booking.core.requests import BookingRequest
from booking.core.values import SitePolicy, Space, Want

MINUTE = timedelta(minutes=1)
MOST_PLACES = 20  # of one person; the skipped dates of a series are one


def offer_until(start: datetime, policy: SitePolicy, *, now: datetime) -> datetime:
    """Return until when a freed time is held for whoever it is offered to, to the minute.

    As long as the house says, and never longer than half of what is left
    until its start: the next in line shall have a chance too.
    """
    until = min(now + policy.offer_for, now + (start - now) / 2)
    return max(until.replace(second=0, microsecond=0), min(start, now + MINUTE))


def meets(
    space_ids: Iterable[int], interval: Interval, other: Want, spaces: Mapping[int, Space]
) -> bool:
    """Whether nobody can have these spaces while ``other`` has what it waits for.

    A common part, and times that overlap, buffers included.  ``spaces`` has
    what both want; one that is not there meets nothing.
    """
    return any(
        not set(spaces[mine].part_ids).isdisjoint(spaces[theirs].part_ids)
        and spaces[mine].blocked(interval).overlaps(spaces[theirs].blocked(other.interval))
        for mine in space_ids
        for theirs in other.space_ids
        if mine in spaces and theirs in spaces
    )


def number_waiting(
    space_ids: Iterable[int],
    times: Iterable[Interval],
    wants: Iterable[Want],
    spaces: Mapping[int, Space],
) -> int:
    """Return how many people wait for one of these spaces at one of these times."""
    asked, at = [*space_ids], [*times]
    return len(
        {
            each.person_id
            for each in wants
            if each.state.is_open and any(meets(asked, one, each, spaces) for one in at)
        }
    )


def number_before(want: Want, others: Iterable[Want], spaces: Mapping[int, Space]) -> int:
    """Return how many of the others come first for what ``want`` waits for."""
    before = (
        each for each in others if each.place < want.place and each.person_id != want.person_id
    )
    return number_waiting(want.space_ids, [want.interval], before, spaces)


def as_request(want: Want) -> BookingRequest:
    """Return the request of what somebody waits for; one date."""
    return BookingRequest(
        space_ids=want.space_ids,
        start=want.starts_at,
        end=want.ends_at,
        title=want.title,
        all_day=want.all_day,
        organisation_id=want.organisation_id,
        organiser_id=want.organiser_id,
        attendance=want.attendance,
        category=want.category,
        visibility=want.visibility,
        note=want.note,
    )


def is_late(want: Want, *, now: datetime) -> bool:
    """Whether there is nothing left to wait for: its time has begun, or its offer is over."""
    until = min(want.interval.start, want.expires_at or want.interval.start)
    return until <= now
