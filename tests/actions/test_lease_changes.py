"""Leases: terms change, tenants move, leases end, follow each other and are withdrawn."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from booking.actions import leases, spaces
from booking.core.errors import (
    AlreadyLet,
    InvalidRequest,
    NotFound,
    Stale,
)
from booking.core.requests import LeaseMove
from booking.core.values import SpaceKind
from booking.models import Audit
from booking.queries import leases as queries
from tests.support.factories import NOW, House
from tests.support.leasing import codes, let, stored

Db = scoped_session[Session]


TODAY = date(2027, 3, 10)


def test_change_gives_other_terms(session: Db, house: House) -> None:
    office = house.add_office()
    lease_id = let(house, house.lease_request(office))
    wish = house.lease_request(office, rent_m2=Decimal("10.5"), ends=None)
    assert leases.change_lease(lease_id, wish, house.admin, version=1, now=NOW) == 2
    found = stored(session, lease_id)
    assert (found.rent_m2, found.ends) == (Decimal("10.5"), None)
    with pytest.raises(Stale):
        leases.change_lease(lease_id, wish, house.admin, version=1, now=NOW)
    query = select(Audit.verb, Audit.old, Audit.new).where(Audit.entity == "lease")
    made, changed = session.execute(query.order_by(Audit.id)).all()
    assert (made.verb, changed.verb) == ("create", "change")
    assert changed.old == {"rent_m2": "10.0000", "ends": "2027-12-31"}
    assert changed.new == {"rent_m2": "10.5000", "ends": None}


def test_change_refuses_what_others_have(session: Db, house: House) -> None:
    office = house.add_office()
    first = let(house, house.lease_request(office))
    let(house, house.lease_request(office, starts=date(2028, 1, 1), ends=None))
    with pytest.raises(AlreadyLet):
        leases.change_lease(
            first, house.lease_request(office, ends=None), house.admin, version=1, now=NOW
        )
    assert stored(session, first).ends == date(2027, 12, 31)


def test_begun_lease_keeps_its_space_and_tenant(session: Db, house: House) -> None:
    office, other = house.add_office(), house.add_office("Other")
    begun = let(house, house.lease_request(office, starts=TODAY))
    coming = let(house, house.lease_request(other))
    third = house.add_office("Third")
    for more, field in (
        ({"space_id": third.id}, "space"),
        ({"organisation_id": house.theirs}, "organisation"),
    ):
        wish = replace(house.lease_request(office, starts=TODAY), **more)
        with pytest.raises(InvalidRequest) as raised:
            leases.change_lease(begun, wish, house.admin, version=1, now=NOW)
        assert codes(raised.value) == [("lease_begun", field)]
    wish = house.lease_request(third, organisation_id=house.theirs)
    leases.change_lease(coming, wish, house.admin, version=1, now=NOW)
    assert stored(session, coming).space_id == third.id
    let(house, house.lease_request(other))


def test_end_early_frees_the_rest(session: Db, house: House) -> None:
    office = house.add_office()
    lease_id = let(house, house.lease_request(office, ends=None))
    leases.end_lease(lease_id, date(2027, 6, 30), house.admin, version=1, now=NOW)
    assert stored(session, lease_id).ends == date(2027, 6, 30)
    let(house, house.lease_request(office, starts=date(2027, 7, 1)))
    for last, code in (
        (date(2027, 3, 31), "lease_ends_first"),
        (date(2027, 6, 30), "lease_ends_later"),
    ):
        with pytest.raises(InvalidRequest) as raised:
            leases.end_lease(lease_id, last, house.admin, version=2, now=NOW)
        assert codes(raised.value) == [(code, "last")]


def test_renew_makes_a_successor(session: Db, house: House) -> None:
    office = house.add_office()
    first = let(house, house.lease_request(office))
    again = house.lease_request(office, starts=date(2028, 1, 1), ends=None, rent_m2=Decimal(11))
    second = leases.renew_lease(first, again, house.admin, version=1, now=NOW)
    assert stored(session, second).follows_id == first
    assert [each.id for each in queries.successors(session, first)] == [second]
    for more, code in (
        ({"starts": date(2027, 12, 31)}, "lease_follows_end"),
        ({"organisation_id": house.theirs}, "lease_other_tenant"),
    ):
        with pytest.raises(InvalidRequest) as raised:
            leases.renew_lease(first, replace(again, **more), house.admin, version=1, now=NOW)
        assert codes(raised.value)[0][0] == code
    with pytest.raises(InvalidRequest):
        leases.renew_lease(second, again, house.admin, version=1, now=NOW)


def move(house: House, lease_id: int, space_id: int, on: date, **more: int) -> int:
    wish = LeaseMove(lease_id, 1, space_id, on, Decimal(30), Decimal(10), **more)
    return leases.move_lease(wish, house.admin, now=NOW)


def test_move_to_another_office(session: Db, house: House) -> None:
    office, other = house.add_office(), house.add_office("Other")
    first = let(house, house.lease_request(office))
    second = move(house, first, other.id, date(2027, 9, 1))
    here, there = stored(session, first), stored(session, second)
    assert (here.ends, there.starts, there.ends) == (
        date(2027, 8, 31),
        date(2027, 9, 1),
        date(2027, 12, 31),
    )
    assert (there.space_id, there.area_m2, there.follows_id) == (other.id, Decimal(30), first)
    let(house, house.lease_request(office, starts=date(2027, 9, 1)))


def test_move_to_a_share_of_another_office(session: Db, house: House) -> None:
    office, other = house.add_office(), house.add_office("Other")
    half = {"share": 1, "shares": 2}
    let(house, house.lease_request(other, organisation_id=house.theirs, **half))
    first = let(house, house.lease_request(office))
    on = date(2027, 9, 1)
    with pytest.raises(AlreadyLet):
        move(house, first, other.id, on)

    there = stored(session, move(house, first, other.id, on, **half))

    assert (there.share, there.shares, there.space_id) == (1, 2, other.id)
    assert stored(session, first).ends == date(2027, 8, 31)


def test_move_to_an_office_that_is_taken_leaves_all_as_it_was(session: Db, house: House) -> None:
    office, other = house.add_office(), house.add_office("Other")
    first = let(house, house.lease_request(office))
    let(house, house.lease_request(other, organisation_id=house.theirs))
    with pytest.raises(AlreadyLet):
        move(house, first, other.id, date(2027, 9, 1))
    assert stored(session, first).ends == date(2027, 12, 31)
    assert stored(session, first).version == 1


@pytest.mark.parametrize("on", [date(2027, 4, 1), date(2028, 1, 1)])
def test_move_lies_within_the_lease(session: Db, house: House, on: date) -> None:
    office, other = house.add_office(), house.add_office("Other")
    first = let(house, house.lease_request(office))
    with pytest.raises(InvalidRequest):
        move(house, first, other.id, on)
    with pytest.raises(InvalidRequest):
        move(house, first, office.id, date(2027, 9, 1))


def test_withdraw_what_has_not_begun(session: Db, house: House) -> None:
    office = house.add_office()
    coming = let(house, house.lease_request(office))
    after = leases.renew_lease(
        coming,
        house.lease_request(office, starts=date(2028, 1, 1), ends=None),
        house.admin,
        version=1,
        now=NOW,
    )
    leases.withdraw_lease(coming, house.admin, version=1, now=NOW)
    with pytest.raises(NotFound):
        stored(session, coming)
    assert stored(session, after).follows_id is None
    session.rollback()
    begun = let(house, house.lease_request(office, starts=TODAY))
    with pytest.raises(InvalidRequest):
        leases.withdraw_lease(begun, house.admin, version=1, now=NOW)


def test_organisation_with_leases_is_not_archived(session: Db, house: House) -> None:
    office = house.add_office()
    lease_id = let(house, house.lease_request(office, starts=TODAY))
    with pytest.raises(InvalidRequest) as raised:
        spaces.archive_organisation(house.ours, house.admin, version=1, now=NOW)
    assert codes(raised.value) == [("organisation_has_leases", "")]
    later = NOW + timedelta(days=400)
    spaces.archive_organisation(house.ours, house.admin, version=1, now=later)
    session.rollback()
    assert stored(session, lease_id).organisation_name == "Ours"


def test_space_with_leases_stays_an_office(session: Db, house: House) -> None:
    office = house.add_office()
    let(house, house.lease_request(office))
    edit = spaces.SpaceEdit(SpaceKind.MEETING_ROOM, "Office")
    with pytest.raises(InvalidRequest) as raised:
        spaces.edit_space(office.id, edit, house.admin, version=1, now=NOW)
    assert codes(raised.value) == [("space_has_leases", "kind")]
    with pytest.raises(InvalidRequest):
        spaces.archive_space(office.id, house.admin, version=1, now=NOW)
    edit = spaces.SpaceEdit(SpaceKind.DESK, "Office")
    spaces.edit_space(office.id, edit, house.admin, version=1, now=NOW)
