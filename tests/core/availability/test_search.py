"""Free time that fits: all of it, and nothing that cannot be had."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.core import hours
from booking.core.availability.search import (
    MOST_STARTS,
    Asking,
    Opening,
    days_of,
    fit_of_series,
    openings,
    with_starts,
)
from booking.core.intervals import Interval, merge
from booking.core.policy import NeedsApproval, Refused, decide
from booking.core.requests import SearchRequest
from booking.core.values import Actor, Door, Grant, Hours, Policy, Role, Site, Space, Stance
from tests.core.availability.test_alternatives import room

ZONE = "Europe/Paris"
NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)  # Wednesday, 10:00 in Paris
SITE = Site(1, "house", "The House", ZONE, time(8), time(20), bookable_days=30)
MEMBER = Actor(1, "Member", Door.WEB)
ASKING = Asking(MEMBER, SITE, NOW)
TODAY, THURSDAY = date(2027, 3, 10), date(2027, 3, 11)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
MORNING = SearchRequest(HOUR, THURSDAY, THURSDAY, time(9), time(12))


def at(hour: float, on: date = THURSDAY) -> datetime:
    return hours.day(SITE, on).start + timedelta(hours=hour)


def span(start: float, end: float, on: date = THURSDAY) -> Interval:
    return Interval(at(start, on), at(end, on))


def found(
    spaces: Sequence[Space] = (room(1),),
    search: SearchRequest = MORNING,
    busy: dict[int, list[Interval]] | None = None,
    asking: Asking = ASKING,
) -> list[Opening]:
    taken = {each.id: merge((busy or {}).get(each.id, [])) for each in spaces}
    days = dict.fromkeys(days_of(search, asking.site, asking.now), 1)
    by_day = openings([spaces], search, asking, busy=taken, wanted=days)
    return [
        each
        for here in by_day.values()
        for bare in here
        if (each := with_starts(bare, spaces, search.length, asking)) is not None
    ]


def starts(opening: Opening) -> list[datetime]:
    return [each.interval.start for each in opening.starts]


def test_a_free_morning_is_one_opening_with_starts_spread_over_it() -> None:
    (opening,) = found()
    assert (opening.space_ids, opening.day, opening.free) == ((1,), THURSDAY, span(9, 12))
    assert starts(opening) == [at(9), at(10), at(11)]


def test_starts_of_a_long_day_are_few() -> None:
    (opening,) = found(search=replace(MORNING, latest=time(18), length=HOUR * 1.5))
    assert starts(opening) == [at(9), at(11), at(13), at(15)]
    assert len(starts(opening)) <= MOST_STARTS


def test_what_is_busy_parts_the_day_and_too_short_a_rest_is_none() -> None:
    taken = {1: [span(9.5, 10.25), span(11.5, 13)]}
    assert [each.free for each in found(busy=taken)] == [span(10.25, 11.5)]


def test_buffers_are_kept_free_on_either_side() -> None:
    hall = room(1, setup=QUARTER, cleanup=2 * QUARTER)
    assert [each.free for each in found([hall], busy={1: [span(8, 9), span(11, 12)]})] == [
        span(9.25, 10.5)
    ]


def test_several_spaces_are_free_at_once() -> None:
    taken = {1: [span(9, 10)], 2: [span(11, 12)]}
    (opening,) = found([room(1), room(2)], busy=taken)
    assert (opening.space_ids, opening.free) == ((1, 2), span(10, 11))


def test_first_start_is_on_a_step_of_the_clock() -> None:
    (opening,) = found(busy={1: [Interval(at(8), at(9) + timedelta(minutes=5))]})
    assert opening.free == span(9.25, 12)


def test_nothing_begins_before_now() -> None:
    (opening,) = found(search=replace(MORNING, first=TODAY, last=TODAY))
    assert opening.free == span(10, 12, TODAY)


def test_only_the_days_that_can_be_booked_are_searched() -> None:
    wide = replace(MORNING, first=date(2027, 1, 1), last=date(2027, 12, 31))
    days = days_of(wide, SITE, NOW)
    assert (days[0], days[-1]) == (TODAY, TODAY + timedelta(days=30))
    assert days_of(replace(wide, weekdays=frozenset({1, 3})), SITE, NOW)[:3] == [
        THURSDAY,
        date(2027, 3, 16),
        date(2027, 3, 18),
    ]


def test_enough_rooms_of_a_day_are_enough() -> None:
    rooms = [room(each) for each in range(1, 6)]
    busy: dict[int, list[Interval]] = {each.id: [] for each in rooms} | {2: [span(8, 20)]}
    by_day = openings([[each] for each in rooms], MORNING, ASKING, busy=busy, wanted={THURSDAY: 3})
    assert [each.space_ids for each in by_day[THURSDAY]] == [(1,), (3,), (4,)]


def test_rules_of_the_room_count() -> None:
    late = Policy(hours=(Hours(time(10), time(11, 30)),) * 7, outside_hours=Stance.REFUSE)
    (opening,) = found([replace(room(1), policy=late)])
    assert opening.free == span(10, 11.5)
    asks = replace(late, outside_hours=Stance.ASK)
    (opening,) = found([replace(room(1), policy=asks)])
    assert opening.free == span(9, 12)
    assert [[why.code for why in each.asks] for each in opening.starts] == [
        ["approval_before"],
        [],
        ["approval_after"],
    ]


def test_who_runs_the_house_is_not_bound_by_hours() -> None:
    late = Policy(hours=(Hours(time(10), time(11)),) * 7, outside_hours=Stance.REFUSE)
    admin = replace(MEMBER, grants=frozenset({Grant(Role.ADMIN)}))
    (opening,) = found([replace(room(1), policy=late)], asking=replace(ASKING, actor=admin))
    assert opening.free == span(9, 12)


def test_holidays_that_refuse_are_closed() -> None:
    strict = replace(room(1), policy=Policy(holidays=Stance.REFUSE))
    asking = replace(ASKING, holidays={THURSDAY: "Day of the House"})
    assert found([strict], asking=asking) == []


@pytest.mark.parametrize(
    ("on", "count"),
    [
        pytest.param(date(2027, 3, 28), 2, id="spring"),
        pytest.param(date(2027, 10, 31), 3, id="autumn"),
    ],
)
def test_the_hour_of_the_change_is_told_as_the_clock_tells_it(on: date, count: int) -> None:
    """In spring 2:00-3:00 is missing; in autumn what the clock tells twice is not offered."""
    night = SearchRequest(HOUR, on, on, time(0), time(4))
    asking = replace(ASKING, site=replace(SITE, bookable_days=300))
    (opening,) = found(search=night, asking=asking)
    assert opening.free.length == HOUR * {2: 3, 3: 5}[count]
    assert len(starts(opening)) >= count


def test_hours_within_the_missing_hour_are_none() -> None:
    on = date(2027, 3, 28)
    assert found(search=SearchRequest(QUARTER, on, on, time(2), time(3))) == []


quarters = st.integers(0, 4 * 24 * 3).map(lambda each: at(0) + each * QUARTER / 3)
taken_times = st.lists(
    st.tuples(quarters, st.integers(1, 30)).map(
        lambda it: Interval(it[0], it[0] + it[1] * QUARTER)
    ),
    max_size=12,
)
clocks = st.integers(0, 95).map(lambda each: time(each // 4, each % 4 * 15))
stances = st.sampled_from(list(Stance))
policies = st.builds(
    Policy,
    hours=st.none()
    | st.just((Hours(time(9), time(17)), None, Hours(time(7), time(0))) * 2 + (None,)),
    outside_hours=stances,
    holidays=st.none() | stances,
    shortest=st.none() | st.just(QUARTER * 3),
    longest=st.none() | st.just(QUARTER * 9),
    notice=st.none() | st.just(timedelta(hours=27)),
    ahead=st.none() | st.just(timedelta(hours=75)),
    ask_longer=st.none() | st.just(HOUR),
)
buffers = st.integers(0, 4).map(lambda each: each * QUARTER / 2)
rooms = st.builds(
    lambda number, setup, cleanup, policy: replace(
        room(number, setup=setup, cleanup=cleanup), policy=policy
    ),
    st.just(1),
    buffers,
    buffers,
    policies,
)
searches = st.builds(
    SearchRequest,
    length=st.integers(1, 20).map(lambda each: each * QUARTER / 1.5),
    first=st.just(TODAY),
    last=st.just(TODAY + timedelta(days=3)),
    earliest=clocks,
    latest=clocks,
    weekdays=st.frozensets(st.integers(0, 6), max_size=3),
)


def grid(search: SearchRequest) -> Iterator[Interval]:
    """Yield every booking that begins on a quarter of an hour and lies as it was asked."""
    for day in days_of(search, SITE, NOW):
        window = hours.between(SITE, day, search.earliest, search.latest)
        if window is None:
            continue
        for step in range(24 * 4):
            start = at(0, day) + step * QUARTER
            wanted = Interval(start, start + search.length)
            if start >= NOW and window.covers(wanted):
                yield wanted


@given(
    spaces=st.tuples(rooms, rooms.map(lambda each: replace(each, id=2))) | st.tuples(rooms),
    search=searches,
    busy=st.fixed_dictionaries({1: taken_times, 2: taken_times}),
)
def test_all_that_is_free_is_found_and_nothing_else(
    spaces: tuple[Space, ...], search: SearchRequest, busy: dict[int, list[Interval]]
) -> None:
    asking = replace(ASKING, holidays={date(2027, 3, 12): "Day of the House"})
    opened = found(spaces, search, busy, asking)

    def decisions(wanted: Interval) -> list[object]:
        return [
            decide(each, [wanted], MEMBER, site=SITE, now=NOW, holidays=asking.holidays)
            for each in spaces
        ]

    def is_free(wanted: Interval) -> bool:
        return not any(
            isinstance(decision, Refused)
            or any(each.blocked(wanted).overlaps(it) for it in busy[each.id])
            for each, decision in zip(spaces, decisions(wanted), strict=True)
        )

    by_brute_force = [each for each in grid(search) if is_free(each)]
    covered = [each for each in grid(search) if any(one.free.covers(each) for one in opened)]
    assert covered == by_brute_force
    for opening in opened:
        assert opening.starts[0].interval.start == opening.free.start
        for start in opening.starts:
            assert start.interval in by_brute_force
            asked = [
                it.reasons for it in decisions(start.interval) if isinstance(it, NeedsApproval)
            ]
            assert start.asks == tuple(reason for some in asked for reason in some)


TEN = time(10)
FRIDAY_AT_TEN = datetime.combine(date(2027, 3, 12), TEN)
DATES = [
    (datetime.combine(on, TEN), span(10, 11, on))
    for on in (THURSDAY + timedelta(days=each) for each in range(4))
]


def test_fit_of_a_series_counts_what_is_free_and_names_the_rest() -> None:
    fit = fit_of_series(DATES, room(1), ASKING, busy=[span(10.5, 12, date(2027, 3, 12))])
    assert fit is not None
    assert (fit.space_id, fit.free, fit.taken) == (1, 3, (FRIDAY_AT_TEN,))


def test_fit_of_a_series_minds_buffers() -> None:
    hall = room(1, setup=HOUR)
    fit = fit_of_series(DATES, hall, ASKING, busy=[span(9, 9.5, date(2027, 3, 12))])
    assert fit is not None
    assert len(fit.taken) == 1
    assert fit_of_series(DATES, room(1, setup=23.5 * HOUR), ASKING, busy=[]) is None


def test_fit_of_a_series_leaves_out_the_dates_that_a_rule_refuses() -> None:
    week = tuple(None if day == 4 else Hours(time(8), time(20)) for day in range(7))
    closed = replace(room(1), policy=Policy(hours=week, outside_hours=Stance.REFUSE))
    fit = fit_of_series(DATES, closed, ASKING, busy=[])
    assert fit is not None
    assert fit.taken == (FRIDAY_AT_TEN,)
    never = replace(room(1), policy=Policy(shortest=timedelta(hours=2)))
    assert fit_of_series(DATES, never, ASKING, busy=[]) is None


def test_fit_of_a_series_tells_who_has_to_agree() -> None:
    fit = fit_of_series(DATES, replace(room(1), needs_approval=True), ASKING, busy=[])
    assert fit is not None
    assert [each.code for each in fit.asks] == ["approval_always"]


@given(rooms, taken_times)
def test_fit_of_a_series_is_what_each_date_says(space: Space, busy: list[Interval]) -> None:
    dates = DATES[:3]
    free = [
        local
        for local, wanted in dates
        if not any(space.blocked(wanted).overlaps(each) for each in busy)
        and not isinstance(decide(space, [wanted], MEMBER, site=SITE, now=NOW), Refused)
    ]
    fit = fit_of_series(dates, space, ASKING, busy=merge(busy))
    assert (fit.free if fit else 0) == len(free)
    if fit:
        assert [local for local, _ in dates if local not in fit.taken] == free
