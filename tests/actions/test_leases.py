"""Leases: nothing is let twice, terms change, tenants move, and only they book."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from booking.actions import bookings, closures, leases, spaces
from booking.core.errors import (
    AlreadyLet,
    BookingError,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from booking.core.recurrence import to_local
from booking.core.requests import ClosureRequest, LeaseMove, LeaseRequest, MoveRequest
from booking.core.values import Document, LeaseView, SitePolicy, SpaceKind
from booking.db import is_overlap
from booking.models import Audit, Hold, Lease, Notice
from booking.queries import leases as queries
from tests.support.databases import writing
from tests.support.factories import NOW, House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]
TODAY = date(2027, 3, 10)


def let(house: House, wish: LeaseRequest) -> int:
    return leases.create_lease(wish, house.admin, now=NOW)


def midnight(year: int, month: int, day: int) -> datetime:
    return datetime.combine(date(year, month, day), time())


def codes(error: BookingError) -> list[tuple[str, str]]:
    return [(each.code, each.field) for each in error.messages]


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


def stored(session: Db, lease_id: int) -> LeaseView:
    session.rollback()
    return queries.lease(session, lease_id)


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


def test_only_the_tenant_books_a_let_office(session: Db, house: House) -> None:
    office = house.add_office()
    let(house, house.lease_request(office, starts=TODAY, ends=None))
    with pytest.raises(NotAllowed) as raised:
        bookings.book(house.request(office), house.stranger, now=NOW)
    (told,) = raised.value.messages
    assert (told.code, told.params["tenant"]) == ("office_let", "Ours")
    with pytest.raises(NotAllowed):  # in the name of nobody
        bookings.book(house.request(office), house.member, now=NOW)
    bookings.book(house.request(office, organisation_id=house.ours), house.member, now=NOW)
    bookings.book(house.request(office, day=1), house.admin, now=NOW)


def test_office_that_is_not_let_is_free_for_all(session: Db, house: House) -> None:
    office = house.add_office()
    let(house, house.lease_request(office, weekdays=frozenset({0}), starts=TODAY))
    booked = bookings.book(house.request(office), house.stranger, now=NOW)  # a Thursday
    with pytest.raises(NotAllowed):
        bookings.book(house.request(office, day=4), house.stranger, now=NOW)  # a Monday
    with pytest.raises(NotAllowed):
        bookings.move(
            MoveRequest(booked.booking_id, 1, house.at(10, day=4), house.at(11, day=4)),
            house.stranger,
            now=NOW,
        )


def test_booking_that_was_there_before_the_lease_stays(session: Db, house: House) -> None:
    office = house.add_office()
    booked = bookings.book(house.request(office, day=30), house.stranger, now=NOW)
    let(house, house.lease_request(office, starts=TODAY))
    bookings.move(
        MoveRequest(booked.booking_id, 1, house.at(10, day=30), house.at(10.5, day=30)),
        house.stranger,
        now=NOW,
    )


def test_who_shares_an_office_books_it(session: Db, house: House) -> None:
    office = house.add_office()
    let(house, house.lease_request(office, starts=TODAY, share=1, shares=2))
    second = house.lease_request(
        office, starts=TODAY, share=1, shares=2, organisation_id=house.theirs
    )
    let(house, second)
    bookings.book(house.request(office, organisation_id=house.ours), house.member, now=NOW)
    bookings.book(
        house.request(office, day=1, organisation_id=house.theirs), house.stranger, now=NOW
    )


# Races


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


# Reminders


def told_of(session: Db) -> list[tuple[str, int]]:
    session.rollback()
    rows = session.execute(select(Notice.code, Notice.person_id).order_by(Notice.id))
    return [(row.code, row.person_id) for row in rows]


def at_nine(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def test_end_and_notice_are_reminded_of_once(session: Db, house: House) -> None:
    lease_id = let(house, house.lease_request(house.add_office()))  # to 31 December
    quiet = (date(2027, 8, 30), date(2027, 10, 2))
    for day, number in (
        (quiet[0], 0),
        (date(2027, 8, 31), 1),  # 30 days before 30 September, the last day to give notice
        (date(2027, 9, 2), 0),
        (quiet[1], 0),
        (date(2027, 11, 1), 1),
        (date(2027, 12, 31), 0),
        (date(2028, 1, 5), 0),
    ):
        assert leases.remind_of_leases(now=at_nine(day)) == number, day
    both = [house.manager.person_id, house.admin.person_id]
    assert told_of(session) == [
        *(("notice_lease_decide", each) for each in both),
        *(("notice_lease_ends", each) for each in both),
    ]
    later = house.lease_request(house.atlas, ends=date(2028, 12, 31))
    wish = replace(later, space_id=stored(session, lease_id).space_id)
    leases.change_lease(lease_id, wish, house.admin, version=1, now=NOW)
    assert leases.remind_of_leases(now=at_nine(date(2028, 11, 1))) == 1


def test_what_is_renewed_or_open_needs_no_reminder(session: Db, house: House) -> None:
    office = house.add_office()
    first = let(house, house.lease_request(office))
    again = house.lease_request(office, starts=date(2028, 1, 1), ends=None)
    leases.renew_lease(first, again, house.admin, version=1, now=NOW)
    assert leases.remind_of_leases(now=at_nine(date(2027, 12, 1))) == 0


def test_reminders_come_as_early_as_the_house_says(session: Db, house: House) -> None:
    let(house, house.lease_request(house.add_office(), months_notice=0))
    policy = SitePolicy(lease_end_before=timedelta(days=100))
    spaces.set_site_policy(house.site.id, policy, house.admin, version=1, now=NOW)
    early = date(2027, 12, 31) - timedelta(days=100)
    assert leases.remind_of_leases(now=at_nine(early - timedelta(days=1))) == 0
    assert leases.remind_of_leases(now=at_nine(early)) == 1
