import itertools
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.core.intervals import Interval, gaps, merge, subtract

DAY = datetime(2027, 3, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(start: float, end: float) -> Interval:
    return Interval(DAY + start * HOUR, DAY + end * HOUR)


# Small numbers on purpose: bounds then coincide often.
intervals = st.builds(
    lambda start, length: hours(start, start + length), st.integers(0, 30), st.integers(1, 8)
)


def covered(some: list[Interval]) -> set[int]:
    """The whole hours within intervals, the slow and plain way."""
    return {n for n in range(60) if any(each.contains(DAY + n * HOUR) for each in some)}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(DAY, DAY, id="empty"),
        pytest.param(DAY + HOUR, DAY, id="inverted"),
        pytest.param(DAY.replace(tzinfo=None), DAY + HOUR, id="naive start"),
        pytest.param(DAY, (DAY + HOUR).replace(tzinfo=None), id="naive end"),
        pytest.param(DAY.astimezone(ZoneInfo("Europe/Paris")), DAY + HOUR, id="other zone"),
        pytest.param(
            DAY.replace(month=1, tzinfo=ZoneInfo("Europe/London")), DAY, id="offset 0 but not UTC"
        ),
        pytest.param(DAY, (DAY + HOUR).astimezone(timezone(HOUR)), id="fixed offset"),
    ],
)
def test_interval_refuses_bounds(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError, match="interval"):
        Interval(start, end)


def test_equal_intervals_are_one_value() -> None:
    assert {hours(9, 10), hours(9, 10), hours(9, 11)} == {hours(9, 11), hours(9, 10)}


def test_intervals_order_by_start_then_end() -> None:
    assert sorted([hours(9, 11), hours(10, 11), hours(9, 10)]) == [
        hours(9, 10),
        hours(9, 11),
        hours(10, 11),
    ]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(hours(8, 9), False, id="touches before"),
        pytest.param(hours(10, 11), False, id="touches after"),
        pytest.param(hours(8, 9.1), True, id="reaches in"),
        pytest.param(hours(9.2, 9.3), True, id="inside"),
        pytest.param(hours(8, 12), True, id="around"),
    ],
)
def test_overlaps(other: Interval, expected: bool) -> None:
    assert hours(9, 10).overlaps(other) is expected
    assert other.overlaps(hours(9, 10)) is expected


def test_contains_is_half_open() -> None:
    assert hours(9, 10).contains(DAY + 9 * HOUR)
    assert not hours(9, 10).contains(DAY + 10 * HOUR)


def test_covers_the_whole_only() -> None:
    assert hours(9, 12).covers(hours(9, 12))
    assert not hours(9, 12).covers(hours(11, 12.5))


def test_padded_and_shifted() -> None:
    assert hours(9, 10).padded(HOUR / 2, HOUR) == hours(8.5, 11)
    assert hours(9, 10).shifted(-2 * HOUR) == hours(7, 8)
    assert hours(9, 10.5).length == HOUR * 1.5


@given(st.lists(intervals, max_size=8))
def test_merge_keeps_the_time_in_the_fewest_intervals(some: list[Interval]) -> None:
    merged = merge(some)
    assert covered(merged) == covered(some)
    assert all(one.end < other.start for one, other in itertools.pairwise(merged))


@given(intervals, st.lists(intervals, max_size=8))
def test_subtract_and_busy_partition_the_interval(whole: Interval, busy: list[Interval]) -> None:
    left = subtract(whole, busy)
    assert covered(left) == covered([whole]) - covered(busy)
    assert not any(one.overlaps(other) for one in left for other in busy)
    taken = sum((whole.length for whole in left), timedelta(0))
    assert taken == HOUR * len(covered(left))
    assert left == sorted(left)


@given(intervals, st.lists(intervals, max_size=8), st.integers(0, 4))
def test_gaps_are_what_is_left_and_long_enough(
    window: Interval, busy: list[Interval], least: int
) -> None:
    found = gaps(window, busy, at_least=least * HOUR)
    assert found == [gap for gap in subtract(window, busy) if gap.length >= least * HOUR]
    assert gaps(window, busy) == subtract(window, busy)
