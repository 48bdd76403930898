"""Leases under concurrency: the database refuses what is let twice."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from booking.actions import leases, spaces
from booking.core.requests import LeaseMove
from booking.db import is_overlap
from tests.support.databases import writing
from tests.support.factories import House
from tests.support.leasing import let
from tests.support.racing import Attempt, race

Db = scoped_session[Session]


def assert_let_once(house: House, outcomes: list[Any], wins: int = 1) -> None:
    kinds = [each.kind for each in outcomes]
    assert kinds.count("won") == wins, outcomes
    assert set(kinds) <= {"won", "AlreadyLet"}, outcomes


@pytest.mark.parametrize(
    ("more", "wins"),
    [
        ([{}], 1),
        ([{}, {"weekdays": frozenset({3})}, {"share": 1, "shares": 3}, {"ends": None}], None),
        ([{"share": 1, "shares": 4}], 4),
        ([{"weekdays": frozenset({0, 1})}, {"weekdays": frozenset({1, 2})}], 1),
    ],
    ids=["whole", "mixed", "quarters", "weekdays"],
)
def test_leases_of_one_office_race(
    house: House, engine_url: str, more: list[dict[str, Any]], wins: int | None
) -> None:
    office = house.add_office()
    wishes = [house.lease_request(office, **more[number % len(more)]) for number in range(8)]
    (outcomes,) = race(
        engine_url, [Attempt(leases.create_lease, wish, house.admin) for wish in wishes]
    )
    if wins is not None:
        assert_let_once(house, outcomes, wins)
    else:
        assert any(each.kind == "won" for each in outcomes)
        assert {each.kind for each in outcomes} <= {"won", "AlreadyLet"}


def test_database_itself_refuses_two_leases(session: Db, house: House) -> None:
    """Without any lock, and whatever the program thinks."""
    office = house.add_office()
    let(house, house.lease_request(office))
    copy = text(
        "INSERT INTO hold (part_id, layer, lane, start_s, end_s, lease_id)"
        " SELECT part_id, layer, lane, end_s - 1, end_s + 9, lease_id FROM hold"
    )
    with pytest.raises(IntegrityError) as raised, writing(house.engine) as connection:
        connection.execute(copy)
    assert is_overlap(raised.value)


def test_moves_to_each_other_race(session: Db, house: House, engine_url: str) -> None:
    """Both want the third office: one gets it, and each lease is in one place."""
    one, two, three = (house.add_office(each) for each in ("One", "Two", "Three"))
    first = let(house, house.lease_request(one))
    second = let(house, house.lease_request(two, organisation_id=house.theirs))
    on = date(2027, 9, 1)
    wishes = [
        LeaseMove(each, 1, three.id, on, Decimal(30), Decimal(10)) for each in (first, second)
    ]
    (outcomes,) = race(
        engine_url, [Attempt(leases.move_lease, wish, house.admin) for wish in wishes]
    )
    assert_let_once(house, outcomes)


def archive(organisation_id: int, actor: Any, *, now: datetime) -> int:
    return spaces.archive_organisation(organisation_id, actor, version=1, now=now)


def test_archive_and_lease_race(house: House, engine_url: str) -> None:
    office = house.add_office()
    attempts = [
        Attempt(archive, house.ours, house.admin),
        Attempt(leases.create_lease, house.lease_request(office), house.admin),
    ]
    (outcomes,) = race(engine_url, attempts)
    assert sorted(each.kind for each in outcomes) == ["InvalidRequest", "won"]
