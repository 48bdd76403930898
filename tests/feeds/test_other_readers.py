"""A year of bookings in every kind of feed, read by two other readers: exactly our rows."""

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from flask import Flask
from sqlalchemy import select

from booking.actions import bookings, permanences
from booking.actions.subscriptions import SubscriptionRequest, create_subscription
from booking.core.calendars import MINE, Filter, Scope
from booking.core.errors import BookingError
from booking.core.permanences import Details, PermanenceRequest
from booking.core.requests import CancelRequest, DateRequest
from booking.core.values import State, Visibility
from booking.db import db
from booking.models import Allocation, Booking, Occurrence
from booking.queries import agenda
from tests.support.factories import NOW, House
from tests.support.node import read_by_node

PARIS = ZoneInfo("Europe/Paris")
SINCE = datetime(2027, 3, 11, tzinfo=PARIS).astimezone(UTC)
UNTIL = datetime(2028, 4, 13, tzinfo=PARIS).astimezone(UTC)  # both changes of the clocks, twice one
RULES = (
    None,
    None,
    "FREQ=DAILY;COUNT=20",
    "FREQ=WEEKLY;COUNT=40",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
    "FREQ=WEEKLY;UNTIL=20271201",
    "FREQ=MONTHLY;BYDAY=-1WE;COUNT=11",
    "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=6",
    "FREQ=YEARLY;COUNT=2",
)
Row = tuple[datetime, datetime]


class Year:
    """A house in which a year was booked, moved and cancelled."""

    def __init__(self, app: Flask, house: House) -> None:
        self.app, self.house = app, house
        self.random = random.Random(11)
        self.floor = house.add_floor(house.atlas, house.birch)
        self.both = house.add_space("Both", parts=(house.atlas, house.delta))
        with app.app_context():
            for number in range(45):
                with suppress(BookingError):
                    self._book(number)
            details = Details("Bring papers", phone="+33 4 75 00 00 00")
            asked = house.request(
                house.birch,
                start=18.5,
                end=19.5,
                title="Advice",
                rule="FREQ=WEEKLY;COUNT=50",
                organisation_id=house.ours,
            )
            permanences.make(PermanenceRequest(asked, details), house.manager, now=NOW)

    def _book(self, number: int) -> None:
        house, dice = self.house, self.random
        rule = dice.choice(RULES)
        start = dice.choice([8, 9.5, 11, 14, 17])
        day = dice.randrange(0, 60 if rule else 390)
        spaces = dice.choice([[house.atlas], [house.birch], [house.cedar], [self.both],
                              [house.atlas, house.birch]])  # fmt: skip
        more = {"all_day": True} if number % 9 == 0 else {}
        by = dice.choice([house.member, house.manager])
        start, end = (0, 24) if more else (start, start + dice.choice([0.5, 1, 2]))
        wish = house.request(
            *spaces,
            start=start,
            end=end,
            day=day,
            title=f"Number {number}; with, a\\long title {'é' * number}",
            rule=rule,
            visibility=dice.choice(list(Visibility)),
            category=dice.choice(["meeting", "training"]),
            organisation_id=dice.choice([house.ours, None]),
            **more,
        )
        made = bookings.book(wish, by, now=NOW)
        if rule:
            for _ in range(4):
                with suppress(BookingError):
                    self._differ(made.booking_id, by)

    def _differ(self, booking_id: int, by: object) -> None:
        """Cancel, move or rename a date of a series."""
        view = agenda.booking(db.session(), booking_id)
        date = self.random.choice(view.occurrences)
        what = self.random.randrange(4)
        if what == 0:
            asked = CancelRequest(booking_id, view.version, occurrence_id=date.occurrence_id)
            bookings.cancel(asked, by, now=NOW)
            return
        at = date.recurrence_id
        later = at if view.all_day else datetime.combine(at.date(), time(12, 30))
        start = at if what == 1 else later + timedelta(days=what - 2)
        length = view.ends_at - view.starts_at
        spaces = (self.house.cedar.id,) if what == 3 else view.usual_spaces
        title = "Another; title" if what != 3 else ""
        wish = DateRequest(
            booking_id, date.occurrence_id, view.version, start, start + length, spaces, title
        )
        bookings.change_date(wish, by, now=NOW)

    def rows(self, scope: Scope, *, actor_id: int) -> list[Row]:
        """Return the open dates of a scope as they are stored."""
        query = (
            select(Occurrence.start, Occurrence.end)
            .join(Allocation, Allocation.occurrence_id == Occurrence.id)
            .join(Booking, Booking.id == Occurrence.booking_id)
            .where(Allocation.state.in_([each.value for each in State if each.is_open]))
            .distinct()
            .add_columns(Occurrence.id)
        )
        spaces = self._spaces(scope)
        if spaces is not None:
            query = query.where(Allocation.space_id.in_(spaces))
        if scope.mine:
            query = query.where(Booking.organiser_id == actor_id)
        if scope.organisation_id:
            query = query.where(Booking.organisation_id == scope.organisation_id)
        if scope.category:
            query = query.where(Booking.category == scope.category)
        if scope.only:
            query = query.where(Booking.category.in_(scope.only.categories))
        if scope.tells:  # told of what its reader may read
            readable = Booking.visibility != Visibility.PRIVATE.value
            query = query.where(readable | (Booking.organiser_id == actor_id))
        with self.app.app_context():
            return sorted((start, end) for start, end, _id in db.session.execute(query))

    def _spaces(self, scope: Scope) -> list[int] | None:
        house = self.house
        if scope.space_id == house.atlas.id:
            return [house.atlas.id, self.both.id]
        if scope.space_id is not None:
            return [scope.space_id]
        is_of_floor = scope.floor_id or scope.only
        return [house.atlas.id, house.birch.id] if is_of_floor else None


@pytest.fixture
def year(app: Flask, house: House) -> Iterator[Year]:
    return Year(app, house)


def by_python(body: bytes) -> list[Row]:
    """Return what takes place as recurring-ical-events sees it, read by icalendar."""
    calendar = icalendar.Calendar.from_ical(body)
    assert all(each.errors == [] for each in calendar.walk())
    found = recurring_ical_events.of(calendar).between(SINCE, UNTIL)
    return sorted(
        (_instant(each["DTSTART"].dt), _instant(each["DTEND"].dt))
        for each in found
        if each["STATUS"] != "CANCELLED"
    )


def _instant(moment: object) -> datetime:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime.combine(moment, time(), PARIS).astimezone(UTC)


def by_node(body: bytes) -> list[Row]:
    """Return the same as ical.js sees it, which must not warn of anything."""
    read = read_by_node(body, SINCE, UNTIL)
    assert read.warnings == []
    return sorted((each.start, each.end) for each in read.occurrences)


def test_other_readers_find_our_rows_in_every_kind_of_feed(year: Year) -> None:
    house, member = year.house, year.house.member
    scopes = {
        "person": MINE,
        "space": Scope(space_id=house.atlas.id),
        "other space": Scope(space_id=house.cedar.id),
        "floor": Scope(floor_id=year.floor),
        "site": Scope(site_id=house.site.id),
        "organisation": Scope(organisation_id=house.ours),
        "category": Scope(category="training"),
        "filter": Scope(only=Filter(floor_ids=(year.floor,), categories=("training",))),
        "mine of a floor": Scope(mine=True, floor_id=year.floor),
    }
    client = year.app.test_client()
    for name, scope in scopes.items():
        rows = year.rows(scope, actor_id=member.person_id)
        assert len(rows) > 10, name
        for detail in ("full", "busy"):
            with year.app.app_context():
                asked = SubscriptionRequest(name, scope, detail)
                path = create_subscription(asked, member, now=NOW).path
            body = client.get(path).data
            assert by_python(body) == rows, (name, detail)
            assert by_node(body) == rows, (name, detail)


@pytest.mark.parametrize("path", ["/programme.ics", "/permanences.ics"])
def test_other_readers_agree_on_what_anybody_may_read(year: Year, path: str) -> None:
    body = year.app.test_client().get(path).data
    found = by_python(body)
    assert len(found) > 10
    assert by_node(body) == found
