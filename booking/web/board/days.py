"""Intervals on the wall clock of a site, cut into the days that a board shows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.core.frozen import frozen
from booking.core.intervals import Interval

MIDNIGHT = time(0)
A_DAY = timedelta(days=1)
DAY_MIN = 24 * 60


@frozen()
class Piece:
    """What of an interval falls on one day, in minutes of its wall clock.

    ``begins`` and ``ends`` say whether its own start and end lie on that day.
    """

    start: int
    end: int
    begins: bool = True
    ends: bool = True

    @property
    def quarters(self) -> tuple[int, int]:
        """The quarter hours touched, at least one."""
        first = self.start // 15
        return first, max(-(-self.end // 15), first + 1)

    @property
    def must_show(self) -> tuple[int, int]:
        """The minutes that a board may not leave out: of a night, the evening's first hour."""
        start = self.start if self.begins else max(self.end - 60, 0)
        end = self.end if self.ends else min(self.start + 60, DAY_MIN)
        return (start, end) if self.begins or self.ends else (DAY_MIN, 0)


def local_bounds(interval: Interval, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return naive local start and end, the end after the start also when clocks go back."""
    start = interval.start.astimezone(zone).replace(tzinfo=None)
    end = interval.end.astimezone(zone).replace(tzinfo=None)
    return start, end if end > start else start + min(interval.length, timedelta(minutes=15))


def pieces(
    start: datetime, end: datetime, *, first: date, last: date
) -> Iterator[tuple[date, Piece]]:
    """Yield (day, piece) for the days from ``first`` to ``last`` that ``[start, end)`` touches."""
    day = max(start.date(), first)
    while day <= last:
        midnight = datetime.combine(day, MIDNIGHT)
        if midnight >= end:
            return
        begins, ends = start >= midnight, end <= midnight + A_DAY
        yield (
            day,
            Piece(
                start=_minutes(start - midnight) if begins else 0,
                end=-(-(end - midnight) // timedelta(minutes=1)) if ends else DAY_MIN,
                begins=begins,
                ends=ends,
            ),
        )
        day += A_DAY


def window(first: date, last: date, zone: ZoneInfo) -> Interval:
    """Return the interval from the first midnight to the one after the last day, in UTC."""
    start = datetime.combine(first, MIDNIGHT, zone).astimezone(UTC)
    return Interval(start, datetime.combine(last + A_DAY, MIDNIGHT, zone).astimezone(UTC))


def _minutes(delta: timedelta) -> int:
    return delta // timedelta(minutes=1)
