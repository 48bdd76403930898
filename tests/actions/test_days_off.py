"""Series that leave days off out: the rhythm stays, and what is left out is told.

Thursdays: Ascension is 6 May 2027 (the ninth), zone A has 15 and 22 April off.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from booking import school
from booking.actions.bookings import book, change, preview
from booking.actions.bookings.change import as_request
from booking.core.days_off import DayOff, DayOffKind
from booking.core.errors import InvalidRequest
from booking.core.requests import ChangeRequest
from booking.core.values import BookingView
from booking.db import db
from booking.models import Site
from booking.queries import agenda
from tests.support.databases import writing
from tests.support.factories import NOW, House

pytestmark = pytest.mark.usefixtures("session")

TEN = "FREQ=WEEKLY;COUNT=10"
PUBLIC = frozenset({"public"})
ZONE_A = frozenset({"school:A"})
ASCENSION = 56


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "school.csv"
    path.write_text("zone,first,last,name\n", encoding="utf-8")
    school.use_file(path)
    yield path
    school.use_file(None)


def read(booking_id: int) -> BookingView:
    return agenda.booking(db.session(), booking_id)


def booked(house: House, **more: object) -> BookingView:
    return read(book(house.request(**more), house.member, now=NOW).booking_id)  # type: ignore[arg-type]


def saved(booking: BookingView, house: House, now: datetime = NOW, **more: object) -> BookingView:
    wanted = replace(as_request(booking), **more)  # type: ignore[arg-type]
    request = ChangeRequest(booking.id, booking.version, wanted)
    return read(change(request, house.member, now=now).booking_id)


def weeks(booking: BookingView) -> list[float]:
    """Return the dates in weeks from the first Thursday on."""
    first = (NOW + timedelta(days=1)).date()
    return [(each.recurrence_id.date() - first).days / 7 for each in booking.occurrences]


def test_public_holiday_is_left_out(house: House) -> None:
    found = booked(house, rule=TEN, leaves_out=PUBLIC)
    assert weeks(found) == [0, 1, 2, 3, 4, 5, 6, 7, 9]
    assert (found.exdates, found.leaves_out) == ((house.at(10, day=ASCENSION),), PUBLIC)
    assert found.rule == TEN


def test_every_second_week_stays_in_phase_over_the_holidays(house: House) -> None:
    rule = "FREQ=WEEKLY;INTERVAL=2;COUNT=5"
    assert weeks(booked(house, rule=rule, leaves_out=PUBLIC)) == [0, 2, 4, 6]
    assert weeks(booked(house, rule=rule, day=1, leaves_out=ZONE_A | PUBLIC)) == [
        week + 1 / 7 for week in (0, 2, 4)
    ]


def test_school_holidays_of_the_zone_are_left_out(house: House) -> None:
    assert weeks(booked(house, rule=TEN, leaves_out=ZONE_A)) == [0, 1, 2, 3, 4, 7, 9]
    zone_b = booked(house, start=14, end=15, rule=TEN, leaves_out=frozenset({"school:B"}))
    assert weeks(zone_b) == [0, 1, 2, 3, 4, 5, 9]


def test_series_begins_on_the_first_date_that_is_kept(house: House) -> None:
    found = booked(house, day=ASCENSION, rule="FREQ=WEEKLY;INTERVAL=2;COUNT=3", leaves_out=PUBLIC)
    assert (found.starts_at, found.rule) == (
        house.at(10, day=ASCENSION + 14),
        "FREQ=WEEKLY;INTERVAL=2;COUNT=2",
    )
    assert (weeks(found), found.exdates) == ([10, 12], ())


def test_further_date_on_a_holiday_is_kept_and_survives_saving(house: House) -> None:
    asked = house.at(10, day=ASCENSION)
    found = booked(house, rule=TEN, leaves_out=PUBLIC, rdates=(asked,))
    assert (weeks(found), found.exdates, found.rdates) == ([*range(10)], (), (asked,))
    again = saved(found, house, title="Band", note="loud")
    assert (again.rdates, again.sequence) == ((asked,), found.sequence)
    assert len(saved(again, house, rdates=()).occurrences) == 9


def test_chosen_dates_leave_nothing_out(house: House) -> None:
    found = booked(house, day=ASCENSION, rdates=(house.at(10, day=60),), leaves_out=PUBLIC)
    assert (len(found.occurrences), found.leaves_out) == (2, frozenset())
    assert booked(house, day=ASCENSION, start=14, end=15, leaves_out=PUBLIC).rule is None


def test_nothing_left_is_refused(house: House) -> None:
    with pytest.raises(InvalidRequest, match="all_dates_left_out"):
        booked(house, day=ASCENSION, rule="FREQ=WEEKLY;COUNT=1;INTERVAL=2", leaves_out=PUBLIC)


def test_zone_that_nobody_knows_is_refused(house: House) -> None:
    with pytest.raises(InvalidRequest) as caught:
        booked(house, rule=TEN, leaves_out=frozenset({"school:Z"}))
    assert [each.field for each in caught.value.messages] == ["leaves"]


def test_preview_tells_what_is_left_out_and_why(house: House) -> None:
    wish = house.request(rule=TEN, leaves_out=ZONE_A | PUBLIC)
    dates = preview(wish, house.member, now=NOW).dates
    assert dates.left_out == {
        house.at(10, day=35): DayOff(DayOffKind.SCHOOL, "Vacances de printemps"),
        house.at(10, day=42): DayOff(DayOffKind.SCHOOL, "Vacances de printemps"),
        house.at(10, day=ASCENSION): DayOff(DayOffKind.PUBLIC, "Ascension"),
    }
    assert dates.known_until is None


def test_preview_tells_from_when_on_nobody_knows(house: House) -> None:
    with writing(house.engine) as connection:
        connection.execute(update(Site).values(bookable_days=800))
    wish = house.request(rule="FREQ=WEEKLY", leaves_out=ZONE_A)
    dates = preview(wish, house.member, now=NOW).dates
    assert dates.known_until == school.school_calendar("A").last
    assert max(dates.left_out).date() <= dates.known_until
    assert dates.instances[-1].recurrence_id.date() > date(2029, 4, 1)


def test_another_file_changes_a_series_when_it_is_saved(house: House, file: Path) -> None:
    before = booked(house, rule=TEN, leaves_out=ZONE_A)
    file.write_text("zone,first,last,name\nA,2027-03-18,2027-05-31,Own\n", encoding="utf-8")
    assert weeks(read(before.id)) == [0, 1, 2, 3, 4, 7, 9]
    after = saved(before, house, title="Band")
    assert (after.title, weeks(after)) == ("Band", [0])
    assert len(after.exdates) == 9
    assert saved(after, house, title="Choir").sequence == after.sequence


def test_file_that_cannot_be_read_refuses_a_series_and_no_text(house: House, file: Path) -> None:
    before = booked(house, rule=TEN, leaves_out=ZONE_A)
    file.write_text("nonsense", encoding="utf-8")
    assert saved(before, house, title="Band").title == "Band"
    with pytest.raises(InvalidRequest, match="school_file"):
        booked(house, start=14, end=15, rule=TEN, leaves_out=ZONE_A)


def test_change_of_a_begun_series_splits_what_is_left_out(house: House) -> None:
    before = booked(house, rule=TEN, leaves_out=ZONE_A | PUBLIC)
    midway = NOW + timedelta(days=39)
    later = saved(before, house, now=midway, start=house.at(14), end=house.at(15))
    assert weeks(read(before.id)) == [0, 1, 2, 3, 4]
    assert read(before.id).exdates == (house.at(10, day=35), house.at(10, day=42))
    assert (weeks(later), later.exdates) == ([7, 9], (house.at(14, day=ASCENSION),))
    assert later.rule == "FREQ=WEEKLY;COUNT=3"


def test_days_off_are_dropped_again(house: House) -> None:
    before = booked(house, rule=TEN, leaves_out=PUBLIC)
    after = saved(before, house, leaves_out=frozenset())
    assert (len(after.occurrences), after.exdates, after.leaves_out) == (10, (), frozenset())
