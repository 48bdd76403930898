"""Rent and occupancy add up: by day, by organisation, by floor, they are the whole."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.core.figures import (
    Gap,
    Held,
    KeyFigures,
    Office,
    added_up,
    dues,
    gaps,
    grouped,
    key_figures,
    metre_days,
    occupancy,
)
from booking.core.rent import days_of, rent_by_day, rent_of, total, usual_rent
from booking.core.values import LeaseView

MARCH = date(2027, 3, 1)


def lease(
    key: int = 1,
    starts: date = MARCH,
    ends: date | None = None,
    *,
    area: Decimal = Decimal(20),
    rent: Decimal = Decimal(10),
    weekdays: frozenset[int] = frozenset(),
    organisation: int = 1,
    space: int = 1,
) -> LeaseView:
    return LeaseView(
        id=key,
        site_id=1,
        space_id=space,
        space_name=f"Office {space}",
        organisation_id=organisation,
        organisation_name=f"Tenant {organisation}",
        starts=starts,
        ends=ends,
        share=1,
        shares=1,
        weekdays=weekdays,
        area_m2=area,
        rent_m2=rent,
        includes=frozenset(),
        rooms=None,
        months_notice=3,
        documents=(),
        note="",
        follows_id=None,
        version=1,
    )


@pytest.mark.parametrize(
    ("more", "due"),
    [
        ({}, "200.00"),
        ({"starts": date(2027, 3, 17)}, "96.77"),  # 15 of 31 days
        ({"ends": date(2027, 3, 1)}, "6.45"),
        ({"starts": date(2027, 4, 1)}, "0.00"),
        ({"weekdays": frozenset({0})}, "32.26"),  # five Mondays
        ({"area": Decimal("0.01"), "rent": Decimal("0.5")}, "0.01"),  # half a cent, up
        ({"area": Decimal("0.01"), "rent": Decimal("0.4999")}, "0.00"),
        ({"area": Decimal("12.34"), "rent": Decimal("10.4167")}, "128.54"),
    ],
)
def test_rent_of_a_month(more: dict[str, object], due: str) -> None:
    assert str(rent_of(lease(**more), MARCH)) == due


def test_usual_rent_is_that_of_a_whole_month() -> None:
    assert usual_rent(lease()) == Decimal(200)
    assert usual_rent(lease(weekdays=frozenset(range(5)))) == Decimal("142.86")


days = st.dates(date(2026, 12, 1), date(2027, 6, 30))
leases = st.lists(
    st.builds(
        lambda first, length, area, rent, weekdays, organisation, space: lease(
            starts=first,
            ends=None if length is None else first + timedelta(days=length),
            area=Decimal(area).scaleb(-2),
            rent=Decimal(rent).scaleb(-4),
            weekdays=frozenset(weekdays) if len(weekdays) < 7 else frozenset(),
            organisation=organisation,
            space=space,
        ),
        days,
        st.none() | st.integers(0, 120),
        st.integers(1, 20_000),
        st.integers(0, 300_000),
        st.sets(st.integers(0, 6)),
        st.integers(1, 4),
        st.integers(1, 6),
    ),
    max_size=12,
)
months = st.sampled_from([date(2027, each, 1) for each in range(1, 7)])


@given(leases, months)
def test_rent_adds_up_by_day_organisation_and_floor(
    among: Sequence[LeaseView], first: date
) -> None:
    due = dues(among, first)
    whole = total(each.amount for each in due)
    assert whole == total(rent_of(each, first) for each in among)
    by_day: dict[date, Decimal] = {}
    for each in among:
        for day, amount in rent_by_day(each, first).items():
            by_day[day] = by_day.get(day, Decimal(0)) + amount
    assert total(by_day.values()) == whole
    assert all(amount == amount.quantize(Decimal("0.01")) for amount in by_day.values())
    assert total(added_up(due, lambda each: each.organisation_id).values()) == whole
    assert total(added_up(due, lambda each: each.space_id % 2).values()) == whole


@given(leases, months)
def test_each_day_costs_as_much_but_for_a_cent(among: Sequence[LeaseView], first: date) -> None:
    for each in among:
        amounts = rent_by_day(each, first).values()
        assert max(amounts, default=0) - min(amounts, default=0) <= Decimal("0.01")


@given(leases, months)
def test_occupancy_adds_up_by_day_and_office(among: Sequence[LeaseView], first: date) -> None:
    offices = [Office(number, f"{number}", Decimal(30)) for number in range(1, 7)]
    let, whole = occupancy(among, offices, first)
    assert whole == 6 * 30 * len(days_of(first))
    assert let == sum((metre_days(among, [day]) for day in days_of(first)), Decimal(0))
    assert let == sum((occupancy(among, [each], first)[0] for each in offices), Decimal(0))


def test_gaps() -> None:
    one, two, three = (Office(number, f"{number}", Decimal(30)) for number in (1, 2, 3))
    among = [
        lease(space=1, starts=date(2027, 1, 1), ends=date(2027, 4, 30)),
        lease(space=1, starts=date(2027, 7, 1)),
        lease(space=2, starts=date(2027, 1, 1)),
    ]
    today = date(2027, 3, 10)
    assert gaps([one, two, three], among, today, date(2028, 3, 10)) == [
        Gap(three, today, None),
        Gap(one, date(2027, 5, 1), date(2027, 6, 30)),
    ]


def test_key_figures_count_an_organisation_once() -> None:
    held = [
        Held(MARCH, "meeting", frozenset({1}), 10, None, 60),
        Held(MARCH, "event", frozenset({1, 2}), 50, 40, 120),
        Held(date(2027, 4, 1), "meeting", frozenset(), None, 0, 30),
    ]
    assert key_figures(held) == KeyFigures(3, 60, 40, 50, 2, 210)
    by_month = grouped(held, lambda each: each.day.month)
    assert {key: each.events for key, each in by_month.items()} == {3: 2, 4: 1}
    assert key_figures([]) == KeyFigures()
