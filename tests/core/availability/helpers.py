"""What the tests of availability share: hours of one day, and holds in them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from booking.core.intervals import Interval
from booking.core.values import Hold

DAY = datetime(2027, 3, 15, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)


def hours(start: float, end: float, day: int = 0) -> Interval:
    """The time from one hour of a day to another; day 0 is ``DAY``."""
    midnight = DAY + timedelta(days=day)
    return Interval(midnight + start * HOUR, midnight + end * HOUR)


def hold(start: float, end: float, part_id: int = 1, lane: int = 0) -> Hold:
    """A hold of some hours of ``DAY``."""
    return Hold(part_id, hours(start, end), lane=lane)


# Quarter hours of a day and a bit, short enough to meet often.
quarters = st.integers(0, 100).map(lambda number: number / 4)
lengths = st.integers(1, 24).map(lambda number: number / 4)
intervals = st.builds(lambda start, length: hours(start, start + length), quarters, lengths)
holds = st.builds(
    lambda interval, part_id, lane: Hold(part_id, interval, lane=lane),
    intervals,
    st.integers(1, 2),
    st.integers(0, 2),
)
