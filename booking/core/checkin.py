"""Is anybody there?  Rooms may ask those who booked them to check in, and go to others else.

From a quarter of an hour before the start until so many minutes after it, as
the rules of the room say.  Whoever books, or changes, at the last moment has
as long from then on.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from booking.core.intervals import Interval
from booking.core.values import OccurrenceView, Space, State

EARLY = timedelta(minutes=15)
# When the service stood still, nobody could check in: what is later than that stays.
LATE = timedelta(minutes=10)
NO_SHOWS_TO_ASK = 3
QUARTER = 15  # minutes


def window(view: OccurrenceView, space: Space, changed_at: datetime) -> Interval | None:
    """Return when to check in; None where the room does not ask, or the day is booked whole."""
    patience = space.policy.check_in
    if patience is None or view.all_day or view.state is not State.CONFIRMED:
        return None
    start = view.interval.start
    end = min(max(start, changed_at) + patience, view.interval.end)
    return Interval(start - EARLY, end) if end > start - EARLY else None


def to_check_in(
    views: Iterable[OccurrenceView],
    spaces: Mapping[int, Space],
    changed_at: datetime,
    *,
    now: datetime,
) -> list[OccurrenceView]:
    """Return the allocations that somebody can check in for at this moment."""
    return [
        each
        for each in views
        if each.checked_in_at is None
        and (when := window(each, spaces[each.space_id], changed_at)) is not None
        and when.contains(now)
    ]


def is_no_show(view: OccurrenceView, space: Space, changed_at: datetime, *, now: datetime) -> bool:
    """Whether nobody came, and the rest of the time goes to others."""
    if view.checked_in_at is not None or view.interval.end <= now:
        return False
    when = window(view, space, changed_at)
    return when is not None and when.end <= now < when.end + LATE


def kept_until(
    view: OccurrenceView, space: Space, changed_at: datetime, *, now: datetime
) -> datetime:
    """Return up to when a room that nobody came to stays taken: what has passed.

    The quarter of an hour that runs is for whoever comes next, and so is the
    time before it that the room needs to be set up.
    """
    when = window(view, space, changed_at)
    passed = now.replace(minute=now.minute - now.minute % QUARTER, second=0, microsecond=0)
    return max(passed, when.end if when else passed) - space.setup


def asks_whether_needed(no_shows: int) -> bool:
    """Whether whoever has the series is asked now if it is still needed: at every third time."""
    return no_shows > 0 and no_shows % NO_SHOWS_TO_ASK == 0
