"""Half-open time in UTC: the interval and the few sums that the rules do with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Self

from booking.core.frozen import frozen

_NONE = timedelta(0)
_by_start = attrgetter("start")


@frozen(order=True)
class Interval:
    """The time ``[start, end)`` in UTC (RFC 5545 §3.6.1), ordered by start, then end.

    Raises:
        ValueError: If a bound's zone is not ``datetime.UTC``, or the end is not after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        # Not by offset: London in winter has offset 0, but adds hours on its wall clock.
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            raise ValueError("an interval needs datetimes in UTC: convert by astimezone(UTC)")
        if self.end <= self.start:
            raise ValueError("an interval needs an end after its start")

    @property
    def length(self) -> timedelta:
        """Return the elapsed time between start and end."""
        return self.end - self.start

    def overlaps(self, other: Interval) -> bool:
        """Say whether some instant lies in both; intervals that only touch do not overlap."""
        return self.start < other.end and other.start < self.end

    def contains(self, instant: datetime) -> bool:
        """Say whether an aware instant lies in ``[start, end)``."""
        return self.start <= instant < self.end

    def covers(self, other: Interval) -> bool:
        """Say whether the whole of the other interval lies in this one."""
        return self.start <= other.start and other.end <= self.end

    def common(self, other: Interval) -> Self:
        """Return the time that lies in both.

        Raises:
            ValueError: If they do not overlap.
        """
        return type(self)(max(self.start, other.start), min(self.end, other.end))

    def padded(self, before: timedelta, after: timedelta) -> Self:
        """Return the interval with a buffer added on either side."""
        return type(self)(self.start - before, self.end + after)

    def shifted(self, delta: timedelta) -> Self:
        """Return the interval moved by a delta of elapsed time, later when it is positive."""
        return type(self)(self.start + delta, self.end + delta)


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same time as the fewest intervals: sorted, disjoint, not touching."""
    merged: list[Interval] = []
    last: Interval | None = None
    for interval in sorted(intervals, key=_by_start):
        if last is None or interval.start > last.end:
            merged.append(interval)
            last = interval
        elif interval.end > last.end:
            merged[-1] = last = Interval(last.start, interval.end)
    return merged


def subtract(interval: Interval, busy: Iterable[Interval]) -> list[Interval]:
    """Return what is left of an interval outside the busy ones, in order of time.

    ``busy`` may come in any order, overlap itself and reach beyond the interval.
    """
    left: list[Interval] = []
    free_from = interval.start
    for taken in sorted(busy, key=_by_start):
        if taken.start >= interval.end:
            break
        if taken.start > free_from:
            left.append(Interval(free_from, taken.start))
        free_from = max(free_from, taken.end)
    if free_from < interval.end:
        left.append(Interval(free_from, interval.end))
    return left


def gaps(
    window: Interval, busy: Iterable[Interval], *, at_least: timedelta = _NONE
) -> list[Interval]:
    """Return the free intervals of a window that last long enough, in order of time.

    ``busy`` may come in any order, overlap itself and reach beyond the window.
    """
    return [gap for gap in subtract(window, busy) if gap.length >= at_least]
