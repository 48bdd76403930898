"""The use of spaces by stretches: confirmed dates, and those of permanences among them."""

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from booking.core.intervals import Interval
from booking.core.recurrence import to_utc
from booking.core.values import State
from booking.queries.timeline import Use, use_by
from tests.support.factories import House

pytestmark = pytest.mark.usefixtures("session")
HOUR_S, DAY_S = 3600, 86_400


def window(house: House, days: int) -> Interval:
    first = datetime.combine(house.at(0).date(), time())
    last = first + timedelta(days=days)
    return Interval(to_utc(first, house.site.zone), to_utc(last, house.site.zone))


def test_use_is_summed_by_space_and_stretch(house: House, session: Session) -> None:
    house.add_booking(house.atlas, start=9, end=10, days=(0, 1, 8))
    house.add_booking(house.atlas, start=14, end=16)
    house.add_booking(house.birch, start=9, end=10, visibility="private")
    house.add_booking(house.cedar, start=9, end=10, state=State.REQUESTED)
    house.add_booking(house.birch, start=12, end=13, days=(-1,))
    house.add_permanence(house.birch, start=10, end=12, days=(0, 7))
    ids = [each.id for each in house.rooms]
    atlas, birch = house.atlas.id, house.birch.id

    assert use_by(session, ids, window(house, 7), DAY_S) == [
        Use(atlas, 0, 3 * HOUR_S),
        Use(atlas, 1, HOUR_S),
        Use(birch, 0, 3 * HOUR_S, 2 * HOUR_S),
    ]
    assert use_by(session, ids, window(house, 14), 7 * DAY_S) == [
        Use(atlas, 0, 4 * HOUR_S),
        Use(atlas, 1, HOUR_S),
        Use(birch, 0, 3 * HOUR_S, 2 * HOUR_S),
        Use(birch, 1, 2 * HOUR_S, 2 * HOUR_S),
    ]
    assert use_by(session, [], window(house, 7), DAY_S) == []
