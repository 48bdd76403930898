"""Bookings of one date: written from their rows as all others are, their times by whole numbers."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from flask_babel import force_locale
from hypothesis import given, settings
from hypothesis import strategies as st

from booking import events, ical
from booking.core.values import State
from booking.core.visibility import may_read
from booking.ical.clocks import clock, utc_text
from booking.ical.text import dates, instant_text, times
from booking.queries import feed as reads
from booking.queries import houses
from booking.queries.categories import categories
from booking.written import Writer

ZONES = ("Europe/Paris", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Kolkata", "Etc/UTC")
SPRING, AUTUMN = 1_806_199_200, 1_824_944_400  # the clocks of Paris change, 2027
NEAR = st.integers(-90_000, 90_000)


@settings(max_examples=300, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    at=st.one_of(
        st.integers(-2_000_000_000, 4_000_000_000), NEAR, NEAR.map(SPRING.__add__),
        NEAR.map(AUTUMN.__add__),
    ),
)  # fmt: skip
def test_clock_shows_what_datetime_says(zone: str, at: int) -> None:
    there = datetime.fromtimestamp(at, ZoneInfo(zone))
    local = there.replace(tzinfo=None)
    assert clock(zone).time(at) == (times(zone, "", local), local.year)
    assert clock(zone).day(at) == (dates("", local), local.year)
    assert utc_text(at) == instant_text(datetime.fromtimestamp(at, UTC))


@pytest.mark.engines("sqlite", "postgresql")
def test_rows_and_values_are_written_alike(app, session, house):
    """Each kind of booking for each kind of reader; what has one date in one space is a row."""
    house.add_booking(house.atlas, title="Choir; with, piano 🎶", note="Two tables", attendance=7)
    for number, state in enumerate(State):
        for visibility in ("public", "members", "private"):
            more = {"note": "hush", "organisation_id": house.theirs} if number % 2 else {}
            house.add_booking(
                (house.atlas, house.cedar)[number % 2],
                start=8 + number,
                end=9 + number,
                days=({"public": 20, "members": 21, "private": 22}[visibility],),
                by=(house.member, house.stranger)[number % 2],
                state=state,
                visibility=visibility,
                title=f"{state} {visibility}",
                **more,
            )
    house.add_booking(house.birch, start=0, end=24, all_day=True, organisation_id=None)
    two = house.add_booking(house.birch, house.delta, days=(30,))
    series = house.add_booking(house.birch, days=(40, 41))

    wanted = reads.Wanted(reads.alone(*range(1, series + 1)).ids, reads.alone(1).within)
    ids = list(reads.versions(session, wanted))
    alone = reads.singles(session, wanted, ids)
    assert {each.booking_id for each in alone} == {*ids} - {two, series}
    with app.app_context(), force_locale("en"):
        for reader in (house.member, house.stranger, house.approver, house.admin, None):
            for busy, hides in ((False, False), (False, True), (True, False), (True, True)):
                writer = Writer(session, wanted)
                words = events.words(
                    reader,
                    writer.spaces,
                    sites={each.id: each for each in houses.sites(session)},
                    categories=categories(session),
                    base="https://rooms.example",
                    busy=busy,
                    key="secret",
                )
                if hides:
                    words = replace(words, is_told=partial(may_read, viewer=reader))
                written = writer.written(words)
                for each in reads.bookings(session, wanted):
                    event = ical.event_of(each, words)
                    text = ical.component(event) if event else None
                    assert written[each.view.booking_id] == (each.view.version, text)
