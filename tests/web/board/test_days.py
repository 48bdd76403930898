"""Intervals on the wall clock of a site, day by day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from booking.core.intervals import Interval
from booking.web.board.days import Piece, local_bounds, pieces, window

PARIS = ZoneInfo("Europe/Paris")
MONDAY = date(2027, 3, 8)


def interval(start: str, end: str) -> Interval:
    return Interval(
        datetime.fromisoformat(f"{start}:00+00:00").astimezone(UTC),
        datetime.fromisoformat(f"{end}:00+00:00").astimezone(UTC),
    )


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_pieces_of_a_night_lie_on_both_days():
    bounds = wall("2027-03-08T22:00"), wall("2027-03-09T02:00")
    assert list(pieces(*bounds, first=MONDAY, last=date(2027, 3, 14))) == [
        (MONDAY, Piece(22 * 60, 24 * 60, begins=True, ends=False)),
        (date(2027, 3, 9), Piece(0, 120, begins=False, ends=True)),
    ]


def test_a_booking_until_midnight_stays_on_its_day():
    found = list(
        pieces(wall("2027-03-08T20:00"), wall("2027-03-09T00:00"), first=MONDAY, last=MONDAY)
    )
    assert found == [(MONDAY, Piece(20 * 60, 24 * 60))]


def test_pieces_outside_the_shown_days_are_left_out():
    bounds = wall("2027-03-01T00:00"), wall("2027-03-31T00:00")
    found = list(pieces(*bounds, first=MONDAY, last=date(2027, 3, 9)))
    assert [day for day, _ in found] == [MONDAY, date(2027, 3, 9)]
    assert not any(piece.begins or piece.ends for _, piece in found)


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        pytest.param(Piece(600, 660), (40, 44), id="exact"),
        pytest.param(Piece(605, 661), (40, 45), id="rounded-outward"),
        pytest.param(Piece(600, 600), (40, 41), id="never-empty"),
    ],
)
def test_quarters_cover_the_piece(piece, expected):
    assert piece.quarters == expected


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        pytest.param(Piece(300, 360), (300, 360), id="whole"),
        pytest.param(Piece(0, 120, begins=False), (60, 120), id="last-hour-of-a-night"),
        pytest.param(Piece(1320, 1440, ends=False), (1320, 1380), id="first-hour-of-a-night"),
        pytest.param(Piece(0, 1440, begins=False, ends=False), (1440, 0), id="day-between"),
    ],
)
def test_must_show_leaves_out_the_dead_of_night(piece, expected):
    assert piece.must_show == expected


def test_bounds_stay_in_order_when_clocks_go_back():
    # 02:30 summer time until 02:15 winter time: 45 minutes.
    start, end = local_bounds(interval("2027-10-31T00:30", "2027-10-31T01:15"), PARIS)
    assert (start, end) == (wall("2027-10-31T02:30"), wall("2027-10-31T02:45"))


def test_bounds_follow_the_wall_clock_across_the_spring_gap():
    start, end = local_bounds(interval("2027-03-28T00:30", "2027-03-28T01:30"), PARIS)
    assert (start, end) == (wall("2027-03-28T01:30"), wall("2027-03-28T03:30"))


def test_window_of_the_long_day_has_25_hours():
    day = date(2027, 10, 31)
    assert window(day, day, PARIS).length.total_seconds() == 25 * 3600
