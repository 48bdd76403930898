"""Calendars of others: followed, changed, silent, emptied; what they hold and who reads it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking import sources as workers
from booking.actions import bookings, sources
from booking.actions.sources import SourceRequest
from booking.core.errors import Conflicted, NotAllowed, NotFound
from booking.core.intervals import Interval
from booking.core.requests import CancelRequest
from booking.core.sources import SourceMode, SourceState
from booking.core.values import Visibility
from booking.core.visibility import closure_seen_by, source_event_seen_by
from booking.models import CalendarSource, Closure, Hold, SourceEvent
from booking.queries.closures import closures
from booking.queries.sources import bookings_below, due_sources, source, source_events
from tests.support.calendar_server import GUARD, VAULT, serving
from tests.support.checks import assert_house_in_order
from tests.support.factories import NOW

MONTH = Interval(NOW, NOW + timedelta(days=31))


@pytest.fixture
def town():
    """Return the server of the town's calendar."""
    with serving() as found:
        yield found


@pytest.fixture
def follow(house, session, town):
    """Return what follows the town's calendar and looks at it once; gives its id."""

    def do(mode=SourceMode.BUSY, **more):
        space_id = house.atlas.id if mode is SourceMode.BUSY else None
        asked = SourceRequest(house.site.id, "Town", town.address, mode, space_id)
        source_id = sources.add_source(
            replace(asked, **more), house.admin, seal=VAULT.seal, now=NOW
        )
        refresh(source_id)
        return source_id

    return do


def refresh(source_id, now=NOW):
    """Look at a calendar, as the job does."""
    workers.refresh(source_id, GUARD, VAULT, clock=lambda: now, language="en")


def event(house, uid, *, day=0, start=10, end=11, more=""):
    """Return the lines of an event."""
    first, last = house.at(start, day=day), house.at(end, day=day)
    zone = "TZID=Europe/Paris"
    return (
        f"UID:{uid}\r\nDTSTART;{zone}:{first:%Y%m%dT%H%M%S}\r\nDTEND;{zone}:{last:%Y%m%dT%H%M%S}"
        f"\r\nSUMMARY:Title of {uid}\r\n{more}"
    )


def held(session, house):
    """Return when the calendar's dates hold Atlas."""
    session.rollback()
    rows = session.execute(
        select(Hold.start, Hold.end)
        .join(SourceEvent, SourceEvent.closure_id == Hold.closure_id)
        .where(Hold.part_id == house.atlas.id)
        .order_by(Hold.start)
    )
    return [Interval(*row) for row in rows]


def stored(session):
    """Return the titles of all dates."""
    session.rollback()
    return sorted(session.scalars(select(SourceEvent.title)))


def test_dates_hold_the_room_and_displace_nobody(session, house, town, follow):
    booked = house.add_booking(start=10.5, end=11, title="Ours")
    series = "RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE;TZID=Europe/Paris:20270318T100000"
    town.has(event(house, "market", more=series), event(house, "gone", more="STATUS:CANCELLED"))

    source_id = follow()

    assert held(session, house) == [house.interval(10, 10.5), house.interval(10, 11, day=14)]
    with pytest.raises(Conflicted) as caught:
        bookings.book(house.request(day=14), house.member, now=NOW)
    assert caught.value.clashes[0].closure.reason == "Title of market"
    [below] = bookings_below(session, source_id, now=NOW, limit=9)
    assert below.booking_id == booked
    assert source(session, source_id).counts == {"events": 2, "dates": 2, "left": 0}
    bookings.cancel(CancelRequest(booked, 1), house.member, now=NOW)
    assert held(session, house)[0].start == house.interval(10, 11).start  # its own now
    assert_house_in_order(house.engine)


def test_changes_come_over_and_the_rest_stays(session, house, town, follow):
    town.has(*(event(house, f"{day}", day=day) for day in range(4)))
    source_id = follow()
    before = dict(session.execute(select(SourceEvent.title, SourceEvent.id)).all())

    town.has(*(event(house, f"{day}", day=day) for day in (0, 1, 2)), event(house, "new", day=9))
    refresh(source_id)

    after = dict(session.execute(select(SourceEvent.title, SourceEvent.id)).all())
    assert sorted(after) == ["Title of 0", "Title of 1", "Title of 2", "Title of new"]
    assert before["Title of 1"] == after["Title of 1"]
    same = [event(house, f"{day}", day=day) for day in (1, 2)]
    town.has(event(house, "0", start=14, end=15), *same, event(house, "new", day=9))
    refresh(source_id)
    assert held(session, house)[0] == house.interval(14, 15)
    assert_house_in_order(house.engine)


@pytest.mark.parametrize("trouble", ["silent", "broken", "empty", "most gone"])
def test_trouble_takes_nothing_away(session, house, town, follow, trouble):
    town.has(*(event(house, f"{day}", day=day) for day in range(12)))
    source_id = follow()
    before = held(session, house)
    if trouble == "silent":
        town.status, town.headers = 503, {"Retry-After": "7200"}
    elif trouble == "broken":
        town.body = b"<html>Moved</html>"
    else:
        town.has(
            *(event(house, f"{day}", day=day) for day in range(5 if trouble != "empty" else 0))
        )

    refresh(source_id, NOW + timedelta(minutes=1))

    assert held(session, house) == before
    found = source(session, source_id)
    assert found.error is not None
    assert found.read_at == NOW
    if trouble in ("silent", "broken"):
        assert (found.state, found.failures) == (SourceState.ACTIVE, 1)
        waits = found.next_at - NOW
        least = timedelta(hours=2) if trouble == "silent" else timedelta(minutes=1)
        assert least <= waits <= least + timedelta(minutes=5)
        town.has(*(event(house, f"{day}", day=day) for day in range(11)))
        town.headers = {}
        refresh(source_id, NOW + timedelta(hours=3))
        found = source(session, source_id)
        assert (found.error, found.failures, len(held(session, house))) == (None, 0, 11)
    else:
        assert (found.state, found.next_at) == (SourceState.ASKS, None)
        refresh(source_id)  # a job that was under way
        assert held(session, house) == before
        sources.refresh_source(source_id, house.admin, now=NOW, may_lose=True)
        refresh(source_id)
        assert len(held(session, house)) == (0 if trouble == "empty" else 5)
        assert source(session, source_id).may_lose is False


def test_unchanged_calendar_is_not_sent_again(session, house, town, follow):
    town.has(event(house, "market"))
    town.headers = {"ETag": '"one"', "Last-Modified": "Wed, 10 Mar 2027 08:00:00 GMT"}
    source_id = follow()
    version = source(session, source_id).version

    refresh(source_id, NOW + timedelta(hours=1))

    assert town.asked[-1]["If-None-Match"] == '"one"'
    found = source(session, source_id)
    assert (found.version, found.read_at) == (version, NOW + timedelta(hours=1))
    assert found.next_at == NOW + timedelta(hours=2)


def test_interrupted_work_goes_on(session, house, town, follow, monkeypatch):
    town.has(*(event(house, f"{day}", day=day % 9, start=8 + day // 9, end=9 + day // 9)
               for day in range(60)))  # fmt: skip
    real, calls = sources.change_dates, []

    def dies(*arguments, **named):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments, **named)

    monkeypatch.setattr(sources, "change_dates", dies)
    with pytest.raises(KeyboardInterrupt):
        follow()
    session.rollback()
    assert session.scalars(select(func.count()).select_from(SourceEvent)).one() == 50
    [source_id] = session.scalars(select(CalendarSource.id))
    refresh(source_id)
    assert session.scalars(select(func.count()).select_from(SourceEvent)).one() == 60
    assert_house_in_order(house.engine)


def test_removed_calendar_leaves_nothing(session, house, town, follow):
    town.has(event(house, "market"))
    source_id = follow()
    with pytest.raises(NotAllowed):
        sources.remove_source(source_id, house.manager, now=NOW)

    sources.remove_source(source_id, house.admin, now=NOW)

    session.rollback()
    for model in (CalendarSource, SourceEvent, Closure, Hold):
        assert session.scalars(select(func.count()).select_from(model)).one() == 0
    with pytest.raises(NotFound):
        sources.refresh_source(source_id, house.admin, now=NOW)
    refresh(source_id)  # a job that was under way


def test_paused_calendar_rests(session, house, town, follow):
    town.has(event(house, "market"))
    source_id = follow()
    asked = len(town.asked)
    sources.pause_source(source_id, house.admin, now=NOW)
    session.rollback()
    assert due_sources(session, now=NOW + timedelta(days=9)) == []
    refresh(source_id)
    assert (len(town.asked), stored(session)) == (asked, ["Title of market"])
    sources.refresh_source(source_id, house.admin, now=NOW)
    session.rollback()
    assert [each for each, _at in due_sources(session, now=NOW)] == [source_id]


def test_titles_are_for_those_they_are_meant_for(session, house, town, follow):
    private = event(house, "secret", start=12, end=13, more="CLASS:PRIVATE")
    town.has(event(house, "market"), private)
    follow()
    session.rollback()
    views = closures(session, house.site.id, MONTH)

    def read(viewer):
        return [closure_seen_by(each, viewer).reason for each in views]

    assert read(house.admin) == ["Title of market", "Title of secret"]
    assert read(house.member) == ["Title of market", "Town"]
    assert read(None) == ["Town", "Town"]


def test_public_calendar_gives_what_is_public(session, house, town, follow):
    town.has(event(house, "market"), event(house, "secret", day=1, more="CLASS:PRIVATE"))
    follow(SourceMode.PUBLIC)
    session.rollback()
    found = source_events(session, house.site.id, MONTH, [SourceMode.PUBLIC])
    assert [source_event_seen_by(each, None).title for each in found] == ["Title of market"]


def test_shown_calendar_takes_no_room(session, house, town, follow):
    town.has(event(house, "market"))
    follow(SourceMode.SHOW, visibility=Visibility.PRIVATE)
    [found] = source_events(session, house.site.id, MONTH, [SourceMode.SHOW])
    assert source_event_seen_by(found, house.member).title == "Town"
    bookings.book(house.request(), house.member, now=NOW)


def test_strange_zones_come_to_the_right_hours(session, house, town, follow):
    windows = "UID:w\r\nDTSTART;TZID=Romance Standard Time:20270405T100000\r\nDURATION:PT1H"
    floating = "UID:f\r\nDTSTART:20270406T100000\r\nDURATION:PT1H"
    unknown = "UID:u\r\nDTSTART;TZID=Nowhere:20270407T100000\r\nDURATION:PT1H"
    utc = "UID:z\r\nDTSTART:20270322T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=2"
    extra = (
        "UID:r\r\nDTSTART;TZID=Europe/Paris:20270408T100000\r\nDURATION:PT1H\r\n"
        "RDATE;TZID=Europe/Paris:20270410T100000"
    )
    moved = (
        "UID:r\r\nRECURRENCE-ID;TZID=Europe/Paris:20270410T100000\r\n"
        "DTSTART;TZID=Europe/Paris:20270411T100000\r\nDURATION:PT1H"
    )
    town.has(windows, floating, unknown, utc, extra, moved)
    town.body = town.body.replace(b"VERSION:2.0", b"VERSION:2.0\r\nX-WR-TIMEZONE:Europe/Paris")
    source_id = follow()
    found = [each.start.strftime("%d %H") for each in held(session, house)]
    # A series in UTC keeps its wall clock in the calendar's zone, as x-wr-timezone reads it.
    assert found == ["22 09", "29 08", "05 08", "06 08", "07 08", "08 08", "11 08"]
    assert [each.code for each in source(session, source_id).warnings] == ["event_zone_unknown"]
