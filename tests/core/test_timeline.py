"""The plan over time: where moments lie, leases side by side, and the days between them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.core.timeline import DAY, PartFree, Scale, free_parts, gaps, side_by_side

FIRST, LAST = date(2027, 1, 1), date(2027, 12, 31)


@dataclass(frozen=True)
class Let:
    starts: date
    ends: date | None


def let(starts: str, ends: str = "") -> Let:
    return Let(date.fromisoformat(starts), date.fromisoformat(ends) if ends else None)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2027-{text}")


def test_day_is_spread_over_the_hours_that_are_shown() -> None:
    scale = Scale(date(2027, 3, 8), 7, 120, 8 * 60, 20 * 60)
    assert scale.width == 840
    assert scale.last == date(2027, 3, 14)
    assert scale.at(at("03-08 08:00")) == 0
    assert scale.at(at("03-08 09:00")) == 10
    assert scale.at(at("03-09 14:00")) == 180
    # What is not shown is at an edge of its day, or of the paper.
    assert scale.at(at("03-09 07:00")) == 120
    assert scale.at(at("03-09 23:00")) == 240
    assert scale.at(at("03-01 09:00")) == 0
    assert scale.at(at("04-01 09:00")) == 840
    assert [scale.of_day(date(2027, 3, day)) for day in (1, 8, 10, 30)] == [0, 0, 240, 840]


@pytest.mark.parametrize(
    ("leases", "free"),
    [
        ([], [("2027-01-01", "2027-12-31")]),
        ([let("2026-01-01")], []),
        ([let("2026-01-01", "2026-12-31")], [("2027-01-01", "2027-12-31")]),
        ([let("2027-02-01")], [("2027-01-01", "2027-01-31")]),
        (
            [let("2027-03-01", "2027-03-31"), let("2027-05-01", "2027-05-31")],
            [
                ("2027-01-01", "2027-02-28"),
                ("2027-04-01", "2027-04-30"),
                ("2027-06-01", "2027-12-31"),
            ],
        ),
        ([let("2027-01-01", "2027-06-30"), let("2027-07-01")], []),
        # Two shares of one office: free is what nobody has.
        (
            [let("2027-01-01", "2027-10-31"), let("2027-02-01", "2027-03-31")],
            [("2027-11-01", "2027-12-31")],
        ),
        ([let("2027-06-01"), let("2028-01-01")], [("2027-01-01", "2027-05-31")]),
    ],
)
def test_gaps_are_the_days_that_nobody_has(leases: list[Let], free: list) -> None:
    found = [(a.isoformat(), b.isoformat()) for a, b in gaps(leases, FIRST, LAST)]
    assert found == free


days = st.integers(-50, 420).map(lambda each: FIRST + timedelta(days=each))
lets = st.lists(
    st.tuples(days, st.one_of(st.none(), st.integers(0, 200))).map(
        lambda each: Let(each[0], None if each[1] is None else each[0] + each[1] * DAY)
    ),
    max_size=6,
)


def has(lease: Let, day: date) -> bool:
    return lease.starts <= day and (lease.ends is None or day <= lease.ends)


@given(lets)
def test_every_day_is_let_or_in_one_gap(leases: list[Let]) -> None:
    found = [*gaps(leases, FIRST, LAST)]
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + number * DAY
        free = sum(first <= day <= last for first, last in found)
        assert free == (0 if any(has(each, day) for each in leases) else 1)
    assert all(FIRST <= first <= last <= LAST for first, last in found)


@given(lets)
def test_no_lease_lies_over_another_in_its_line(leases: list[Let]) -> None:
    lines = side_by_side(leases)
    assert sorted(repr(each) for line in lines for each in line) == sorted(map(repr, leases))
    for line in lines:
        for before, after in pairwise(line):
            assert before.ends is not None
            assert before.ends < after.starts
    together = max((sum(has(other, each.starts) for other in leases) for each in leases), default=0)
    assert len(lines) == together


@dataclass(frozen=True)
class Part:
    starts: date
    ends: date | None = None
    share: int = 1
    shares: int = 1
    weekdays: frozenset[int] = frozenset()


def day(text: str) -> date:
    return date.fromisoformat(f"2027-{text}")


def test_a_whole_lease_leaves_no_part() -> None:
    assert free_parts([Part(FIRST)], FIRST, LAST) == []
    assert free_parts([], FIRST, LAST) == []


def test_the_other_half_is_free_until_somebody_has_it() -> None:
    halves = [Part(FIRST, share=1, shares=2), Part(day("07-01"), day("08-31"), 1, 2)]

    assert free_parts(halves, FIRST, LAST) == [
        PartFree(FIRST, day("06-30"), Fraction(1, 2)),
        PartFree(day("09-01"), LAST, Fraction(1, 2)),
    ]


def test_other_weekdays_are_free_for_all_of_the_space() -> None:
    days = [Part(FIRST, weekdays=frozenset({0, 1})), Part(FIRST, weekdays=frozenset({2, 3}))]

    assert free_parts(days, FIRST, LAST) == [
        PartFree(FIRST, LAST, Fraction(1), frozenset({4, 5, 6}))
    ]


def test_a_change_that_leaves_as_much_makes_no_new_stretch() -> None:
    thirds = [Part(FIRST, day("03-31"), 1, 3), Part(day("04-01"), None, 1, 3)]

    assert free_parts(thirds, FIRST, LAST) == [PartFree(FIRST, LAST, Fraction(2, 3))]
