"""Whatever a program makes of a series and puts back: the same dates are booked then."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from booking.core.recurrence import parse_rule, starts_from
from booking.core.values import State
from booking.queries import agenda
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
