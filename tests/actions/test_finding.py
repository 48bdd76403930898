"""What is found can be booked, what is not found cannot: asked of the verb's own preview."""

import random
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from booking.actions import leases
from booking.actions.bookings import book, preview
from booking.actions.closures import close
from booking.actions.finding import (
    FIRST_ROOMS,
    MOST_OPENINGS,
    ROOMS_A_DAY,
    Found,
    find_for_series,
    find_openings,
    find_together,
)
from booking.actions.spaces import set_policy
from booking.core.errors import BookingError, Conflicted, InvalidRequest, NotAllowed
from booking.core.recurrence import to_local
from booking.core.requests import (
    BookingRequest,
    ClosureRequest,
    Fitting,
    Over,
    SearchRequest,
)
from booking.core.values import Actor, Hours, Policy, Role, SpaceKind, Stance
from booking.db import db
from tests.support.factories import House
from tests.support.statements import count_statements

Db = scoped_session[Session]
HOUR = timedelta(hours=1)
THURSDAY = date(2027, 3, 11)


def search(**more: Any) -> SearchRequest:
    """Ask for an hour on Thursday, from 9 to 18."""
    values = {"first": THURSDAY, "last": THURSDAY, "length": HOUR} | more
    return SearchRequest(**{"earliest": time(9), "latest": time(18), **values})


def found(
    house: House, asked: SearchRequest | None = None, by: Actor | None = None, **like: Any
) -> Found:
    answer = find_openings(
        Fitting(house.site.id, **like), asked or search(), by or house.member, now=house.now
    )
    db.session.rollback()
    return answer


def rooms(answer: Found) -> list[str]:
    return [answer.spaces[each].name for each in dict.fromkeys(_ids(answer))]


def _ids(answer: Found) -> list[int]:
    return [one for each in answer.openings for one in each.space_ids]


def free(house: House, answer: Found, name: str) -> list[tuple[str, str]]:
    """Return when a room is free, local."""
    return [
        tuple(f"{to_local(at, house.site.zone):%H:%M}" for at in (each.free.start, each.free.end))
        for each in answer.openings
        if answer.spaces[each.space_ids[0]].name == name
    ]  # type: ignore[misc]


def test_the_smallest_sufficient_room_comes_first(session: Db, house: House) -> None:
    house.add_space("Hall", capacity=40, features=("video", "screen"))
    house.add_space("Nook", capacity=2)
    house.add_space("Garden", capacity=None)
    answer = found(house, attendance=7)
    places = [answer.spaces[each].capacity for each in dict.fromkeys(_ids(answer))]
    known = [each for each in places if each is not None]
    assert known == sorted(known)
    assert min(known) >= 7
    assert (rooms(answer)[-1], places[-1]) == ("Garden", None)
    assert rooms(found(house, features=frozenset({"video"}))) == ["Hall"]
    assert rooms(found(house, features=frozenset({"video", "vid"}))) == []


def test_only_the_kind_that_is_asked_for(session: Db, house: House) -> None:
    assert rooms(found(house, kind=SpaceKind.EQUIPMENT)) == []
    assert house.atlas.name in rooms(found(house, kind=SpaceKind.MEETING_ROOM))


def test_bookings_buffers_and_combined_rooms_count(session: Db, house: House) -> None:
    house.add_booking(house.atlas, start=10, end=11)
    house.add_booking(house.delta, start=12, end=13)  # 15 minutes around it, and around the next
    house.add_space("Both", capacity=50, parts=(house.atlas, house.birch))
    house.add_booking(house.birch, start=16, end=17)
    answer = found(house)
    assert free(house, answer, "Atlas") == [("09:00", "10:00"), ("11:00", "18:00")]
    assert free(house, answer, "Delta") == [("09:00", "11:30"), ("13:30", "18:00")]
    assert free(house, answer, "Both") == [
        ("09:00", "10:00"),
        ("11:00", "16:00"),
        ("17:00", "18:00"),
    ]


def test_a_space_for_several_is_free_until_all_lanes_are_taken(session: Db, house: House) -> None:
    store = house.add_space("Store", capacity=1, lanes=2)
    house.add_booking(store, start=10, end=12)
    assert free(house, found(house), "Store") == [("09:00", "18:00")]


def test_closures_count_and_archived_or_other_houses_do_not(session: Db, house: House) -> None:
    wish = ClosureRequest(
        house.site.id, house.at(0), house.at(14), "Works", house.atlas.id, Over.KEEP
    )
    close(wish, house.admin, now=house.now)
    house.add_space("Gone", capacity=1, bookable=False)
    answer = found(house)
    assert free(house, answer, "Atlas") == [("14:00", "18:00")]
    assert "Gone" not in rooms(answer)


def test_what_the_rules_refuse_is_not_shown_what_asks_says_so(session: Db, house: House) -> None:
    managers = Policy(roles=frozenset({Role.MANAGER}))
    set_policy(house.atlas.id, managers, house.admin, version=1, now=house.now)
    noon = Policy(hours=(Hours(time(12), time(14)),) * 7, outside_hours=Stance.REFUSE)
    set_policy(house.birch.id, noon, house.admin, version=1, now=house.now)
    answer = found(house)
    assert "Atlas" not in rooms(answer)
    assert free(house, answer, "Birch") == [("12:00", "14:00")]
    asks = {
        answer.spaces[each.space_ids[0]].name: {why.code for one in each.starts for why in one.asks}
        for each in answer.openings
    }
    assert asks == {"Birch": set(), "Cedar": {"approval_always"}, "Delta": {"approval_always"}}
    assert "Atlas" in rooms(found(house, by=house.manager))
    assert free(house, found(house, by=house.admin), "Birch") == [("09:00", "18:00")]


def test_what_is_let_is_free_to_its_tenant_alone(session: Db, house: House) -> None:
    desk = house.add_space("Desk", kind=SpaceKind.DESK)
    wish = house.lease_request(desk, starts=THURSDAY, organisation_id=house.theirs)
    leases.create_lease(wish, house.admin, now=house.now)
    like = {"kind": SpaceKind.DESK}

    assert rooms(found(house, **like)) == []
    assert rooms(found(house, by=house.stranger, **like)) == ["Desk"]
    assert rooms(found(house, by=house.admin, **like)) == ["Desk"]
    before = search(first=THURSDAY - timedelta(1), last=THURSDAY)
    assert [each.day for each in found(house, before, **like).openings] == [THURSDAY - timedelta(1)]


def test_a_desk_that_is_let_is_no_alternative(session: Db, house: House) -> None:
    mine, let, other = (
        house.add_space(name, kind=SpaceKind.DESK) for name in ("Mine", "Let", "Other")
    )
    wish = house.lease_request(let, starts=THURSDAY, organisation_id=house.theirs)
    leases.create_lease(wish, house.admin, now=house.now)
    house.add_booking(mine, start=9, end=10)
    with pytest.raises(Conflicted) as caught:
        book(house.request(mine, start=9, end=10), house.member, now=house.now)

    spaces = {each.space_ids for each in caught.value.alternatives}
    assert (other.id,) in spaces
    assert (let.id,) not in spaces


def test_days_are_few_rooms_each_and_the_rest_is_a_search_away(session: Db, house: House) -> None:
    for number in range(FIRST_ROOMS + 12):
        house.add_space(f"Room {number:02}", capacity=100 + number)
    fortnight = search(last=THURSDAY + timedelta(days=13))
    answer = found(house, fortnight, attendance=100)
    assert len(answer.openings) == MOST_OPENINGS
    of_first_day = [each for each in answer.openings if each.day == THURSDAY]
    assert [answer.spaces[each.space_ids[0]].capacity for each in of_first_day] == [
        100 + each for each in range(ROOMS_A_DAY)
    ]
    assert THURSDAY in answer.full
    assert answer.later == THURSDAY + timedelta(days=9)
    alone = found(house, attendance=100)
    assert (len(alone.openings), alone.full, alone.later) == (
        MOST_OPENINGS,
        frozenset({THURSDAY}),
        None,
    )


def test_rooms_beyond_the_first_are_looked_at_where_those_are_taken(
    session: Db, house: House
) -> None:
    for number in range(FIRST_ROOMS + 2):
        space = house.add_space(f"Room {number:02}", capacity=100 + number)
        if number < FIRST_ROOMS:
            house.add_booking(space, start=8, end=20)
    answer = found(house, attendance=100)
    assert rooms(answer) == [f"Room {FIRST_ROOMS + each}" for each in range(2)]


@pytest.mark.parametrize("number", [1, 6, 30])
def test_a_search_takes_four_statements_whatever_there_is(
    session: Db, house: House, number: int
) -> None:
    for each in range(number):
        space = house.add_space(f"Room {each}", capacity=9)
        house.add_booking(space, start=10, end=12, days=range(number))
    with count_statements(db.engine) as seen:
        found(house, search(last=THURSDAY + timedelta(days=13)))
    assert len(seen) == 4
    with count_statements(db.engine) as seen:
        wish = house.request(rule="FREQ=WEEKLY;COUNT=10")
        find_for_series(Fitting(house.site.id), wish, house.member, now=house.now)
    assert len(seen) == 4
    db.session.rollback()


def test_what_is_found_can_be_booked_and_nothing_else(session: Db, house: House) -> None:
    """A house with everything in it, at random: the verb's preview agrees for every quarter."""
    dice = random.Random(20)
    house.add_space("Both", capacity=14, parts=(house.atlas, house.birch))
    house.add_space("Store", capacity=2, lanes=2)
    for _ in range(14):
        room, start = dice.choice(house.rooms), dice.randrange(32, 70) / 4
        end, day = start + dice.randrange(1, 9) / 4, dice.randrange(2)
        try:
            house.add_booking(room, start=start, end=end, days=(day,))
        except IntegrityError:  # the guard: it is taken already
            continue
    evenings = Policy(
        hours=(Hours(time(10), time(16, 30)),) * 7,
        outside_hours=Stance.REFUSE,
        notice=timedelta(hours=26),
    )
    set_policy(house.birch.id, evenings, house.admin, version=1, now=house.now)
    friday = THURSDAY + timedelta(days=1)
    asked = search(last=friday, length=1.25 * HOUR, earliest=time(8), latest=time(20))
    answer = found(house, asked)
    for space in answer.spaces.values():
        for day in range(2):
            for quarter in range(32, 76, 3):
                start = house.at(quarter / 4, day=day)
                wish = BookingRequest((space.id,), start, start + asked.length, "Choir")
                shown = any(
                    each.space_ids == (space.id,)
                    and to_local(each.free.start, house.site.zone) <= start
                    and start + asked.length <= to_local(each.free.end, house.site.zone)
                    for each in answer.openings
                )
                assert shown is _can_be_booked(wish, house), (space.name, start)


def _can_be_booked(wish: BookingRequest, house: House) -> bool:
    try:
        return not preview(wish, house.member, now=house.now).clashes
    except BookingError:
        return False
    finally:
        db.session.rollback()


def together(house: House, *space_ids: int, asked: SearchRequest | None = None) -> Found:
    answer = find_together(space_ids, asked or search(), house.member, now=house.now)
    db.session.rollback()
    return answer


def test_several_rooms_are_found_when_all_are_free(session: Db, house: House) -> None:
    house.add_booking(house.atlas, start=9, end=11)
    house.add_booking(house.birch, start=12, end=18)
    answer = together(house, house.atlas.id, house.birch.id, house.cedar.id)
    (opening,) = answer.openings
    assert opening.space_ids == (house.atlas.id, house.birch.id, house.cedar.id)
    assert opening.free == house.interval(11, 12)
    assert {why.code for each in opening.starts for why in each.asks} == {"approval_always"}


def test_rooms_that_share_a_part_or_are_not_there_are_refused(session: Db, house: House) -> None:
    one = house.add_space("One", parts=(house.atlas, house.birch))
    other = house.add_space("Other", parts=(house.birch, house.cedar))
    answer = together(house, one.id, house.atlas.id)
    assert answer.openings[0].space_ids == (one.id,)
    for ids, code in (
        ((one.id, other.id), "spaces_share_parts"),
        ((house.atlas.id, 9_999), "space_unknown"),
        ((), "space_missing"),
        (tuple(range(1, 40)), "too_many_spaces"),
    ):
        with pytest.raises(InvalidRequest) as error:
            together(house, *ids)
        assert [each.code for each in error.value.messages] == [code]


def test_a_room_that_one_never_gets_says_why(session: Db, house: House) -> None:
    short = Policy(longest=HOUR / 2)
    set_policy(house.atlas.id, short, house.admin, version=1, now=house.now)
    with pytest.raises(NotAllowed) as error:
        together(house, house.atlas.id, house.birch.id)
    assert [each.code for each in error.value.messages] == ["too_long_here"]


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        pytest.param({"last": date(2027, 3, 10)}, "last_before_first", "last", id="backwards"),
        pytest.param({"last": date(2054, 7, 27)}, "too_many_days", "last", id="10,000 days"),
        pytest.param({"latest": time(9)}, "end_before_start", "latest", id="no hours"),
        pytest.param({"length": 10 * HOUR}, "hours_too_short", "length", id="too long"),
        pytest.param({"length": 0 * HOUR}, "length_missing", "length", id="no length"),
    ],
)
def test_a_search_that_makes_no_sense_says_so(
    session: Db, house: House, more: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(InvalidRequest) as error:
        found(house, search(**more))
    assert [(each.code, each.field) for each in error.value.messages] == [(code, field)]


def series(
    house: House, rule: str | None, *, start: float = 10, **like: Any
) -> list[tuple[str, int, int]]:
    """Return name, free dates and taken dates of the rooms for a series."""
    wish = house.request(start=start, end=start + 1, rule=rule)
    answer = find_for_series(Fitting(house.site.id, **like), wish, house.member, now=house.now)
    db.session.rollback()
    return [(answer.spaces[each.space_id].name, each.free, len(each.taken)) for each in answer.fits]


def test_rooms_free_at_all_dates_come_first(session: Db, house: House) -> None:
    house.add_booking(house.birch, days=(1,))
    house.add_booking(house.cedar, days=(1, 2))
    rooms_found = series(house, "FREQ=DAILY;COUNT=4")
    assert sorted(rooms_found[:2]) == [("Atlas", 4, 0), ("Delta", 4, 0)]
    assert rooms_found[2:] == [("Birch", 3, 1), ("Cedar", 2, 2)]


def test_a_series_without_an_end_asks_a_room_for_what_it_can_be_booked_for(
    session: Db, house: House
) -> None:
    house.add_space("Narrow", policy=Policy(ahead=timedelta(days=60)))
    found_for = {name: rest for name, *rest in series(house, "FREQ=WEEKLY")}
    assert found_for["Narrow"] == [9, 0]
    assert found_for["Atlas"][0] > 50
    found_for = {name: rest for name, *rest in series(house, "FREQ=WEEKLY;COUNT=20")}
    assert found_for["Narrow"] == [9, 11]


def test_a_single_time_is_a_series_of_one(session: Db, house: House) -> None:
    house.add_booking(house.birch)
    names = [name for name, *_ in series(house, None)]
    assert house.birch.name not in names
    assert house.atlas.name in names


@pytest.mark.parametrize(
    ("start", "rule", "code"),
    [
        pytest.param(-48, "FREQ=WEEKLY;COUNT=3", "in_the_past", id="past"),
        pytest.param(24 * 500, None, "beyond_horizon", id="far"),
        pytest.param(10, "FREQ=WEEKLY;COUNT=100", "beyond_edge", id="too far"),
        pytest.param(10, "FREQ=SECONDLY", "unsupported_rule", id="seconds"),
        pytest.param(10, "FREQ=WEEKLY;UNTIL=20270101", "empty_series", id="over before it begins"),
    ],
)
def test_a_series_that_makes_no_sense_says_so(
    session: Db, house: House, start: float, rule: str | None, code: str
) -> None:
    with pytest.raises(InvalidRequest) as error:
        series(house, rule, start=start)
    assert [each.code for each in error.value.messages] == [code]
