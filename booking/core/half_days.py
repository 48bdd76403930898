"""Half-days: how a desk is booked, in the morning, in the afternoon, or for the day."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from booking.core.hours import day, hours_on
from booking.core.intervals import Interval
from booking.core.recurrence import to_local, to_utc
from booking.core.values import Site, Space

NOON = time(13)  # where a space says nothing else
_MOMENT = timedelta(microseconds=1)


class Part(StrEnum):
    """A part of a day that is booked as a whole."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    DAY = "day"


def parts_of_day(space: Space, site: Site, on: date) -> dict[Part, Interval]:
    """Return what a space can be booked for on a local day; nothing where it is closed.

    The hours of the space, and their halves where its noon lies within them.
    """
    opened = hours_on(space, site, on)
    if opened is None:
        return {}
    noon = to_utc(datetime.combine(on, space.policy.half_days or NOON), site.zone)
    if not opened.start < noon < opened.end:
        return {Part.DAY: opened}
    return {
        Part.MORNING: Interval(opened.start, noon),
        Part.AFTERNOON: Interval(noon, opened.end),
        Part.DAY: opened,
    }


def is_of_half_days(wanted: Interval, space: Space, site: Site) -> bool:
    """Whether a time begins and ends as half-days do, or at midnight; it may last for days."""
    first = to_local(wanted.start, site.zone).date()
    last = to_local(wanted.end - _MOMENT, site.zone).date()
    starts = {each.start for each in parts_of_day(space, site, first).values()}
    ends = {each.end for each in parts_of_day(space, site, last).values()}
    return wanted.start in starts | {day(site, first).start} and wanted.end in ends | {
        day(site, last).end
    }
