# ruff: noqa: DTZ001  # wall-clock times are naive here
"""From an event of a file to a request: what is to come, in the house's zone and rooms."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from booking.core.imports import (
    ImportedDate,
    ImportedEvent,
    Into,
    Left,
    Wish,
    in_site_zone,
    known_as,
    rooms_in,
    wish_of,
)
from booking.core.recurrence import expand, parse_rule, to_local, to_utc
from booking.core.requests import OwnDate
from booking.core.series import own_by_date, with_own_times
from booking.core.values import Visibility
from tests.support.occurring import occurrences

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
EDGE = datetime(2028, 4, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
THURSDAY = datetime(2027, 3, 11, 9)
ROOMS = {known_as(name): number for number, name in enumerate(["Atlas", "Birch", "Hall, large"], 1)}
INTO = Into("Europe/Paris", NOW, EDGE, (7,), "Imported", lambda place: rooms_in(place, ROOMS))


def event(start: datetime = THURSDAY, rule: str = "", **more: Any) -> ImportedEvent:
    """Return an event of an hour."""
    values = {"uid": "one", "zone": "Europe/Paris", "title": "Choir", "end": start + HOUR, **more}
    return ImportedEvent(start=start, rule=parse_rule(rule) if rule else None, **values)


def wished(found: ImportedEvent, into: Into = INTO) -> Wish:
    """Return what is asked for."""
    wish = wish_of(found, into)
    assert isinstance(wish, Wish), wish
    return wish


def left(found: ImportedEvent, into: Into = INTO) -> str:
    """Return the code for which it is left out."""
    wish = wish_of(found, into)
    assert isinstance(wish, Left), wish
    return wish.reason.code


def times(wish: Wish) -> list[tuple[datetime, datetime]]:
    """Return the times in UTC that a request would be booked at."""
    request = wish.request
    dates = expand(
        request.start,
        request.end - request.start,
        "Europe/Paris",
        rule=parse_rule(request.rule) if request.rule else None,
        rdates=request.rdates,
        until=EDGE,
    )
    own = own_by_date(request.own, dates)
    return sorted(
        (each.interval.start, each.interval.end)
        for each in with_own_times(dates, own, "Europe/Paris")
        if each.recurrence_id not in request.skip
    )


def test_single_event_is_asked_for_as_it_is() -> None:
    wish = wished(event(note="Two tables", access=Visibility.PRIVATE))
    request = wish.request
    assert (request.space_ids, request.start, request.end) == ((7,), THURSDAY, THURSDAY + HOUR)
    assert (request.title, request.note, request.rule) == ("Choir", "Two tables", None)
    assert request.visibility is Visibility.PRIVATE
    assert (wish.dates, wish.over) == (1, 0)


def test_same_event_has_the_same_key_and_another_room_another() -> None:
    keys = [
        wished(found, into).request.request_key
        for found in (event(), event(title="Renamed"), event(uid="two"))
        for into in (INTO, replace(INTO, space_ids=(8,)))
    ]
    assert keys[:2] == keys[2:4]
    assert len(set(keys)) == 4
    assert all(key and len(key) <= 64 for key in keys)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (event(cancelled=True), "event_cancelled"),
        (event(datetime(2027, 3, 10, 9)), "event_over"),
        (event(datetime(2029, 3, 10, 9)), "beyond_horizon"),
        (event(datetime(2029, 3, 10, 9), "FREQ=WEEKLY"), "beyond_horizon"),
        (event(datetime(2027, 1, 7, 9), "FREQ=WEEKLY;COUNT=3"), "event_over"),
        (event(rule="FREQ=DAILY;COUNT=2", exdates=(THURSDAY, THURSDAY + DAY)), "empty_series"),
    ],
)
def test_what_is_not_to_come_is_left_out(found: ImportedEvent, code: str) -> None:
    assert left(found) == code


def test_series_goes_on_from_its_next_date_in_its_rhythm() -> None:
    wish = wished(event(datetime(2027, 1, 7, 9), "FREQ=WEEKLY;INTERVAL=2;COUNT=8"))
    assert (wish.request.start, wish.request.rule) == (
        datetime(2027, 3, 18, 9),
        "FREQ=WEEKLY;INTERVAL=2;COUNT=3",
    )
    assert wish.dates == 3


def test_series_without_an_end_stays_so_and_one_with_an_end_is_cut() -> None:
    assert wished(event(rule="FREQ=WEEKLY")).request.rule == "FREQ=WEEKLY"
    wish = wished(event(rule="FREQ=WEEKLY;COUNT=100"))
    assert wish.request.rule == "FREQ=WEEKLY;UNTIL=20280330T090000"
    assert [each.code for each in wish.warnings] == ["cut_at_edge"]


def test_dates_left_out_and_cancelled_are_skipped() -> None:
    gone = ImportedDate(THURSDAY + 14 * DAY, THURSDAY, THURSDAY + HOUR, cancelled=True)
    wish = wished(
        event(rule="FREQ=WEEKLY;COUNT=4", exdates=(THURSDAY, THURSDAY + 7 * DAY), dates=(gone,))
    )
    # The series begins on the first date that takes place.
    assert (wish.request.start, wish.request.rule) == (
        THURSDAY + 21 * DAY,
        "FREQ=WEEKLY;COUNT=1",
    )
    later = wished(event(rule="FREQ=WEEKLY;COUNT=4", dates=(gone,)))
    assert later.request.skip == {THURSDAY + 14 * DAY}
    assert later.dates == 3


def test_dates_keep_what_they_have_of_their_own() -> None:
    at = THURSDAY + 7 * DAY
    date = ImportedDate(at, at + 2 * HOUR, at + 4 * HOUR, "Concert", "Doors", "Birch, Main Street")
    wish = wished(
        event(rule="FREQ=WEEKLY;COUNT=4", dates=(date,), location="Atlas"),
        replace(INTO, by_place=True),
    )
    assert wish.request.space_ids == (1,)
    assert wish.request.own == (
        OwnDate(at, at + 2 * HOUR, at + 4 * HOUR, (2,), "Concert", "Doors"),
    )


def test_place_that_names_no_room_goes_to_the_chosen_one_or_is_left_out() -> None:
    by_place = replace(INTO, by_place=True)
    assert wished(event(location="Elsewhere"), by_place).request.space_ids == (7,)
    nowhere = replace(by_place, space_ids=())
    assert left(event(location="Elsewhere"), nowhere) == "event_place_unknown"
    assert left(event(rule="FREQ=WEEKLY"), nowhere) == "event_place_unknown"


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("Atlas", (1,)),
        ("  ATLAS ; Birch, 1 Main Street", (1, 2)),
        ("Hall, large, The House", (3,)),
        ("Hall", ()),
        ("Birch, Birch", (2,)),
        ("", ()),
        (", ,;", ()),
    ],
)
def test_rooms_are_found_in_a_place(place: str, found: tuple[int, ...]) -> None:
    assert rooms_in(place, ROOMS) == found


def test_further_dates_before_the_rule_are_listed_one_by_one() -> None:
    first = THURSDAY - 7 * DAY
    wish = wished(
        event(first, "FREQ=WEEKLY;INTERVAL=4;COUNT=2", rdates=(THURSDAY + DAY, THURSDAY + 3 * DAY))
    )
    assert [start for start, _end in times(wish)] == [
        to_utc(each, "Europe/Paris")
        for each in (THURSDAY + DAY, THURSDAY + 3 * DAY, first + 28 * DAY)
    ]


ZONES = ["America/New_York", "Asia/Tokyo", "UTC", "Europe/Berlin", "Australia/Sydney"]
RULES = [
    "",
    "FREQ=WEEKLY;COUNT=30",
    "FREQ=WEEKLY;BYDAY=TU,TH",
    "FREQ=DAILY;INTERVAL=3;COUNT=40",
    "FREQ=MONTHLY;BYDAY=1TU,3TU;COUNT=9",
    "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=9",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=6",
]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ZONES), st.sampled_from(RULES), st.integers(0, 23), st.data())
def test_event_of_another_zone_takes_place_at_the_same_instants(
    zone: str, rule: str, hour: int, data: st.DataObject
) -> None:
    start = datetime(2027, 3, 30, hour) if "DAY=" in rule else datetime(2027, 3, 16, hour)
    if "1TU" in rule:
        start = datetime(2027, 4, 6, hour)
    elif "-1" in rule:
        start = datetime(2027, 3, 31, hour)
    whole = event(start, rule, zone=zone)
    every = occurrences([whole], NOW, EDGE)
    at = data.draw(st.sampled_from(every))
    own = at.start.astimezone(__import__("zoneinfo").ZoneInfo(zone)).replace(tzinfo=None)
    if rule:
        date = ImportedDate(own, own + HOUR, own + 3 * HOUR, "Longer")
        whole = replace(whole, dates=(date,))
    expected = occurrences([whole], NOW, EDGE)
    assume(all(has_a_name(moment) for each in expected for moment in each[:2]))
    there = in_site_zone(whole, "Europe/Paris", since=NOW, until=EDGE)
    assert there.zone == "Europe/Paris"
    assert occurrences([there], NOW, EDGE) == expected
    wish = wished(whole)
    assert times(wish) == [each[:2] for each in expected]


def has_a_name(instant: datetime) -> bool:
    """Say whether the house's wall clock can name an instant: of an hour that comes twice, one."""
    return to_utc(to_local(instant, "Europe/Paris"), "Europe/Paris") == instant


def test_second_of_two_equal_hours_is_booked_as_the_first() -> None:
    twice = datetime(2027, 10, 31, 1)  # 02:00 in Paris, for the second time that night
    wish = wished(event(twice, zone="UTC"))
    assert (wish.request.start, wish.request.end) == (
        datetime(2027, 10, 31, 2),
        datetime(2027, 10, 31, 3),
    )
