"""Eight processes want the same: exactly one gets it, and the others are told so."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from booking.actions.approvals import approve
from booking.actions.bookings import book, bring_back, cancel, change, change_date, move
from booking.actions.serving import serve
from booking.actions.spaces import set_policy
from booking.actions.waiting import accept, leave
from booking.core.requests import (
    CancelRequest,
    ChangeRequest,
    DateBackRequest,
    DateRequest,
    DecisionRequest,
    MoveRequest,
)
from booking.core.values import Actor, Policy, Space, State, WantState
from booking.models import Audit, Booking, Hold, Occurrence, Want
from tests.support.factories import House
from tests.support.racing import Attempt, Outcome, race

RUNNERS = 8
ROUNDS = 3


def assert_one_won(outcomes: Sequence[Outcome], *others: str) -> None:
    """Exactly one; the others were all refused for one of these reasons."""
    kinds = Counter(each.kind for each in outcomes)
    assert kinds.pop("won", 0) == 1, outcomes
    assert set(kinds) <= set(others), outcomes


def crowd(house: House, count: int = RUNNERS) -> list[Actor]:
    """Return so many different members of the house."""
    return [house.add_person(f"Person{number}", organisation=house.ours) for number in range(count)]


def stored(house: House, model: type[Booking] | type[Hold]) -> int:
    with house.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


def test_book_the_same_slot_once(house: House, engine_url: str) -> None:
    people = crowd(house)
    rounds = [
        [Attempt(book, house.request(day=day), person) for person in people]
        for day in range(ROUNDS)
    ]
    for outcomes in race(engine_url, *rounds):
        assert_one_won(outcomes, "Conflicted")
        assert {each.clashes for each in outcomes if each.kind == "Conflicted"} == {1}
    assert stored(house, Booking) == ROUNDS


def test_book_slots_that_overlap_once(house: House, engine_url: str) -> None:
    """None of the times is equal, all have 10:30 in common."""
    times = [(10 + runner / 20, 10.75 + runner / 10) for runner in range(RUNNERS)]
    rounds = [
        [
            Attempt(book, house.request(start=start, end=end, day=day), house.member)
            for start, end in _quarters(times)
        ]
        for day in range(ROUNDS)
    ]
    for outcomes in race(engine_url, *rounds):
        assert_one_won(outcomes, "Conflicted")


def _quarters(times: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Round starts down and ends up to quarter hours."""
    return [(start // 0.25 * 0.25, -(-end // 0.25) * 0.25) for start, end in times]


def test_book_side_by_side_without_loss(house: House, engine_url: str) -> None:
    """What does not overlap does not disturb each other, however hard they push."""
    rounds = [
        [
            Attempt(book, house.request(start=8 + hour, end=9 + hour, day=day), house.member)
            for hour in range(RUNNERS)
        ]
        for day in range(ROUNDS)
    ]
    for outcomes in race(engine_url, *rounds):
        assert [each.kind for each in outcomes] == ["won"] * RUNNERS
    assert stored(house, Hold) == RUNNERS * ROUNDS


def test_book_combined_rooms_and_series_in_any_order(house: House, engine_url: str) -> None:
    """Nobody waits in a circle: every attempt ends as won or refused, by a clash alone."""
    south = house.add_space("South", parts=(house.atlas, house.birch))
    whole = house.add_space("Whole", parts=(house.birch, house.atlas, house.delta))
    spaces = [house.atlas, house.birch, house.delta, south, whole]
    dice = random.Random(20270310)
    rounds = [[_any_request(house, spaces, dice) for _ in range(RUNNERS)] for _ in range(12)]
    kinds = Counter(each.kind for outcomes in race(engine_url, *rounds) for each in outcomes)
    assert set(kinds) == {"won", "Conflicted"}


def _any_request(house: House, spaces: Sequence[Space], dice: random.Random) -> Attempt:
    start = dice.randrange(8 * 4, 18 * 4) / 4
    request = house.request(
        *dice.sample(list(spaces), dice.choice((1, 1, 2, 3))),
        start=start,
        end=start + dice.choice((0.5, 1, 2)),
        day=dice.randrange(3),
        rule=dice.choice((None, None, "FREQ=DAILY;COUNT=5")),
    )
    return Attempt(book, request, dice.choice((house.member, house.approver)))


def test_book_the_same_form_twice_makes_one_booking(house: House, engine_url: str) -> None:
    rounds = [
        [Attempt(book, house.request(day=day, request_key=f"form-{day}"), house.member)] * RUNNERS
        for day in range(ROUNDS)
    ]
    for outcomes in race(engine_url, *rounds):
        assert {each.kind for each in outcomes} == {"won"}, outcomes
        assert len({each.result.booking_id for each in outcomes}) == 1
        assert sum(not each.result.repeated for each in outcomes) == 1
    assert stored(house, Booking) == ROUNDS


def test_book_the_same_form_for_other_rooms_makes_one_booking(
    house: House, engine_url: str
) -> None:
    """Other rooms take other locks: only the unique key stands between them."""
    rounds = [
        [
            Attempt(book, house.request(room, day=day, request_key=f"form-{day}"), house.member)
            for room in (house.atlas, house.birch, house.cedar, house.delta)
        ]
        for day in range(ROUNDS)
    ]
    for outcomes in race(engine_url, *rounds):
        assert {each.kind for each in outcomes} == {"won"}, outcomes
        assert len({each.result.booking_id for each in outcomes}) == 1
    assert stored(house, Booking) == ROUNDS


def test_move_into_the_same_slot_once(house: House, engine_url: str) -> None:
    rounds = []
    for day in range(ROUNDS):
        ids = [
            house.add_booking(start=8 + hour / 2, end=8.5 + hour / 2, days=(day,))
            for hour in range(RUNNERS)
        ]
        goal = {"start": house.at(15, day=day), "end": house.at(16, day=day)}
        rounds.append([Attempt(move, MoveRequest(each, 1, **goal), house.member) for each in ids])
    for outcomes in race(engine_url, *rounds):
        assert_one_won(outcomes, "Conflicted")
    assert stored(house, Hold) == RUNNERS * ROUNDS


def test_move_the_same_booking_once(house: House, engine_url: str) -> None:
    rounds = []
    for day in range(ROUNDS):
        booking_id = house.add_booking(start=8, end=9, days=(day,))
        moves = [
            MoveRequest(booking_id, 1, house.at(10 + hour, day=day), house.at(11 + hour, day=day))
            for hour in range(RUNNERS)
        ]
        rounds.append([Attempt(move, each, house.member) for each in moves])
    for outcomes in race(engine_url, *rounds):
        assert_one_won(outcomes, "Stale")
    assert stored(house, Hold) == ROUNDS


def test_move_across_each_other_does_not_deadlock(house: House, engine_url: str) -> None:
    """Two bookings swap rooms at the same moment: both may be refused, none may hang."""
    rounds = []
    for day in range(ROUNDS):
        here = house.add_booking(house.atlas, days=(day,))
        there = house.add_booking(house.birch, days=(day,))
        slot = {"start": house.at(10, day=day), "end": house.at(11, day=day)}
        ways = ((here, house.atlas, house.birch), (there, house.birch, house.atlas))
        rounds.append(
            [
                Attempt(
                    move,
                    MoveRequest(each, 1, **slot, space_from=old.id, space_to=new.id),
                    house.member,
                )
                for each, old, new in ways
            ]
        )
    for outcomes in race(engine_url, *rounds):
        assert [each.kind for each in outcomes] == ["Conflicted"] * 2, outcomes
    assert stored(house, Hold) == 2 * ROUNDS


def test_change_the_same_booking_once(house: House, engine_url: str) -> None:
    rounds = []
    for day in range(ROUNDS):
        booking_id = house.add_booking(days=(day,))
        wishes = [house.request(day=day, title=f"Title {each}") for each in range(RUNNERS)]
        rounds.append(
            [Attempt(change, ChangeRequest(booking_id, 1, each), house.member) for each in wishes]
        )
    for outcomes in race(engine_url, *rounds):
        assert_one_won(outcomes, "Stale")


def test_two_dates_of_a_series_changed_at_once_are_told_to_the_second(
    house: House, engine_url: str
) -> None:
    rounds = []
    for day in range(ROUNDS):
        days = range(day * 20, day * 20 + RUNNERS)
        series = house.add_booking(days=days, start=12, end=13)
        dates = dates_of(house, series)
        rounds.append(
            [
                Attempt(change_date, date_wish(house, series, dates[each], day=each), house.member)
                for each in days
            ]
        )
    for outcomes in race(engine_url, *rounds):
        assert_one_won(outcomes, "Stale")


def test_changed_date_and_a_booking_do_not_both_get_the_slot(house: House, engine_url: str) -> None:
    rounds = []
    for day in range(ROUNDS):
        series = [
            house.add_booking(room, days=(day, day + 20), start=16, end=17)
            for room in (house.birch, house.cedar, house.delta)
        ]
        changed = [
            Attempt(
                change_date,
                date_wish(house, each, dates_of(house, each)[day], day=day),
                house.admin,
            )
            for each in series
        ]
        booked = [Attempt(book, house.request(day=day, start=15, end=16), house.member)] * 3
        rounds.append(changed + booked)
    for outcomes in race(engine_url, *rounds):
        assert_one_won(outcomes, "Conflicted")


def test_date_comes_back_once(house: House, engine_url: str) -> None:
    rounds = []
    for day in range(ROUNDS):
        series = house.add_booking(days=(day, day + 20), state=State.CANCELLED)
        wish = DateBackRequest(series, dates_of(house, series)[day], 1)
        rounds.append([Attempt(bring_back, wish, house.member)] * RUNNERS)
    for outcomes in race(engine_url, *rounds):
        assert_one_won(outcomes, "Stale")


def dates_of(house: House, series: int) -> dict[int, int]:
    """Return the ids of the dates of a series by their day."""
    with house.engine.connect() as connection:
        rows = connection.execute(
            select(Occurrence.id, Occurrence.recurrence_id).where(Occurrence.booking_id == series)
        )
        return {(at.date() - house.at(0).date()).days: row_id for row_id, at in rows}


def date_wish(house: House, series: int, occurrence_id: int, *, day: int) -> DateRequest:
    """Return the wish for a date at three, in Atlas."""
    start, end = house.at(15, day=day), house.at(16, day=day)
    return DateRequest(series, occurrence_id, 1, start, end, (house.atlas.id,))


def test_approve_rivals_once(house: House, engine_url: str) -> None:
    rounds = []
    for day in range(ROUNDS):
        rivals = [
            house.add_booking(house.delta, days=(day,), state=State.REQUESTED)
            for _ in range(RUNNERS)
        ]
        rounds.append(
            [Attempt(approve, DecisionRequest(each, 1), house.approver) for each in rivals]
        )
    for outcomes in race(engine_url, *rounds):
        assert_one_won(outcomes, "Conflicted")
    assert stored(house, Hold) == ROUNDS


def test_approve_the_same_request_once(house: House, engine_url: str) -> None:
    rounds = []
    for day in range(ROUNDS):
        booking_id = house.add_booking(house.cedar, days=(day,), state=State.REQUESTED)
        rounds.append([Attempt(approve, DecisionRequest(booking_id, 1), house.approver)] * RUNNERS)
    for outcomes in race(engine_url, *rounds):
        assert_one_won(outcomes, "AlreadyDecided")


@pytest.mark.parametrize("room", ["cedar", "delta"])
def test_cancel_against_approve_leaves_one_decision(
    house: House, engine_url: str, room: str
) -> None:
    rounds = []
    for day in range(2 * ROUNDS):
        booking_id = house.add_booking(getattr(house, room), days=(day,), state=State.REQUESTED)
        rounds.append(
            [
                Attempt(cancel, CancelRequest(booking_id, 1), house.member),
                Attempt(approve, DecisionRequest(booking_id, 1), house.approver),
            ]
        )
    for outcomes in race(engine_url, *rounds):
        assert_one_won(outcomes, "Stale", "AlreadyDecided")


def test_cancel_gives_the_slot_to_one_of_those_who_wait(house: House, engine_url: str) -> None:
    """One cancels while seven book: at most one of them comes in after it."""
    people = crowd(house, RUNNERS - 1)
    rounds = []
    for day in range(ROUNDS):
        booking_id = house.add_booking(days=(day,))
        rounds.append(
            [
                Attempt(cancel, CancelRequest(booking_id, 1), house.member),
                *(Attempt(book, house.request(day=day), person) for person in people),
            ]
        )
    for first, *others in race(engine_url, *rounds):
        assert first.kind == "won"
        kinds = Counter(each.kind for each in others)
        assert kinds["won"] <= 1
        assert set(kinds) <= {"won", "Conflicted"}, others


def test_book_and_approve_do_not_both_get_the_slot(house: House, engine_url: str) -> None:
    """A request that does not hold is approved while an approver books over it."""
    rounds = []
    for day in range(2 * ROUNDS):
        booking_id = house.add_booking(house.delta, days=(day,), state=State.REQUESTED)
        rounds.append(
            [
                Attempt(approve, DecisionRequest(booking_id, 1), house.approver),
                Attempt(book, house.request(house.delta, day=day), house.admin),
            ]
        )
    for outcomes in race(engine_url, *rounds):
        assert_one_won(outcomes, "Conflicted")


def test_series_go_on_once_however_many_see_to_it(house: House, engine_url: str) -> None:
    later = house.now + timedelta(days=30)
    series = [
        Attempt(book, house.request(room, rule="FREQ=WEEKLY"), house.member)
        for room in (house.atlas, house.birch)
    ]
    race(engine_url, series)
    before, holds = _dates(house), stored(house, Hold)
    [outcomes] = race(engine_url, [Attempt(_extend, None, house.member, now=later)] * RUNNERS)
    assert {each.kind for each in outcomes} == {"won"}
    assert sum(each.result for each in outcomes) == len(series)
    assert _dates(house) == before + 4 * len(series)
    assert stored(house, Hold) == holds + 4 * len(series)


def _extend(_request: None, _actor: Actor, *, now: datetime) -> int:
    from booking.actions.bookings.extend import extend_series

    return extend_series(now=now)


def _dates(house: House) -> int:
    with house.engine.connect() as connection:
        return connection.execute(
            select(func.count()).select_from(Booking.metadata.tables["occurrence"])
        ).scalar_one()


def test_rules_and_a_booking_at_once_come_one_after_the_other(
    house: House, engine_url: str
) -> None:
    """What is booked after the rules were changed obeys them."""
    rooms = [house.add_space(f"Room {each}") for each in range(2 * ROUNDS)]
    rounds = [
        [
            Attempt(_rule, room.id, house.admin),
            Attempt(book, house.request(room), house.member),
        ]
        for room in rooms
    ]
    booked = {}
    for room, (ruled, asked) in zip(rooms, race(engine_url, *rounds), strict=True):
        assert ruled.kind == "won", ruled
        assert asked.kind in {"won", "NotAllowed"}, asked
        if asked.kind == "won":
            booked[asked.result.booking_id] = room.id
    with house.engine.connect() as connection:
        at = {
            (row.entity, row.entity_id): row.id
            for row in connection.execute(select(Audit.entity, Audit.entity_id, Audit.id))
        }
    assert [each for each in booked if at["booking", each] > at["space", booked[each]]] == []


def _rule(space_id: int, actor: Actor, *, now: datetime) -> int:
    policy = Policy(shortest=timedelta(hours=2))
    return set_policy(space_id, policy, actor, version=1, now=now)


def test_two_who_give_back_what_one_waits_for_serve_it_once(house: House, engine_url: str) -> None:
    """Half each, at the same moment, while others look after the list, and one comes in between.

    Whoever waits is served, or the other one was let in before all of it was free.
    """
    rounds, places = [], []
    for day in range(1, ROUNDS + 1):
        halves = [house.add_booking(start=10 + each, end=11 + each, days=(day,)) for each in (0, 1)]
        want = house.add_want(start=10, end=12, day=day, by=house.stranger, mode="claim")
        places.append(want)
        rounds.append(
            [
                *(Attempt(cancel, CancelRequest(each, 1), house.member) for each in halves),
                Attempt(_serve, want, house.stranger),
                Attempt(_serve, want, house.stranger),
                Attempt(book, house.request(start=10, end=11, day=day), house.manager),
            ]
        )
    expected = []
    for *others, booked in race(engine_url, *rounds):
        assert {each.kind for each in others} == {"won"}, others
        assert booked.kind in {"won", "Conflicted"}, booked
        expected.append("waiting" if booked.kind == "won" else "served")
    race(engine_url, *([Attempt(_serve, each, house.stranger)] * 4 for each in places))
    with house.engine.connect() as connection:
        organised = select(func.count()).where(Booking.organiser_id == house.stranger.person_id)
        made = connection.execute(organised).scalar_one()
        states = connection.execute(select(Want.state).order_by(Want.id)).scalars().all()
    assert (made, states) == (expected.count("served"), expected)


def test_offer_is_accepted_or_declined_or_over(house: House, engine_url: str) -> None:
    """At the moment when it ends one of them counts, and the next in line is not forgotten."""
    until = house.now + timedelta(hours=1)
    before = until - timedelta(seconds=1)
    rounds = []
    for day in range(1, 2 * ROUNDS + 1):
        first = house.add_want(day=day, until=until)
        house.add_want(day=day, by=house.stranger, since=house.now + timedelta(minutes=1))
        rounds.append(
            [
                Attempt(accept, first, house.member, now=before),
                Attempt(leave, first, house.member, now=before),
                Attempt(_serve, first, house.member, now=until),
                Attempt(book, house.request(day=day), house.manager, now=until),
            ]
        )
    for accepted, left, served, booked in race(engine_url, *rounds):
        assert booked.kind == "Conflicted", booked
        assert {accepted.kind, left.kind} <= {"won", "InvalidRequest"}, (accepted, left)
        assert (accepted.kind, left.kind).count("won") <= 1
        assert served.result in {WantState.SERVED, WantState.GONE, WantState.EXPIRED}, served
    # Each time is somebody's: booked, or held for the next.
    assert stored(house, Hold) == len(rounds)


def _serve(want_id: int, _actor: Actor, *, now: datetime) -> WantState | None:
    return serve(want_id, now=now)
