"""Objects that are put at the same moment as others, or as people book in the browser."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from booking.actions.bookings import book, cancel
from booking.actions.objects import PutResult, put_object
from booking.core.requests import CancelRequest
from booking.core.values import Actor, Door
from booking.models import Booking, Hold
from tests.support.factories import House
from tests.support.objects import single
from tests.support.racing import Attempt, Outcome, race

RUNNERS = 6
ROUNDS = 2


def put_it(asked: dict[str, Any], actor: Actor, *, now: datetime) -> PutResult:
    """Put an object as a race asks for it."""
    usual = {"door": Door.DAV, "booking_id": None, "expected": None}
    return put_object(actor=actor, now=now, **{**usual, **asked})


def kinds(outcomes: Sequence[Outcome]) -> Counter[str]:
    assert not any(each.text for each in outcomes), outcomes
    return Counter(each.kind for each in outcomes)


def stored(house: House, model: type[Booking] | type[Hold]) -> int:
    with house.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


def on(day: int, hour: int = 10, **more: str) -> dict[str, str]:
    """Return the times of an event on a day in March."""
    at = ";TZID=Europe/Paris:202703"
    return {
        "DTSTART": f"{at}{11 + day}T{hour}0000",
        "DTEND": f"{at}{11 + day}T{hour + 1}0000",
        **more,
    }


def test_object_and_browser_want_the_same_time(house: House, engine_url: str) -> None:
    rounds = [
        [
            Attempt(
                put_it,
                {"data": single(f"{day}-{runner}", **on(day)), "space_id": house.atlas.id},
                house.member,
            )
            if runner % 2
            else Attempt(book, house.request(day=day), house.stranger)
            for runner in range(RUNNERS)
        ]
        for day in range(ROUNDS)
    ]
    for outcomes in race(engine_url, *rounds):
        assert kinds(outcomes) == {"won": 1, "Conflicted": RUNNERS - 1}
    assert stored(house, Hold) == ROUNDS


def test_one_object_sent_many_times_is_one_booking(house: House, engine_url: str) -> None:
    """Through the calendars of different rooms, which are locked apart: the UID alone is one."""
    rooms = (house.atlas, house.birch)
    rounds = [
        [
            Attempt(
                put_it,
                {"data": single(f"uid-{day}", **on(day)), "space_id": rooms[runner % 2].id},
                house.member,
            )
            for runner in range(RUNNERS)
        ]
        for day in range(ROUNDS)
    ]
    for outcomes in race(engine_url, *rounds):
        assert kinds(outcomes) == {"won": RUNNERS}
        assert len({each.result.booking_id for each in outcomes}) == 1
        assert sum(each.result.created for each in outcomes) == 1
    assert stored(house, Booking) == ROUNDS


def test_who_saw_an_old_version_is_told_so(house: House, engine_url: str) -> None:
    key = house.add_booking(uid="one@example.org")
    rounds = [
        [
            Attempt(
                put_it,
                {
                    "data": single(**on(round_, hour=12 + runner)),
                    "space_id": house.atlas.id,
                    "booking_id": key,
                    "expected": 1 + round_,
                },
                house.member,
            )
            for runner in range(RUNNERS)
        ]
        for round_ in range(ROUNDS)
    ]
    for outcomes in race(engine_url, *rounds):
        assert kinds(outcomes) == {"won": 1, "Stale": RUNNERS - 1}


def test_object_and_cancelling_end_in_one_state(house: House, engine_url: str) -> None:
    """Whoever is late is told, or books anew: nothing is left half done."""
    made = [house.add_booking(days=(day,), uid=f"uid-{day}") for day in range(ROUNDS)]
    rounds = [
        [
            Attempt(
                put_it,
                {
                    "data": single(f"uid-{day}", **on(day, hour=15)),
                    "space_id": house.atlas.id,
                    "booking_id": key,
                    "expected": 1,
                },
                house.member,
            ),
            Attempt(cancel, CancelRequest(key, 1), house.member),
        ]
        for day, key in enumerate(made)
    ]
    for outcomes in race(engine_url, *rounds):
        assert kinds(outcomes) == {"won": 1, "Stale": 1}
