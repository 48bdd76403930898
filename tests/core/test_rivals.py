"""Who is a rival: the same part, the same time, buffers included."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from booking.core.intervals import Interval
from booking.core.rivals import rivals_of
from booking.core.values import (
    Category,
    OccurrenceView,
    Space,
    SpaceKind,
    State,
    Visibility,
)

QUARTER = timedelta(minutes=15)
SPACES = {
    1: Space(1, 1, SpaceKind.MEETING_ROOM, "Delta", part_ids=(1,)),
    2: Space(2, 1, SpaceKind.MEETING_ROOM, "Birch", part_ids=(2,)),
    3: Space(3, 1, SpaceKind.MEETING_ROOM, "Hall", part_ids=(1, 2)),
}


def date(
    booking_id: int, space_id: int, start: float, end: float, **more: object
) -> OccurrenceView:
    day = datetime(2027, 3, 11, tzinfo=UTC)
    interval = Interval(day + timedelta(hours=start), day + timedelta(hours=end))
    return replace(
        OccurrenceView(
            allocation_id=booking_id,
            occurrence_id=booking_id,
            booking_id=booking_id,
            site_id=1,
            space_id=space_id,
            interval=interval,
            state=State.REQUESTED,
            title="",
            category=Category.OTHER,
            visibility=Visibility.MEMBERS,
            organiser_id=None,
            organiser_name="",
            created_by_id=None,
            organisation_id=None,
            organisation_name="",
            recurrence_id=interval.start,
            is_series=False,
            all_day=False,
            attendance=None,
            note="",
            version=1,
        ),
        **more,
    )


CHOSEN = date(1, 1, 10, 11)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(date(2, 1, 10.5, 12), True, id="same room and time"),
        pytest.param(date(2, 1, 11, 12), False, id="just after"),
        pytest.param(date(2, 1, 11, 12, setup=QUARTER), True, id="its set-up reaches in"),
        pytest.param(date(2, 2, 10, 11), False, id="another room"),
        pytest.param(date(2, 3, 10, 11), True, id="a combined room shares the part"),
        pytest.param(date(1, 1, 10, 11), False, id="the booking itself"),
        pytest.param(date(2, 9, 10, 11), False, id="a room that is not known"),
    ],
)
def test_rivals(other: OccurrenceView, expected: bool) -> None:
    assert bool(rivals_of([CHOSEN], [other], SPACES)) is expected


def test_any_date_of_the_chosen_ones_counts() -> None:
    later = date(1, 3, 15, 16)
    rival = date(2, 2, 15.5, 17)
    assert rivals_of([CHOSEN, later], [rival], SPACES) == [rival]


def test_two_in_a_space_for_several_at_a_time_are_no_rivals() -> None:
    spaces = {
        1: replace(SPACES[1], lanes=3),
        3: SPACES[3],
    }
    assert rivals_of([CHOSEN], [date(2, 1, 10, 11)], spaces) == []
    whole = date(3, 3, 10, 11)
    assert rivals_of([CHOSEN], [whole], spaces) == [whole]
    assert rivals_of([whole], [CHOSEN], spaces) == [CHOSEN]
