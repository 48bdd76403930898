"""Leases: nothing is let twice, and what is refused is told."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from booking.actions import closures, leases, spaces
from booking.core.errors import (
    AlreadyLet,
    InvalidRequest,
    NotAllowed,
    NotFound,
)
from booking.core.recurrence import to_local
from booking.core.requests import ClosureRequest
from booking.core.values import Document, SpaceKind
from booking.models import Audit, Hold, Lease
from booking.queries import leases as queries
from tests.support.factories import NOW, House
from tests.support.leasing import codes, let

Db = scoped_session[Session]


def midnight(year: int, month: int, day: int) -> datetime:
    return datetime.combine(date(year, month, day), time())


def test_create_is_read_as_it_was_asked_for(session: Db, house: House) -> None:
    office = house.add_office()
    wish = house.lease_request(
        office,
        includes=frozenset({"water", "rooms"}),
        rooms=timedelta(hours=12),
        documents=(Document("Bail", "https://files.example.org/bail.pdf"),),
        note="  two keys ",
    )
    lease_id = let(house, wish)
    found = queries.lease(session, lease_id)
    assert (found.starts, found.ends) == (date(2027, 4, 1), date(2027, 12, 31))
    assert (found.area_m2, found.rent_m2) == (Decimal(20), Decimal(10))
    assert (found.space_name, found.organisation_name) == ("Office", "Ours")
    assert found.rooms == timedelta(hours=12)
    assert found.documents == (Document("Bail", "https://files.example.org/bail.pdf"),)
    assert found.note == "two keys"
    assert found.includes == {"water", "rooms"}
    (held,) = session.execute(select(Hold.start, Hold.end, Hold.layer)).all()
    assert to_local(held.start, "Europe/Paris") == midnight(2027, 4, 1)
    assert to_local(held.end, "Europe/Paris") == midnight(2028, 1, 1)
    assert held.layer == "let"


def test_leases_at_a_day(session: Db, house: House) -> None:
    office, other = house.add_office(), house.add_office("Other")
    whole = let(house, house.lease_request(office))
    mondays = let(house, house.lease_request(other, weekdays=frozenset({0}), ends=None))

    def at(day: date) -> list[int]:
        return [each.id for each in queries.leases_at(session, house.site.id, day)]

    assert at(date(2027, 3, 31)) == []
    assert at(date(2027, 4, 1)) == [whole]  # a Thursday
    assert at(date(2027, 4, 5)) == [whole, mondays]
    assert at(date(2027, 12, 31)) == [whole]
    assert at(date(2040, 1, 2)) == [mondays]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ends": date(2027, 3, 31)}, ("lease_ends_first", "ends")),
        ({"starts": date(1066, 1, 1)}, ("time_out_of_range", "starts")),
        ({"ends": date(9999, 12, 31)}, ("time_out_of_range", "starts")),
        (
            {"ends": date(2027, 4, 2), "weekdays": frozenset({0})},
            ("lease_no_day", "weekdays"),
        ),
        ({"weekdays": frozenset({7})}, ("choice_invalid", "weekdays")),
        ({"share": 3, "shares": 2}, ("lease_share", "share")),
        ({"share": 0, "shares": 2}, ("lease_share", "share")),
        ({"shares": 61}, ("lease_share", "share")),
        ({"area_m2": Decimal(0)}, ("lease_area", "area_m2")),
        ({"area_m2": Decimal("1.234")}, ("lease_area", "area_m2")),
        ({"rent_m2": Decimal(-1)}, ("lease_rent", "rent_m2")),
        ({"rent_m2": Decimal("0.00001")}, ("lease_rent", "rent_m2")),
        ({"months_notice": 37}, ("number_out_of_range", "months_notice")),
        ({"includes": frozenset({"parrots"})}, ("choice_invalid", "includes")),
        ({"documents": (Document("x", "http://example.org"),)}, ("lease_link", "documents")),
        ({"documents": (Document("x", "javascript:alert(1)"),)}, ("lease_link", "documents")),
        ({"documents": (Document("x", "https://a@b.org/"),)}, ("lease_link", "documents")),
        ({"note": "x" * 2_001}, ("note_too_long", "note")),
        ({"organisation_id": 999}, ("not_found", "organisation")),
    ],
)
def test_create_refuses_what_makes_no_sense(
    session: Db, house: House, wrong: dict[str, Any], code: tuple[str, str]
) -> None:
    office = house.add_office()
    with pytest.raises(InvalidRequest) as raised:
        let(house, house.lease_request(office, **wrong))
    assert codes(raised.value) == [code]
    assert session.execute(select(func.count(Lease.id))).scalar() == 0


def test_only_who_runs_the_site_lets(session: Db, house: House) -> None:
    office = house.add_office()
    for somebody in (house.member, house.manager, house.approver):
        with pytest.raises(NotAllowed):
            leases.create_lease(house.lease_request(office), somebody, now=NOW)
        with pytest.raises(NotAllowed):
            leases.look_at_lease(session(), house.lease_request(office), somebody, now=NOW)


def test_meeting_room_is_not_let(session: Db, house: House) -> None:
    with pytest.raises(InvalidRequest) as raised:
        let(house, house.lease_request(house.atlas))
    assert codes(raised.value) == [("space_not_let", "space")]


def test_archived_space_and_organisation_are_not_let(session: Db, house: House) -> None:
    office = house.add_office()
    gone = house.add_organisation("Gone", archived_at=NOW)
    with pytest.raises(InvalidRequest):
        let(house, house.lease_request(office, organisation_id=gone))
    spaces.archive_space(office.id, house.admin, version=1, now=NOW)
    with pytest.raises(NotFound):
        let(house, house.lease_request(office))


def test_two_leases_of_one_office_are_refused(session: Db, house: House) -> None:
    office = house.add_office()
    first = let(house, house.lease_request(office))
    with pytest.raises(AlreadyLet) as raised:
        let(house, house.lease_request(office, starts=date(2027, 12, 31), ends=None))
    (overlap,) = raised.value.overlaps
    assert (overlap.lease.id, overlap.first) == (first, date(2027, 12, 31))
    let(house, house.lease_request(office, starts=date(2028, 1, 1), ends=None))
    let(house, house.lease_request(office, starts=date(2026, 1, 1), ends=date(2027, 3, 31)))


def test_combined_office_and_its_part_are_not_both_let(session: Db, house: House) -> None:
    left, right = house.add_office("Left"), house.add_office("Right")
    both = house.add_space("Both", parts=(left, right), kind=SpaceKind.OFFICE)
    let(house, house.lease_request(left))
    with pytest.raises(AlreadyLet):
        let(house, house.lease_request(both))
    let(house, house.lease_request(right))
    with pytest.raises(InvalidRequest) as raised:
        let(house, house.lease_request(both, shares=2, starts=date(2029, 1, 1), ends=None))
    assert codes(raised.value) == [("lease_share_of_combined", "share")]


def test_shares_of_one_office_add_up_to_it(session: Db, house: House) -> None:
    office = house.add_office()
    let(house, house.lease_request(office, share=1, shares=2))
    let(house, house.lease_request(office, share=1, shares=3, organisation_id=house.theirs))
    with pytest.raises(AlreadyLet) as raised:
        let(house, house.lease_request(office, share=1, shares=3))
    assert len(raised.value.overlaps) == 2
    let(house, house.lease_request(office, share=1, shares=6))
    with pytest.raises(AlreadyLet):
        let(house, house.lease_request(office, share=1, shares=60))
    assert queries.let_lanes(session, [office.id]) == {office.id: 6}


def test_shares_that_do_not_go_together_are_told(session: Db, house: House) -> None:
    office = house.add_office()
    let(house, house.lease_request(office, share=1, shares=7))
    with pytest.raises(InvalidRequest) as raised:
        let(house, house.lease_request(office, share=1, shares=11))
    assert codes(raised.value) == [("lease_shares_odd", "shares")]


def test_weekdays_of_one_office(session: Db, house: House) -> None:
    office = house.add_office()
    let(house, house.lease_request(office, weekdays=frozenset({0, 1}), ends=None))
    let(house, house.lease_request(office, weekdays=frozenset({2, 3}), ends=None))
    with pytest.raises(AlreadyLet) as raised:
        let(house, house.lease_request(office, weekdays=frozenset({3, 4})))
    (overlap,) = raised.value.overlaps
    assert overlap.first == date(2027, 4, 1)  # the first Thursday
    with pytest.raises(AlreadyLet):
        let(house, house.lease_request(office))
    let(house, house.lease_request(office, weekdays=frozenset({4, 5, 6})))


def held_days(session: Db, lease_id: int) -> list[date]:
    session.rollback()
    rows = session.execute(select(Hold.start).where(Hold.lease_id == lease_id).order_by(Hold.start))
    return [to_local(start, "Europe/Paris").date() for start in rows.scalars()]


def test_weekdays_without_an_end_are_held_ten_years_ahead(session: Db, house: House) -> None:
    office = house.add_office()
    lease_id = let(house, house.lease_request(office, weekdays=frozenset({0}), ends=None))
    other = let(house, house.lease_request(office, weekdays=frozenset({1})))
    assert held_days(session, lease_id)[-1] == date(2037, 3, 30)
    assert leases.extend_leases(now=NOW + timedelta(days=150)) == 0

    later = NOW + timedelta(days=300)
    assert leases.extend_leases(now=later) == 1

    held = held_days(session, lease_id)
    assert held[-1] == date(2038, 1, 4)
    assert {after - before for before, after in pairwise(held)} == {timedelta(days=7)}
    assert held_days(session, other)[-1] < date(2028, 1, 1)
    assert leases.extend_leases(now=later) == 0
    verbs = session.execute(select(Audit.verb).where(Audit.entity_id == lease_id)).scalars().all()
    assert verbs == ["create", "extend"]


def test_weekdays_go_on_until_a_day_that_others_have(session: Db, house: House) -> None:
    office = house.add_office()
    lease_id = let(house, house.lease_request(office, weekdays=frozenset({0}), ends=None))
    taken = {"starts": date(2037, 6, 1), "ends": date(2037, 8, 31)}
    let(house, house.lease_request(office, organisation_id=house.theirs, **taken))
    later = NOW + timedelta(days=300)

    assert leases.extend_leases(now=later) == 1

    assert held_days(session, lease_id)[-1] == date(2037, 5, 25)
    assert leases.extend_leases(now=later) == 0


def test_weekdays_of_long_ago_are_held_from_today(session: Db, house: House) -> None:
    office = house.add_office()
    wish = house.lease_request(office, weekdays=frozenset({2}), starts=date(2010, 1, 1), ends=None)
    assert held_days(session, let(house, wish))[-1] == date(2037, 3, 4)


def test_preview_tells_what_the_verb_would_refuse(session: Db, house: House) -> None:
    office = house.add_office()
    first = let(house, house.lease_request(office))
    wish = house.lease_request(office, starts=date(2027, 11, 1), ends=None)
    found = leases.look_at_lease(session(), wish, house.admin, now=NOW)
    assert [(each.lease.id, each.first) for each in found.overlaps] == [(first, date(2027, 11, 1))]
    changed = leases.look_at_lease(session(), wish, house.admin, now=NOW, lease_id=first)
    assert changed.overlaps == ()


def test_preview_tells_closures_that_the_lease_lies_over(session: Db, house: House) -> None:
    office, other = house.add_office(), house.add_office("Other")
    for space, reason in ((office, "Floor"), (other, "Other")):
        works = ClosureRequest(
            house.site.id,
            midnight(2027, 6, 1),
            midnight(2027, 7, 1),
            reason,
            space_id=space.id,
        )
        closures.close(works, house.admin, now=NOW)
    found = leases.look_at_lease(session(), house.lease_request(office), house.admin, now=NOW)
    assert [each.reason for each in found.closures] == ["Floor"]
    let(house, house.lease_request(office))
