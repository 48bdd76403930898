"""The feed over HTTP: who gets what, when nothing is built, what a program sees."""

import gzip
from datetime import UTC, timedelta

import icalendar
import pytest
import recurring_ical_events
from sqlalchemy import update
from werkzeug.http import http_date

from booking.actions import approvals, bookings
from booking.actions.subscriptions import (
    SubscriptionRequest,
    create_subscription,
    revoke_subscription,
)
from booking.core.calendars import Scope
from booking.core.requests import CancelRequest, DateRequest, DecisionRequest
from booking.core.values import Visibility
from booking.db import db, write
from booking.logs import TextFormatter
from booking.models import Person, RoleGrant, Space, Subscription
from booking.models import Site as SiteRow
from booking.queries import agenda
from tests.support.databases import writing
from tests.support.factories import NOW

WEEK = timedelta(weeks=1)


@pytest.fixture
def feeds(app, engine, house, clock):
    """Return the bench of a feed test."""
    return Feeds(app, engine, house, clock)


class Feeds:
    """Verbs and requests, each in a context of its own, as processes would do it."""

    def __init__(self, app, engine, house, clock):
        self.app, self.engine, self.house, self.clock = app, engine, house, clock
        self.client = app.test_client()

    def link(self, actor, **request):
        """Make a link; return the path of its feed."""
        with self.app.app_context():
            wanted = SubscriptionRequest(**{"name": "phone"} | request)
            return create_subscription(wanted, actor, now=self.clock.now).path

    def book(self, *spaces, by=None, **more):
        """Book as a verb does; return id and version."""
        with self.app.app_context():
            request = self.house.request(*spaces, **more)
            booked = bookings.book(request, by or self.house.member, now=self.clock.now)
            return booked.booking_id, booked.version

    def cancel(self, booked, by=None, **more):
        """Cancel what ``book`` gave."""
        with self.app.app_context():
            request = CancelRequest(*booked, **more)
            bookings.cancel(request, by or self.house.member, now=self.clock.now)

    def get(self, path, **headers):
        """Ask as a calendar program does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=named)

    def events(self, path):
        """Return the VEVENTs of a feed."""
        answer = self.get(path)
        assert answer.status_code == 200
        parsed = icalendar.Calendar.from_ical(answer.data)
        assert all(each.errors == [] for each in parsed.walk())
        return list(parsed.walk("VEVENT"))

    def set(self, model, **columns):
        """Change all rows of a table by hand."""
        with self.app.app_context(), write() as session:
            session.execute(update(model).values(**columns))


def titles(events):
    """Return the titles of events, sorted."""
    return sorted(str(event["SUMMARY"]) for event in events)


def test_feed_is_a_calendar_without_cookies(feeds):
    path = feeds.link(feeds.house.member)
    feeds.book(title="Choir")

    answer = feeds.get(path)

    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Content-Disposition"] == 'inline; filename="bookings.ics"'
    assert "Set-Cookie" not in answer.headers
    assert answer.data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert answer.data.endswith(b"END:VCALENDAR\r\n")


def test_feed_of_a_person_has_the_own_bookings(feeds):
    house = feeds.house
    feeds.book(house.atlas, title="Mine")
    feeds.book(house.birch, title="Theirs", by=house.stranger)
    feeds.book(
        house.birch,
        title="Made for the member",
        by=house.manager,
        organiser_id=house.member.person_id,
        organisation_id=house.ours,
        day=1,
    )

    events = feeds.events(feeds.link(house.member))

    assert titles(events) == ["Made for the member", "Mine"]


def test_feed_of_a_person_has_one_event_for_several_rooms(feeds):
    house = feeds.house
    feeds.book(house.atlas, house.birch)

    [event] = feeds.events(feeds.link(house.member))
    [in_room] = feeds.events(feeds.link(house.member, scope=Scope(space_id=house.birch.id)))

    assert str(event["LOCATION"]) == "Atlas, Birch, The House"
    assert str(in_room["LOCATION"]) == "Birch, The House"


def test_feed_of_a_room_redacts_what_its_reader_may_not_see(feeds):
    house = feeds.house
    feeds.book(house.atlas, title="Open", by=house.stranger)
    secret = {"visibility": Visibility.PRIVATE, "note": "hush", "day": 1}
    feeds.book(house.atlas, title="Secret", by=house.stranger, **secret)

    seen = feeds.get(
        feeds.link(house.member, scope=Scope(space_id=house.atlas.id), detail="full")
    ).text
    own = feeds.get(feeds.link(house.stranger, scope=Scope(space_id=house.atlas.id))).text
    decides = feeds.get(feeds.link(house.approver, scope=Scope(space_id=house.atlas.id))).text

    assert "SUMMARY:Open" in seen
    assert seen.count("BEGIN:VEVENT") == 2
    for word in ("Secret", "hush", "Stranger\r\nSUMMARY:Secret"):
        assert word not in seen
    assert "SUMMARY:Secret" in own
    assert "SUMMARY:Secret" in decides


def test_feed_for_busy_redacts_everything(feeds):
    house = feeds.house
    feeds.book(house.atlas, title="Choir", note="two tables")
    cancelled = feeds.book(house.birch, title="Gone")
    feeds.cancel(cancelled)

    [event] = feeds.events(feeds.link(house.member, detail="busy"))

    assert set(event) == {
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "SEQUENCE",
        "STATUS",
        "TRANSP",
        "SUMMARY",
        "LOCATION",
    }
    assert str(event["SUMMARY"]) in ("Busy", "Occupé")


def test_feed_of_a_part_shows_the_combined_room(feeds):
    house = feeds.house
    hall = house.add_space("Hall", parts=(house.atlas, house.birch))
    feeds.book(hall, title="Ball")

    [event] = feeds.events(feeds.link(house.member, scope=Scope(space_id=house.atlas.id)))

    assert str(event["SUMMARY"]) == "Ball"
    assert str(event["LOCATION"]) == "Hall, The House"


def test_feed_follows_a_request_to_its_answer(feeds):
    house = feeds.house
    path = feeds.link(house.member)
    booking_id, version = feeds.book(house.cedar)
    assert [event["STATUS"] for event in feeds.events(path)] == ["TENTATIVE"]

    feeds.clock.now += timedelta(minutes=5)
    with feeds.app.app_context():
        wish = DecisionRequest(booking_id, version)
        approvals.approve(wish, house.approver, now=feeds.clock.now)

    [event] = feeds.events(path)
    assert event["STATUS"] == "CONFIRMED"
    assert event["SEQUENCE"] == 1
    assert event["LAST-MODIFIED"].dt == feeds.clock.now


def test_feed_keeps_a_cancelled_booking_for_some_weeks(feeds):
    path = feeds.link(feeds.house.member)
    feeds.cancel(feeds.book(day=100))
    assert [event["STATUS"] for event in feeds.events(path)] == ["CANCELLED"]

    feeds.clock.now += timedelta(days=30)
    assert len(feeds.events(path)) == 1
    feeds.clock.now += timedelta(days=12)
    assert feeds.events(path) == []


def test_feed_reaches_sixty_days_back(feeds):
    path = feeds.link(feeds.house.member)
    feeds.book(title="Once")
    feeds.book(title="Each week", start=12, end=13, rule="FREQ=WEEKLY;COUNT=4")

    feeds.clock.now += timedelta(days=61)
    assert titles(feeds.events(path)) == ["Each week", "Once"]
    feeds.clock.now += timedelta(days=12)
    assert titles(feeds.events(path)) == ["Each week"]
    feeds.clock.now += 4 * WEEK
    assert feeds.events(path) == []


def test_feed_of_a_series_expands_to_the_stored_dates(feeds):
    house = feeds.house
    path = feeds.link(house.member)
    feeds.book(house.atlas, by=house.stranger, day=14, title="In the way")
    skip = frozenset({house.at(10, day=14)})
    series = feeds.book(house.atlas, rule="FREQ=WEEKLY;COUNT=5", skip=skip)
    with feeds.app.app_context():
        view = agenda.booking(db.session(), series[0])
    third = next(each for each in view.occurrences if each.recurrence_id == house.at(10, day=21))
    feeds.cancel(series, occurrence_id=third.occurrence_id)

    parsed = icalendar.Calendar.from_ical(feeds.get(path).data)
    found = recurring_ical_events.of(parsed).between((2027, 1, 1), (2028, 1, 1))

    starts = sorted(each["DTSTART"].dt.astimezone(UTC) for each in found)
    assert starts == [house.interval(10, 11, day=day).start for day in (0, 7, 28)]
    # 10:00 stays 10:00 when the clocks go forward on the 28th.
    assert [each.hour for each in starts] == [9, 9, 8]


def test_changed_date_of_a_series_is_one_object_with_it(feeds):
    """RFC 5545 §3.8.4.4: the same UID, and the start that the rule gives as RECURRENCE-ID."""
    house = feeds.house
    path = feeds.link(house.member)
    more = {"rule": "FREQ=WEEKLY;COUNT=4", "rdates": (house.at(10, day=5),)}
    series, version = feeds.book(house.atlas, **more)
    with feeds.app.app_context():
        view = agenda.booking(db.session(), series)
        date = next(each for each in view.occurrences if each.recurrence_id == house.at(10, day=7))
        start, end = house.at(14, day=8), house.at(15.5, day=8)
        spaces = (house.birch.id,)
        wish = DateRequest(series, date.occurrence_id, version, start, end, spaces, "Concert")
        bookings.change_date(wish, house.member, now=feeds.clock.now)

    parsed = icalendar.Calendar.from_ical(feeds.get(path).data)
    whole, own = parsed.walk("VEVENT")
    assert whole["UID"] == own["UID"]
    assert own["RECURRENCE-ID"].dt.replace(tzinfo=None) == house.at(10, day=7)
    assert (own["SUMMARY"], own["LOCATION"][:5]) == ("Concert", "Birch")
    found = recurring_ical_events.of(parsed).between((2027, 1, 1), (2028, 1, 1))
    times = sorted((each["DTSTART"].dt, each["DTEND"].dt) for each in found)
    usual = [house.interval(10, 11, day=day) for day in (0, 5, 14, 21)]
    stored = sorted([*usual, house.interval(14, 15.5, day=8)])
    assert times == [(each.start, each.end) for each in stored]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param("{}", id="alone"),
        pytest.param('"one", {}, "two"', id="in-a-list"),
        pytest.param("W/{}", id="weak"),
        pytest.param("*", id="any"),
    ],
)
def test_unchanged_feed_is_not_built_again(feeds, count, sent):
    path = feeds.link(feeds.house.member)
    feeds.book()
    etag = feeds.get(path).headers["ETag"]
    assert not etag.startswith("W/")

    with count() as statements:
        again = feeds.get(path, If_None_Match=sent.format(etag))

    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == etag
    assert len(statements) == 3


def test_feed_that_was_compressed_is_recognised(feeds):
    path = feeds.link(feeds.house.member)
    for day in range(5):
        feeds.book(day=day)
    squeezed = feeds.get(path, Accept_Encoding="gzip")
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.data) == feeds.get(path).data

    again = feeds.get(path, Accept_Encoding="gzip", If_None_Match=squeezed.headers["ETag"])
    assert again.status_code == 304


def test_same_feed_gives_the_same_bytes(feeds):
    path = feeds.link(feeds.house.member)
    feeds.book(rule="FREQ=WEEKLY;COUNT=5")
    first = feeds.get(path)
    feeds.app.extensions.pop("booking.feeds")
    feeds.clock.now += timedelta(hours=3)

    second = feeds.get(path)

    assert (first.data, first.headers["ETag"]) == (second.data, second.headers["ETag"])


def test_etag_changes_with_everything_that_the_feed_depends_on(feeds):
    house = feeds.house
    path = feeds.link(house.member)
    room = feeds.link(house.member, scope=Scope(space_id=house.atlas.id))
    seen = {feeds.get(path).headers["ETag"], feeds.get(room).headers["ETag"]}

    def fresh():
        """Say whether both feeds changed since the last time."""
        tags = {feeds.get(each).headers["ETag"] for each in (path, room)}
        is_fresh = len(tags) == 2 and not tags & seen
        seen.update(tags)
        return is_fresh

    assert not fresh()
    booked = feeds.book()
    assert fresh()
    feeds.cancel(booked)
    assert fresh()
    feeds.set(Space, name="Renamed", version=Space.version + 1)
    assert fresh()
    feeds.set(SiteRow, address="1 Main Street", version=SiteRow.version + 1)
    assert fresh()
    feeds.set(Person, locale="en")
    assert fresh()
    with writing(feeds.engine) as connection:
        grant = {"person_id": house.member.person_id, "role": "admin"}
        connection.execute(RoleGrant.__table__.insert().values(**grant))
    assert fresh()
    feeds.clock.now += WEEK
    assert fresh()
    feeds.book(house.birch, by=house.stranger, day=60)
    assert not fresh()


def test_head_tells_the_same_without_a_body(feeds):
    path = feeds.link(feeds.house.member)
    feeds.book()
    feeds.get(path)
    feeds.clock.now += timedelta(seconds=1)
    got, head = feeds.get(path), feeds.client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Type", "Last-Modified", "Content-Length"):
        assert head.headers[name] == got.headers[name]


def test_date_of_a_change_is_as_good_as_a_tag(feeds):
    """RFC 9110 §8.8.2.2: told once its second is over, so that no other change can share it."""
    path = feeds.link(feeds.house.member)

    def get(since=None, **headers):
        sent = {"If_Modified_Since": since} if since else {}
        return feeds.get(path, **sent, **headers)

    feeds.book(day=1)
    assert "Last-Modified" not in get().headers
    feeds.clock.now += timedelta(milliseconds=700)
    feeds.book(day=2)
    assert "Last-Modified" not in get().headers
    assert get(http_date(NOW)).status_code == 200  # the date of the first answer
    feeds.clock.now += timedelta(milliseconds=300)

    known = get().headers["Last-Modified"]
    assert known == http_date(NOW + timedelta(seconds=1))
    assert get(known).status_code == 304
    feeds.book(day=3)  # within the second of that date
    assert get(known).status_code == 200
    feeds.clock.now += timedelta(seconds=5)
    assert get(known).status_code == 200
    assert get(http_date(feeds.clock.now)).status_code == 304
    assert get(http_date(feeds.clock.now), If_None_Match='"another"').status_code == 200
    assert get("yesterday").status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_feed_is_read_only(feeds, method):
    path = feeds.link(feeds.house.member)
    assert getattr(feeds.client, method)(path).status_code == 405


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("x" * 32, id="unknown"),
        pytest.param("short", id="short"),
        pytest.param("%00" * 32, id="nul"),
        pytest.param("é" * 32, id="accents"),
        pytest.param("x" * 5000, id="long"),
        pytest.param("..%2f..%2fetc", id="path"),
    ],
)
def test_unknown_token_is_not_found(feeds, token, count):
    with count() as statements:
        answer = feeds.get(f"/feeds/{token}.ics")
    assert answer.status_code == 404
    assert len(statements) <= 1


def test_revoked_link_and_closed_account_are_not_found(feeds):
    house = feeds.house
    revoked, closed = feeds.link(house.member), feeds.link(house.stranger)
    with feeds.app.app_context():
        revoke_subscription(1, house.member, now=NOW)
    with feeds.app.app_context(), write() as session:
        session.execute(
            update(Person).where(Person.id == house.stranger.person_id).values(archived_at=NOW)
        )
    for path in (revoked, closed):
        answer = feeds.get(path)
        assert (answer.status_code, answer.mimetype) == (404, "text/plain")


def test_use_of_a_link_is_noted_once_an_hour(feeds, count):
    path = feeds.link(feeds.house.member)

    def used():
        feeds.get(path)
        with feeds.app.app_context():
            return db.session.get(Subscription, 1).last_used_at

    assert used() == NOW
    feeds.clock.now += timedelta(minutes=59)
    assert used() == NOW
    feeds.clock.now += timedelta(minutes=1)
    assert used() == NOW + timedelta(hours=1)


def test_feed_speaks_the_language_of_its_owner(feeds):
    feeds.set(Person, locale="en")  # the house speaks French
    path = feeds.link(feeds.house.member)
    feeds.book(attendance=12, organisation_id=feeds.house.ours, note="Two tables")

    [event] = feeds.events(path)

    assert str(event["DESCRIPTION"]).splitlines() == [
        "Organisation: Ours",
        "Organiser: Member",
        "People expected: 12",
        "Note for the reception: Two tables",
    ]


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_feed_takes_a_fixed_number_of_statements(feeds, count, rows):
    house = feeds.house
    paths = [
        feeds.link(house.member),
        feeds.link(house.member, scope=Scope(space_id=house.atlas.id)),
    ]
    for number in range(rows):
        house.add_booking(
            house.atlas, start=8 + number % 12, end=9 + number % 12, days=(number // 12,)
        )
    for path in paths:
        feeds.get(path, If_None_Match="*")  # the first use in an hour is written down
        with count() as statements:
            assert feeds.get(path).text.count("BEGIN:VEVENT") == rows
        assert len(statements) == 8


def test_feed_escapes_what_people_type(feeds):
    nasty = "x\u2028END:VEVENT; \\, <script>alert(1)</script> \u202eRTL 🎪"
    path = feeds.link(feeds.house.member)
    feeds.book(title=nasty)
    [event] = feeds.events(path)
    assert "END:VEVENT" in str(event["SUMMARY"])
    assert "🎪" in str(event["SUMMARY"])


def test_feed_names_the_page_of_a_booking(feeds):
    path = feeds.link(feeds.house.member)
    booking_id, _version = feeds.book()
    [event] = feeds.events(path)
    assert str(event["URL"]) == f"http://localhost/bookings/{booking_id}"


def test_log_keeps_no_secret(feeds, caplog):
    caplog.set_level("DEBUG")
    path = feeds.link(feeds.house.member)
    feeds.get(path)
    written = "\n".join(map(TextFormatter().format, caplog.records))
    assert "GET /feeds/*** 200" in written
    assert path not in written
