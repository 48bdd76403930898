"""Swap: two people exchange the places of two dates, when both agree."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import book, cancel, change, hand_over
from booking.actions.bookings.change import as_request
from booking.actions.spaces import set_policy
from booking.actions.swaps import accept_swap, decline_swap, propose_swap, withdraw_swap
from booking.actions.swaps.proposing import MOST_SWAPS, OPEN_FOR
from booking.core.errors import AlreadyDecided, InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.requests import (
    CancelRequest,
    ChangeRequest,
    DateSeen,
    HandOverRequest,
    SwapRequest,
)
from booking.core.values import Actor, BookingView, Policy, Space, State, Visibility
from booking.models import Audit, Hold, Notice, Occurrence, Swap
from booking.queries import agenda
from booking.queries.swaps import open_swaps
from tests.support.factories import House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]


def booked(house: House, by: Actor, *rooms: Space, **more: object) -> int:
    return book(house.request(*rooms, **more), by, now=house.now).booking_id


def pair(house: House) -> tuple[int, int]:
    """Let the member have Atlas at ten, the stranger Birch at fourteen."""
    mine = booked(house, house.member, house.atlas, title="Choir")
    theirs = booked(house, house.stranger, house.birch, start=14, end=16, title="Yoga")
    return mine, theirs


def stored(session: Db, booking_id: int) -> BookingView:
    found = agenda.booking(session(), booking_id)
    session.rollback()
    return found


def seen(session: Db, booking_id: int, date: int = 0) -> DateSeen:
    booking = stored(session, booking_id)
    ids = sorted({each.occurrence_id for each in booking.occurrences})
    return DateSeen(booking_id, ids[date], booking.version)


def asked(session: Db, mine: int, theirs: int, words: str = "") -> SwapRequest:
    return SwapRequest(seen(session, mine), seen(session, theirs), words)


def proposed(session: Db, house: House, mine: int, theirs: int) -> int:
    return propose_swap(asked(session, mine, theirs), house.member, now=house.now)


def codes(session: Db, person: Actor) -> list[str]:
    query = select(Notice.code).where(Notice.person_id == person.person_id).order_by(Notice.id)
    found = [*session.scalars(query)]
    session.rollback()
    return found


def places(booking: BookingView) -> list[tuple[object, ...]]:
    return [(each.space_id, each.interval) for each in booking.occurrences]


def test_agreed_swap_exchanges_rooms_and_times(session: Db, house: House) -> None:
    mine, theirs = pair(house)
    swap_id = proposed(session, house, mine, theirs)

    done = accept_swap(swap_id, house.stranger, now=house.now)

    assert done.booking_id == theirs
    choir, yoga = stored(session, mine), stored(session, theirs)
    assert places(choir) == [(house.birch.id, house.interval(14, 16))]
    assert places(yoga) == [(house.atlas.id, house.interval(10, 11))]
    assert (choir.starts_at, choir.ends_at) == (house.at(14), house.at(16))
    assert choir.usual_spaces == (house.birch.id,)
    assert choir.occurrences[0].recurrence_id == house.at(14)
    assert (choir.title, choir.organiser_id) == ("Choir", house.member.person_id)
    assert [(each.state, each.sequence, each.version) for each in (choir, yoga)] == [
        (State.CONFIRMED, 1, 2)
    ] * 2
    assert session.scalar(select(func.count()).select_from(Hold)) == 2


def test_both_are_told_at_each_step(session: Db, house: House) -> None:
    mine, theirs = pair(house)
    wish = asked(session, mine, theirs, "I have a\nclass before.")
    swap_id = propose_swap(wish, house.member, now=house.now)
    notice = session.scalars(select(Notice)).one()
    assert (notice.person_id, notice.code, notice.booking_id) == (
        house.stranger.person_id,
        "notice_swap_proposed",
        theirs,
    )
    assert (notice.params["title"], notice.params["instead"]) == ("Yoga", "Atlas")
    assert notice.params["words"] == "I have a class before."
    session.rollback()

    accept_swap(swap_id, house.stranger, now=house.now)

    assert codes(session, house.member) == ["notice_swapped"]
    assert codes(session, house.stranger) == ["notice_swap_proposed"]
    verbs = [
        tuple(row)
        for row in session.execute(select(Audit.verb, Audit.entity_id).order_by(Audit.id))
    ]
    assert verbs[2:] == [("propose_swap", mine), ("swap", mine), ("swap", theirs)]


def test_declined_and_withdrawn_swaps_change_nothing(session: Db, house: House) -> None:
    mine, theirs = pair(house)
    first = proposed(session, house, mine, theirs)
    assert decline_swap(first, house.stranger, now=house.now) == theirs
    assert codes(session, house.member) == ["notice_swap_declined"]
    second = proposed(session, house, mine, theirs)
    with pytest.raises(NotAllowed):
        withdraw_swap(second, house.stranger, now=house.now)
    assert withdraw_swap(second, house.member, now=house.now) == mine

    for swap_id, state in ((first, "declined"), (second, "withdrawn")):
        for verb in (accept_swap, decline_swap):
            with pytest.raises(AlreadyDecided) as error:
                verb(swap_id, house.stranger, now=house.now)
            assert error.value.state == state
        with pytest.raises(AlreadyDecided):
            withdraw_swap(swap_id, house.member, now=house.now)
    assert stored(session, mine).version == stored(session, theirs).version == 1


def test_only_the_people_of_the_wanted_booking_agree(session: Db, house: House) -> None:
    mine, theirs = pair(house)
    swap_id = proposed(session, house, mine, theirs)
    for person in (house.member, house.manager, house.approver):
        with pytest.raises(NotAllowed):
            accept_swap(swap_id, person, now=house.now)
    with pytest.raises(NotFound):
        accept_swap(9_999, house.stranger, now=house.now)


def _cancel(house: House, booking_id: int, by: Actor) -> None:
    cancel(CancelRequest(booking_id, 1), by, now=house.now)


def _retitle(house: House, booking_id: int, by: Actor) -> None:
    start = {house.member.name: 10, house.stranger.name: 14}[by.name]
    room, end = (house.atlas, 11) if start == 10 else (house.birch, 16)
    wish = house.request(room, start=start, end=end, title="Other")
    change(ChangeRequest(booking_id, 1, wish), by, now=house.now)


def _hand_over(house: House, booking_id: int, by: Actor) -> None:
    wish = HandOverRequest(booking_id, 1, house.approver.person_id or 0)
    hand_over(wish, house.admin, now=house.now)


@pytest.mark.parametrize("verb", [_cancel, _retitle, _hand_over])
@pytest.mark.parametrize("whose", ["given", "wanted"])
def test_a_change_of_either_booking_ends_it(
    session: Db, house: House, verb: Callable[[House, int, Actor], None], whose: str
) -> None:
    mine, theirs = pair(house)
    swap_id = proposed(session, house, mine, theirs)
    given = whose == "given"
    verb(house, mine if given else theirs, house.member if given else house.stranger)

    assert open_swaps(session(), theirs, now=house.now) == []
    session.rollback()
    with pytest.raises(InvalidRequest, match="swap_void"):
        accept_swap(swap_id, house.admin, now=house.now)


def test_it_ends_with_its_time(session: Db, house: House) -> None:
    mine = booked(house, house.member, day=20)
    theirs = booked(house, house.stranger, house.birch, day=20)
    swap_id = proposed(session, house, mine, theirs)
    assert len(open_swaps(session(), mine, now=house.now)) == 1
    session.rollback()
    late = house.now + OPEN_FOR
    assert open_swaps(session(), mine, now=late) == []
    session.rollback()
    with pytest.raises(InvalidRequest, match="swap_over"):
        accept_swap(swap_id, house.stranger, now=late)


def test_before_the_first_of_both_begins(session: Db, house: House) -> None:
    mine, theirs = pair(house)
    swap_id = proposed(session, house, mine, theirs)
    assert session.scalars(select(Swap.expires_at)).one() == house.interval(10, 11).start
    session.rollback()
    with pytest.raises(InvalidRequest, match="swap_over"):
        accept_swap(swap_id, house.stranger, now=house.interval(10, 11).start)


def test_what_cannot_be_exchanged(session: Db, house: House) -> None:
    mine, theirs = pair(house)
    other = booked(house, house.member, day=1)
    waits = booked(house, house.stranger, house.cedar)
    for wanted, why in ((other, "swap_same_person"), (waits, "swap_unconfirmed")):
        with pytest.raises(InvalidRequest, match=why):
            proposed(session, house, mine, wanted)
    begun = house.interval(10, 11).start + timedelta(minutes=5)
    with pytest.raises(InvalidRequest, match="swap_begun"):
        propose_swap(asked(session, mine, theirs), house.member, now=begun)
    with pytest.raises(NotAllowed, match="not_your_booking"):
        propose_swap(asked(session, mine, theirs), house.approver, now=house.now)
    with pytest.raises(NotFound):
        propose_swap(
            SwapRequest(seen(session, mine), DateSeen(theirs, 9_999, 1)),
            house.member,
            now=house.now,
        )
    wish = asked(session, mine, theirs)
    with pytest.raises(Stale):
        propose_swap(
            replace(wish, wanted=replace(wish.wanted, version=2)), house.member, now=house.now
        )


def test_a_private_booking_is_not_asked_for(session: Db, house: House) -> None:
    mine = booked(house, house.member)
    secret = booked(house, house.stranger, house.birch, visibility=Visibility.PRIVATE)
    with pytest.raises(NotFound):
        proposed(session, house, mine, secret)


def test_the_rules_are_asked_for_both(session: Db, house: House) -> None:
    mine, theirs = pair(house)
    short = Policy(longest=timedelta(hours=1))
    set_policy(house.birch.id, short, house.admin, version=1, now=house.now)
    with pytest.raises(NotAllowed, match="swap_refused") as refused:
        proposed(session, house, mine, theirs)
    assert refused.value.messages[0].params == {"person": "Member"}
    assert refused.value.messages[1].code == "too_long_here"


def test_the_rules_are_asked_again_when_it_is_agreed_to(session: Db, house: House) -> None:
    mine, theirs = pair(house)
    swap_id = proposed(session, house, mine, theirs)
    ours = Policy(organisations=frozenset({house.ours}))
    set_policy(house.atlas.id, ours, house.admin, version=1, now=house.now)
    with pytest.raises(NotAllowed, match="swap_refused"):
        accept_swap(swap_id, house.stranger, now=house.now)
    assert stored(session, theirs).version == 1


def test_what_an_approver_has_to_agree_to_is_not_swapped(session: Db, house: House) -> None:
    """The approver agreed to the one, not to the other."""
    mine = booked(house, house.member)
    approved = house.add_booking(house.cedar, start=14, end=15, by=house.stranger)
    with pytest.raises(NotAllowed, match="swap_needs_approval") as refused:
        proposed(session, house, mine, approved)
    assert [each.code for each in refused.value.messages] == [
        "swap_needs_approval",
        "approval_always",
    ]


def test_combined_rooms_buffers_and_the_same_room_change_hands(session: Db, house: House) -> None:
    """Two times of the same room, and a combined one beside it."""
    whole = house.add_space("Whole", parts=(house.birch, house.delta), setup=timedelta(minutes=30))
    mine = booked(house, house.member, house.atlas, whole)
    theirs = booked(house, house.stranger, house.atlas, start=15, end=18)
    swap_id = proposed(session, house, mine, theirs)

    accept_swap(swap_id, house.stranger, now=house.now)

    assert places(stored(session, mine)) == [(house.atlas.id, house.interval(15, 18))]
    assert {each.space_id for each in stored(session, theirs).occurrences} == {
        house.atlas.id,
        whole.id,
    }
    assert {each.setup for each in stored(session, theirs).occurrences} == {
        timedelta(0),
        timedelta(minutes=30),
    }


def test_lanes_stay_as_they_are(session: Db, house: House) -> None:
    dock = house.add_space("Dock", lanes=2)
    booked(house, house.manager, dock, start=9, end=12)
    mine = booked(house, house.member, dock)
    theirs = booked(house, house.stranger, house.birch)
    accept_swap(proposed(session, house, mine, theirs), house.stranger, now=house.now)
    lanes = session.scalars(select(Hold.lane).where(Hold.part_id == dock.id).order_by(Hold.lane))
    assert [*lanes] == [0, 1]


def test_one_date_of_a_series_changes_hands(session: Db, house: House) -> None:
    series = booked(house, house.member, rule="FREQ=WEEKLY;COUNT=3")
    theirs = booked(house, house.stranger, house.birch, day=7, start=14, end=15)
    wish = SwapRequest(seen(session, series, 1), seen(session, theirs))
    swap_id = propose_swap(wish, house.member, now=house.now)

    accept_swap(swap_id, house.stranger, now=house.now)

    after = stored(session, series)
    assert places(after) == [
        (house.atlas.id, house.interval(10, 11)),
        (house.birch.id, house.interval(14, 15, day=7)),
        (house.atlas.id, house.interval(10, 11, day=14)),
    ]
    assert [each.recurrence_id for each in after.occurrences] == [
        house.at(10, day=day) for day in (0, 7, 14)
    ]
    assert (after.starts_at, after.usual_spaces) == (house.at(10), (house.atlas.id,))
    # Its wall clock is kept beside its instants, for when the rules of the clocks change.
    row = session.get_one(Occurrence, after.occurrences[1].occurrence_id)
    assert (row.starts_local, row.ends_local) == (house.at(14, day=7), house.at(15, day=7))
    single = stored(session, theirs)
    assert (single.starts_at, single.usual_spaces) == (house.at(10, day=7), (house.atlas.id,))
    # The date keeps what it has of its own when the series changes as a whole.
    later = replace(as_request(after), end=house.at(11.5))
    change(ChangeRequest(series, 2, later), house.member, now=house.now)
    assert places(stored(session, series))[1] == (
        house.birch.id,
        house.interval(14, 15, day=7),
    )


def test_an_all_day_booking_and_another_become_each_other(session: Db, house: House) -> None:
    mine = booked(house, house.member, start=0, end=24, all_day=True)
    theirs = booked(house, house.stranger, house.birch)
    accept_swap(proposed(session, house, mine, theirs), house.stranger, now=house.now)
    assert (stored(session, mine).all_day, stored(session, theirs).all_day) == (False, True)

    series = booked(house, house.member, day=1, rule="FREQ=WEEKLY;COUNT=2")
    wish = SwapRequest(seen(session, series), seen(session, theirs))
    with pytest.raises(InvalidRequest, match="swap_all_day"):
        propose_swap(wish, house.member, now=house.now)


def test_so_many_proposals_at_a_time(session: Db, house: House) -> None:
    mine = booked(house, house.member)
    for day in range(MOST_SWAPS):
        proposed(session, house, mine, booked(house, house.stranger, house.birch, day=day))
    with pytest.raises(InvalidRequest, match="too_many_swaps"):
        proposed(session, house, mine, booked(house, house.stranger, house.birch, day=9))


def test_of_several_proposals_one_is_agreed_to(session: Db, house: House) -> None:
    mine, theirs = pair(house)
    third = booked(house, house.manager, house.birch, day=1)
    first = proposed(session, house, mine, theirs)
    second = proposed(session, house, mine, third)
    accept_swap(first, house.stranger, now=house.now)
    with pytest.raises(InvalidRequest, match="swap_void"):
        accept_swap(second, house.manager, now=house.now)


def test_agreed_to_many_times_at_once_it_is_one_swap(
    house: House, engine_url: str, session: Db
) -> None:
    rounds = []
    for day in range(3):
        mine = booked(house, house.member, day=day)
        theirs = booked(house, house.stranger, house.birch, day=day)
        swap_id = proposed(session, house, mine, theirs)
        rounds.append([Attempt(accept_swap, swap_id, house.stranger)] * 6)
    for outcomes in race(engine_url, *rounds):
        kinds = sorted(each.kind for each in outcomes)
        assert kinds == ["AlreadyDecided"] * 5 + ["won"], outcomes


def test_of_swaps_that_cross_one_is_made(house: House, engine_url: str, session: Db) -> None:
    """A for B, B for C, C for A, all agreed to at once: nobody waits in a circle."""
    people = (house.member, house.stranger, house.manager)
    rounds = []
    for day in range(3):
        ids = [
            booked(house, person, room, day=day)
            for person, room in zip(people, (house.atlas, house.birch, house.delta), strict=True)
            if room is not house.delta
        ]
        ids.append(house.add_booking(house.atlas, start=15, end=16, days=(day,), by=house.manager))
        attempts = []
        for number, person in enumerate(people):
            follower = (number + 1) % 3
            swap_id = propose_swap(
                asked(session, ids[number], ids[follower]), person, now=house.now
            )
            attempts.append(Attempt(accept_swap, swap_id, people[follower]))
        rounds.append(attempts)
    for outcomes in race(engine_url, *rounds):
        kinds = sorted(each.kind for each in outcomes)
        assert kinds == ["InvalidRequest"] * 2 + ["won"], outcomes


@pytest.mark.parametrize("verb", ["cancel", "change", "book"])
def test_a_swap_meets_another_verb(house: House, engine_url: str, session: Db, verb: str) -> None:
    rounds = []
    for day in range(4):
        mine = booked(house, house.member, day=day)
        theirs = booked(house, house.stranger, house.birch, day=day)
        swap_id = proposed(session, house, mine, theirs)
        if verb == "cancel":
            other = Attempt(cancel, CancelRequest(mine, 1), house.member)
        elif verb == "change":
            longer = house.request(day=day, end=12)
            other = Attempt(change, ChangeRequest(mine, 1, longer), house.member)
        else:  # into what is free for no moment
            other = Attempt(book, house.request(day=day), house.manager)
        rounds.append([Attempt(accept_swap, swap_id, house.stranger), other])
    for swapped, other in race(engine_url, *rounds):
        if verb == "book":
            assert (swapped.kind, other.kind) == ("won", "Conflicted")
        else:
            kinds = {swapped.kind, other.kind}
            assert kinds in ({"won", "Stale"}, {"won", "InvalidRequest"}), (swapped, other)
