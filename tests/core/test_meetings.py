"""Times at which people can meet: all of them first, else as many as can."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.core.availability.people import meetings
from booking.core.availability.search import Opening
from booking.core.intervals import Interval, merge

DAY = date(2027, 3, 11)
HALF_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)


def at(hour):
    return datetime(2027, 3, 11, tzinfo=UTC) + hour * HOUR


def free(start, end, room=1):
    return Opening((room,), DAY, Interval(at(start), at(end)))


def starts(found):
    return [(each.interval.start - at(0)) / HOUR for each in found.best]


def search(openings, busy, length=HOUR, **more):
    return meetings({DAY: openings}, busy, length, step=HALF_HOUR, **more)


def test_all_can_where_nobody_is_busy_and_a_room_is_free():
    busy = {1: [Interval(at(9), at(10))], 2: [Interval(at(11), at(16))]}
    found = search([free(8, 18)], busy)
    assert found.is_for_all
    assert starts(found) == [8, 10, 16]
    assert found.by_day == {DAY: 5}  # 8, 10, 16, 16:30, 17


def test_first_room_that_is_free_is_taken():
    found = search([free(8, 10, 1), free(8, 18, 2)], {1: [Interval(at(8.5), at(12))]})
    assert {each.space_ids for each in found.best} == {(2,)}
    found = search([free(8, 10, 1), free(8, 18, 2)], {1: []})
    assert found.best[0].space_ids == (1,)


def test_where_there_is_no_time_for_all_the_fewest_are_missing():
    busy = {
        1: [Interval(at(8), at(13))],
        2: [Interval(at(9), at(18))],
        3: [Interval(at(8), at(18))],
    }
    found = search([free(8, 18)], busy)
    assert not found.is_for_all
    assert found.by_day == {DAY: 0}
    assert {each.missing for each in found.best} == {(1, 3), (2, 3)}
    assert starts(found)[:2] == [8, 13]


def test_nobody_meets_alone():
    assert search([free(8, 10)], {1: [Interval(at(8), at(10))]}).best == ()


HOURS = st.integers(0, 46).map(lambda half: half / 2)
TIMES = st.lists(
    st.tuples(HOURS, st.integers(1, 6)).map(
        lambda pair: Interval(at(pair[0]), at(pair[0] + pair[1] / 2))
    ),
    max_size=6,
).map(merge)


@given(TIMES, st.lists(TIMES, min_size=1, max_size=3), st.sampled_from([HALF_HOUR, HOUR]))
def test_what_is_found_is_so(rooms, people, length):
    busy = dict(enumerate(people))
    openings = [Opening((1,), DAY, each) for each in rooms if each.length >= length]
    found = search(openings, busy, length, most=1000)
    for each in found.best:
        assert any(one.free.covers(each.interval) for one in openings)
        missing = [
            who for who, some in busy.items() if any(each.interval.overlaps(x) for x in some)
        ]
        assert [*each.missing] == missing
        assert not (found.is_for_all and missing)
    every = [
        Interval(start, start + length)
        for one in openings
        for start in (one.free.start + n * HALF_HOUR for n in range(48))
        if start + length <= one.free.end
    ]
    whole = [each for each in every if not any(each.overlaps(x) for some in people for x in some)]
    assert found.by_day[DAY] == len(whole)
    assert found.is_for_all == bool(whole)
