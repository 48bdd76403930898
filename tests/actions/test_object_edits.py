"""Whatever a program makes of a series and puts back: the same dates are booked then."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from booking.actions.bookings import cancel
from booking.core.errors import Conflicted, InvalidRequest
from booking.core.recurrence import parse_rule, starts_from
from booking.core.requests import CancelRequest
from booking.core.values import State
from booking.queries import agenda
from booking.queries.audit import history
from booking.queries.holds import coming_holds
from booking.queries.notices import notices
from tests.support.objects import calendar, put, vevent, written

ZONE = ZoneInfo("Europe/Paris")
FIRST = datetime(2027, 3, 11, 10)  # noqa: DTZ001  the house's wall clock
HOUR = timedelta(hours=1)


@dataclass
class Series:
    """A series as a program has it in mind."""

    start: datetime = FIRST
    length: timedelta = HOUR
    rule: str = "FREQ=WEEKLY;COUNT=6"
    title: str = "Choir"
    gone: set[datetime] = field(default_factory=set)
    more: set[datetime] = field(default_factory=set)
    own: dict[datetime, tuple[datetime, timedelta, str]] = field(default_factory=dict)

    @property
    def places(self) -> list[datetime]:
        """All dates by the rule and beside it."""
        found = {at for _, at in starts_from(self.start, parse_rule(self.rule), since=self.start)}
        return sorted(found | self.more)

    def dates(self, *, after: datetime) -> list[tuple[datetime, datetime, str]]:
        """Return what takes place and has not ended, in UTC."""
        found = []
        for at in set(self.places) - self.gone:
            start, length, title = self.own.get(at, (at, self.length, self.title))
            times = (x.replace(tzinfo=ZONE).astimezone(UTC) for x in (start, start + length))
            found.append((*times, title))
        return sorted(each for each in found if each[1] > after)

    def text(self) -> bytes:
        """Return the object as this program writes it."""
        lines = [f"EXDATE;TZID=Europe/Paris:{stamp(at)}" for at in sorted(self.gone)]
        lines += [f"RDATE;TZID=Europe/Paris:{stamp(at)}" for at in sorted(self.more)]
        whole = vevent(*lines, SUMMARY=self.title, RRULE=self.rule, **at(self.start, self.length))
        own = [
            vevent(
                SUMMARY=title,
                RECURRENCE_ID=f";TZID=Europe/Paris:{stamp(place)}",
                **at(start, length),
            )
            for place, (start, length, title) in sorted(self.own.items())
            if place not in self.gone
        ]
        return calendar(whole, *own)


def stamp(local: datetime) -> str:
    return f"{local:%Y%m%dT%H%M%S}"


def at(start: datetime, length: timedelta) -> dict[str, str]:
    return {
        "DTSTART": f";TZID=Europe/Paris:{stamp(start)}",
        "DTEND": f";TZID=Europe/Paris:{stamp(start + length)}",
    }


EDITS = ["move", "drop", "back", "title", "own-title", "longer", "more", "fewer", "add", "usual"]


def edited(series: Series, dice: Random) -> Series:  # noqa: C901  a table
    """Return the series after something that people do to one in a calendar program."""
    new = replace(series, gone={*series.gone}, more={*series.more}, own={**series.own})
    open_ = [place for place in new.places if place not in new.gone]
    one = dice.choice(open_)
    match dice.choice(
        ["move", "drop", "back", "title", "own title", "longer", "more", "fewer", "add", "usual"]
    ):
        case "move":
            there = one + timedelta(days=dice.choice((0, 1, 2)), hours=dice.choice((2, 3)))
            new.own[one] = (there, new.length, new.title)
        case "drop" if len(open_) > 2:
            new.gone.add(one)
        case "back":
            new.gone.clear()
        case "title":
            new.title = dice.choice(("Band", "Trio", "Choir"))
            new.own = {key: (*each[:2], new.title) for key, each in new.own.items()}
        case "own-title":
            start, length, _ = new.own.get(one, (one, new.length, new.title))
            new.own[one] = (start, length, "Solo")
        case "longer":
            new.length = dice.choice((HOUR, 1.5 * HOUR))
        case "more":
            new.rule = f"FREQ=WEEKLY;COUNT={len(new.places) - len(new.more) + 2}"
        case "fewer" if len(new.places) - len(new.more) > 4:
            new.rule = f"FREQ=WEEKLY;COUNT={len(new.places) - len(new.more) - 1}"
        case "add":
            new.more.add(new.start + timedelta(days=7 * dice.randrange(5) + 4))
        case "usual":
            new.own.pop(one, None)
    known = {*new.places}
    new.own = {key: each for key, each in new.own.items() if key in known}
    new.gone &= known
    return new if any(place not in new.gone for place in new.places) else series


def booked(session, booking_id):
    session.rollback()
    found = agenda.booking(session, booking_id).occurrences
    dates = [(x.interval.start, x.interval.end, x.title) for x in found if x.state.is_open]
    return sorted(dates)


@pytest.mark.parametrize("seed", range(6))
def test_random_edits_book_what_the_program_shows(session, house, seed):
    dice = Random(seed)
    series = Series()
    key = put(house, series.text()).booking_id
    for _ in range(7):
        series = edited(series, dice)
        done = put(house, series.text(), booking_id=key)
        assert (done.booking_id, done.apart_id) == (key, None)
        assert booked(session, key) == series.dates(after=house.now)
        text = written(session, key)
        again = put(house, text, booking_id=key, space_id=None)
        assert (again.version, again.changed) == (done.version, False), text.decode()


@pytest.mark.parametrize("seed", range(4))
def test_begun_series_stays_one_booking_and_keeps_what_is_over(session, house, seed):
    dice = Random(100 + seed)
    series = Series()
    key = put(house, series.text()).booking_id
    later = house.now + timedelta(days=9)  # after two dates
    over = booked(session, key)[:2]
    for _ in range(5):
        dates = edited(series, dice)
        if dates.length != series.length:
            continue  # that would change what is over
        series = dates
        done = put(house, series.text(), booking_id=key, now=later)
        assert (done.booking_id, done.apart_id) == (key, None)
        coming = [each for each in booked(session, key) if each[1] > later]
        assert [x[:2] for x in coming] == [x[:2] for x in series.dates(after=later)]
        assert [x[:2] for x in booked(session, key)[:2]] == [x[:2] for x in over]


def test_begun_series_at_another_hour_goes_on_as_one_of_its_own(session, house):
    key = put(house, Series().text()).booking_id
    later = house.now + timedelta(days=9)
    moved = Series(start=FIRST + 4 * HOUR)

    done = put(house, moved.text(), booking_id=key, now=later)

    assert (done.booking_id, done.changed) == (key, True)
    assert done.apart_id is not None
    assert len(booked(session, key)) == 2
    assert booked(session, done.apart_id) == moved.dates(after=later)
    assert agenda.booking(session, key).state is State.CONFIRMED


WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=5"


def from_then_on(day: str, *lines: str, hour: int = 14, uid: str = "one@example.org") -> str:
    """Return the version of "this and following" dates (RFC 5545 §3.2.13)."""
    return vevent(
        f"RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:202703{day}T100000",
        *lines,
        uid=uid,
        SUMMARY="Later",
        DTSTART=f";TZID=Europe/Paris:202703{day}T{hour}0000",
        DTEND=f";TZID=Europe/Paris:202703{day}T{hour + 1}0000",
    )


def dates_of(session, booking_id):
    """Return the open dates of a booking by the wall clock, with its title."""
    found = agenda.booking(session(), booking_id)
    session.rollback()
    at = [x.interval.start.astimezone(ZONE) for x in found.occurrences if x.state.is_open]
    return found.title, [f"{each:%m-%d %H}" for each in at]


@pytest.mark.parametrize("rule", [WEEKLY, "RRULE:FREQ=WEEKLY"])
def test_this_and_following_is_a_booking_of_its_own(session, house, rule):
    made = put(house, calendar(vevent(rule)))
    taken = house.add_booking(house.atlas, by=house.stranger, start=14, end=15, days=(21,))
    changed = calendar(vevent(rule), from_then_on("25"))

    with pytest.raises(Conflicted):
        put(house, changed)
    assert len(dates_of(session, made.booking_id)[1]) >= 5
    cancel(CancelRequest(taken, 1), house.stranger, now=house.now)
    done = put(house, changed)

    assert (done.booking_id, done.changed) == (made.booking_id, True)
    assert dates_of(session, made.booking_id) == ("Choir", ["03-11 10", "03-18 10"])
    title, following = dates_of(session, done.apart_id)
    assert (title, following[:3]) == ("Later", ["03-25 14", "04-01 14", "04-08 14"])
    if rule == WEEKLY:
        assert len(following) == 3
    again = put(house, changed)
    assert (again.apart_id, again.stored, again.changed) == (None, False, True)
    assert dates_of(session, done.apart_id)[1] == following


def test_this_and_following_from_the_first_date_and_given_up(session, house):
    made = put(house, calendar(vevent(WEEKLY)))

    whole = put(house, calendar(vevent(WEEKLY), from_then_on("11")))
    assert (whole.booking_id, whole.apart_id) == (made.booking_id, None)
    title, dates = dates_of(session, made.booking_id)
    assert (title, dates[0], len(dates)) == ("Later", "03-11 14", 5)
    later = vevent(WEEKLY, DTSTART=";TZID=Europe/Paris:20270311T140000", DURATION="PT1H", DTEND="")
    gone = from_then_on("25", "STATUS:CANCELLED").replace("25T100000", "25T140000")
    put(house, calendar(later, gone))
    assert dates_of(session, made.booking_id)[1] == ["03-11 14", "03-18 14"]


def each_at_noon(number: int, uid: str) -> list[str]:
    """Return the first dates of a daily series, each moved by itself."""
    places = [FIRST + timedelta(days=each) for each in range(number)]
    return [own_date(at, at.replace(hour=12), uid=uid) for at in places]


def own_date(place: datetime, start: datetime, *lines: str, uid: str = "one@example.org") -> str:
    """Return one date of a series at a time of its own."""
    said = at(start, HOUR)
    return vevent(f"RECURRENCE-ID;TZID=Europe/Paris:{stamp(place)}", *lines, uid=uid, **said)


def test_many_dates_change_as_one_step(session, house):
    daily = "RRULE:FREQ=DAILY;COUNT=210"
    made = put(house, calendar(vevent(daily)))
    own = each_at_noon(200, "one@example.org")

    done = put(house, calendar(vevent(daily), *own), by=house.admin)

    dates = dates_of(session, made.booking_id)[1]
    assert (len(dates), dates[0], dates[199][6:], dates[200][6:]) == (210, "03-11 12", "12", "10")
    assert done.version == made.version + 1
    [told] = notices(session(), house.member.person_id or 0)
    assert told.message.code == "notice_changed"
    entries = history(session(), "booking", made.booking_id, limit=500)
    assert [each.verb for each in entries] == ["change_date"] * 200 + ["book"]
    assert len({each.new["date"]["at"] for each in entries[:-1]}) == 200


def test_dates_change_places(session, house):
    rule = "RRULE:FREQ=WEEKLY;COUNT=4"
    made = put(house, calendar(vevent(rule)))
    week = timedelta(weeks=1)
    later = [own_date(FIRST + week * each, FIRST + week * (each + 1)) for each in range(3)]
    back = own_date(FIRST + week * 3, FIRST, "SUMMARY:Last")

    put(house, calendar(vevent(rule), *later, back))

    found = agenda.booking(session(), made.booking_id)
    days = [(each.recurrence_id.day, each.interval.start.day) for each in found.occurrences]
    assert sorted(days) == [(1, 11), (11, 18), (18, 25), (25, 1)]
    assert found.state is State.CONFIRMED
    assert len(coming_holds(session(), [house.atlas.id], now=house.now)) == 4


def test_what_is_more_than_can_be_done_at_once_is_refused_in_words(session, house):
    daily = "RRULE:FREQ=DAILY;COUNT=301"
    put(house, calendar(vevent(WEEKLY)))
    twice = calendar(vevent(WEEKLY), from_then_on("18"), from_then_on("25", hour=16))
    new = calendar(vevent(WEEKLY, uid="two"), from_then_on("18", uid="two"))
    many = put(house, calendar(vevent(daily, uid="three", LOCATION="Birch")), space_id=None)
    moved = calendar(vevent(daily, uid="three", LOCATION="Birch"), *each_at_noon(301, "three"))

    for data, code in (
        (twice, "object_following"),
        (new, "object_following"),
        (moved, "object_many_changes"),
    ):
        with pytest.raises(InvalidRequest, match=code):
            put(house, data, space_id=None if data is moved else house.atlas.id)
    assert dates_of(session, many.booking_id)[1][0] == "03-11 10"
