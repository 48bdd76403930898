# ruff: noqa: E501 - each line of a table stays a line
"""Check-in as a table: the clock, and what can be done.  The meeting is from 10 to 12, ten minutes are allowed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from booking.core.checkin import asks_whether_needed, is_no_show, kept_until, to_check_in
from booking.core.intervals import Interval
from booking.core.values import OccurrenceView, Policy, Space, SpaceKind, State, Visibility

ROOM = Space(7, 1, SpaceKind.MEETING_ROOM, "Atlas", policy=Policy(check_in=timedelta(minutes=10)))


def at(clock: str) -> datetime:
    return datetime.strptime(f"2027-03-11 {clock}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


BOOKED = datetime(2027, 3, 1, 9, tzinfo=UTC)
MEETING = OccurrenceView(
    allocation_id=1,
    occurrence_id=1,
    booking_id=1,
    site_id=1,
    space_id=7,
    interval=Interval(at("10:00"), at("12:00")),
    state=State.CONFIRMED,
    title="Choir",
    category="meeting",
    visibility=Visibility.MEMBERS,
    organiser_id=1,
    organiser_name="Member",
    created_by_id=1,
    organisation_id=None,
    organisation_name="",
    recurrence_id=datetime(2027, 3, 11, 11),  # noqa: DTZ001
)
CHECKED_IN = replace(MEETING, checked_in_at=at("09:50"))
SHORT = replace(MEETING, interval=Interval(at("10:00"), at("10:05")))

# fmt: off
CLOCK = [
    # the meeting, booked long ago           now      can check in  goes to others
    (MEETING, BOOKED,                        "09:44",  False,        False),
    (MEETING, BOOKED,                        "09:45",  True,         False),
    (MEETING, BOOKED,                        "10:00",  True,         False),
    (MEETING, BOOKED,                        "10:09",  True,         False),
    (MEETING, BOOKED,                        "10:10",  False,        True),
    (MEETING, BOOKED,                        "10:19",  False,        True),
    # the service stood still: nothing is taken away afterwards
    (MEETING, BOOKED,                        "10:20",  False,        False),
    # booked, or changed, after it began: as long from then on
    (MEETING, at("10:30"),                   "10:39",  True,         False),
    (MEETING, at("10:30"),                   "10:40",  False,        True),
    # somebody is there
    (CHECKED_IN, BOOKED,                     "10:05",  False,        False),
    (CHECKED_IN, BOOKED,                     "10:15",  False,        False),
    # shorter than the time that is allowed: it is simply over
    (SHORT, BOOKED,                          "10:04",  True,         False),
    (SHORT, BOOKED,                          "10:05",  False,        False),
    # requests, what was cancelled, and whole days are not asked
    (replace(MEETING, state=State.REQUESTED), BOOKED, "10:05", False, False),
    (replace(MEETING, state=State.CANCELLED), BOOKED, "10:12", False, False),
    (replace(MEETING, all_day=True), BOOKED, "10:05",  False,        False),
    (replace(MEETING, all_day=True), BOOKED, "10:12",  False,        False),
]
# fmt: on


@pytest.mark.parametrize(("view", "changed_at", "clock", "can", "goes"), CLOCK)
def test_what_can_be_done_at_a_moment(
    view: OccurrenceView, changed_at: datetime, clock: str, can: bool, goes: bool
) -> None:
    now = at(clock)
    assert bool(to_check_in([view], {7: ROOM}, changed_at, now=now)) is can
    assert is_no_show(view, ROOM, changed_at, now=now) is goes


def test_room_that_does_not_ask_takes_nothing_away() -> None:
    room = replace(ROOM, policy=Policy())
    assert to_check_in([MEETING], {7: room}, BOOKED, now=at("10:05")) == []
    assert not is_no_show(MEETING, room, BOOKED, now=at("10:12"))


@pytest.mark.parametrize(
    ("clock", "setup", "kept"),
    [
        ("10:10", 0, "10:10"),  # in time: the quarter that runs has begun with it
        ("10:14", 0, "10:10"),
        ("10:18", 0, "10:15"),  # late: whoever comes next has the whole quarter
        ("10:18", 30, "09:45"),  # and what is needed before it
    ],
)
def test_what_has_passed_stays_taken(clock: str, setup: int, kept: str) -> None:
    room = replace(ROOM, setup=timedelta(minutes=setup))
    assert kept_until(MEETING, room, BOOKED, now=at(clock)) == at(kept)


def test_series_is_asked_about_at_every_third_time() -> None:
    assert [each for each in range(10) if asks_whether_needed(each)] == [3, 6, 9]
