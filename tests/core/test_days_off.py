"""School calendars: what is known, and one over another."""

from datetime import date, timedelta

import pytest

from booking.core.days_off import SchoolCalendar, are_codes, calendar_of, school, zone_of

AUTUMN, SUMMER = date(2027, 10, 25), date(2028, 8, 31)
YEAR = (AUTUMN, date(2027, 12, 24), date(2028, 2, 14), date(2028, 4, 10), SUMMER)
NEXT = tuple(each + timedelta(days=364) for each in YEAR)


def of(*days: date, name: str = "holidays") -> SchoolCalendar:
    return calendar_of(dict.fromkeys(days, name))


def test_calendar_is_known_from_its_first_day_to_its_last() -> None:
    year = of(*YEAR)
    assert year.spans == ((AUTUMN, SUMMER),)
    assert year.knows(date(2028, 3, 1))
    assert not year.knows(SUMMER + timedelta(days=1))
    assert year.last == SUMMER


def test_calendar_without_days_knows_nothing() -> None:
    assert SchoolCalendar() == of()
    assert (of().last, of().knows(SUMMER)) == (None, False)


def test_calendar_with_a_school_year_missing_does_not_know_it() -> None:
    later = date(2029, 10, 22)
    both = of(SUMMER, later)
    assert both.spans == ((SUMMER, SUMMER), (later, later))
    assert not both.knows(date(2029, 2, 14))


def test_calendar_over_another_counts_where_it_knows() -> None:
    later = [each + timedelta(days=7) for each in YEAR]
    found = of(*later, name="new").over(of(*YEAR, name="old"))
    assert found.days == {AUTUMN: "old", **dict.fromkeys(later, "new")}
    assert found.spans == ((AUTUMN, SUMMER + timedelta(days=7)),)


def test_calendar_goes_on_over_the_first_term() -> None:
    assert of(*NEXT).over(of(*YEAR)).spans == ((AUTUMN, NEXT[-1]),)


@pytest.mark.parametrize(
    ("codes", "right"),
    [
        ([], True),
        (["public", "school:A"], True),
        (["school:A", "school:B"], False),
        (["school:"], False),
        (["school:<b>"], False),
        (["rain"], False),
    ],
)
def test_codes(codes: list[str], right: bool) -> None:
    assert are_codes(codes) is right


def test_zone_of_codes() -> None:
    assert zone_of(["public", school("B")]) == "B"
    assert zone_of(["public"]) == ""
