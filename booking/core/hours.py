"""Opening hours and days of a site, as intervals in UTC."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from booking.core.intervals import Interval
from booking.core.recurrence import to_local, to_utc
from booking.core.values import Hours, Site, Space

_DAY = timedelta(days=1)
_WHOLE = Hours(time(0), time(0))


def day(site: Site, on: date) -> Interval:
    """Return the whole local day, 23 to 25 hours long."""
    return _on(_WHOLE, on, site.zone)


def open_hours(site: Site, on: date) -> Interval:
    """Return the opening hours of one local day."""
    return _on(Hours(site.opens, site.closes), on, site.zone)


def between(site: Site, on: date, earliest: time, latest: time) -> Interval | None:
    """Return some hours of one local day, None where the clocks leave nothing of them.

    ``latest`` 00:00 is the midnight that the day ends with.
    """
    closing_day = on + _DAY if latest == time(0) else on
    start = to_utc(datetime.combine(on, earliest), site.zone)
    end = to_utc(datetime.combine(closing_day, latest), site.zone)
    return Interval(start, end) if start < end else None


def hours_on(space: Space, site: Site, on: date) -> Interval | None:
    """Return the hours of a space on one local day: its own or the site's, None if closed."""
    week = space.policy.hours
    if week is None:
        return open_hours(site, on)
    own = week[on.weekday()]
    return None if own is None else _on(own, on, site.zone)


@lru_cache(maxsize=4096)  # a search asks for the same days again and again
def _on(hours: Hours, on: date, zone: str) -> Interval:
    closing_day = on + _DAY if hours.closes == time(0) else on
    return Interval(
        to_utc(datetime.combine(on, hours.opens), zone),
        to_utc(datetime.combine(closing_day, hours.closes), zone),
    )


def edge(site: Site, now: datetime) -> datetime:
    """Return the instant from which on nothing can be booked yet: a local midnight."""
    last = last_bookable_day(site, now)
    return to_utc(datetime.combine(last + _DAY, time(0)), site.zone)


def last_bookable_day(site: Site, now: datetime) -> date:
    """Return the last local day that can be booked today."""
    return to_local(now, site.zone).date() + timedelta(days=site.bookable_days)
