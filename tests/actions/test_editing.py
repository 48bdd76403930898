"""Spaces, sites and organisations changed: stored with audit, refused in words, never half."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from booking.actions import spaces
from booking.actions.bookings import book, cancel
from booking.actions.spaces import Asking, SiteEdit, SpaceEdit
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, PartsTaken, Stale
from booking.core.requests import CancelRequest
from booking.core.values import OrganisationKind, Policy, SitePolicy, SpaceKind, Stance
from booking.models import Audit, Organisation
from booking.queries import houses
from tests.support.factories import House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]
EDIT = SpaceEdit(
    SpaceKind.WORKSHOP,
    "  Atlas \n two ",
    description="Behind the stairs",
    capacity=12,
    features=("screen", " piano ", "", "screen"),
    colour=7,
    area_m2=33.5,
    setup_min=10,
    cleanup_min=5,
)
SITE = SiteEdit("House", "Street 1", "FR", "57", time(9), time(0), 100, SitePolicy())


def audits(session: Db) -> list[tuple[str, object, object]]:
    rows = [(row.verb, row.old, row.new) for row in session.scalars(select(Audit))]
    session.rollback()
    return rows


def test_edited_space_is_stored_cleaned_with_audit(session: Db, house: House) -> None:
    assert spaces.edit_space(house.atlas.id, EDIT, house.admin, version=1, now=house.now) == 2

    found = houses.spaces_by_id(session(), [house.atlas.id])[house.atlas.id]
    session.rollback()
    assert (found.name, found.kind, found.capacity) == ("Atlas two", SpaceKind.WORKSHOP, 12)
    assert (found.features, found.colour) == (("screen", "piano"), 7)
    assert (found.setup, found.cleanup) == (timedelta(minutes=10), timedelta(minutes=5))
    ((verb, old, new),) = audits(session)
    assert verb == "edit"
    assert (old["name"], new["name"]) == ("Atlas", "Atlas two")
    assert "bookable" not in new


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 10_001}, "capacity"),
        ({"area_m2": -1.0}, "area_m2"),
        ({"colour": 16}, "colour"),
        ({"setup_min": -5}, "setup_min"),
        ({"cleanup_min": 1441}, "cleanup_min"),
        ({"features": ("x" * 41,)}, "features"),
        ({"features": tuple(map(str, range(21)))}, "features"),
        ({"description": "x" * 501}, "description"),
    ],
)
def test_edit_refuses_by_field(session: Db, house: House, wrong: dict, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        spaces.edit_space(
            house.atlas.id, replace(EDIT, **wrong), house.admin, version=1, now=house.now
        )
    assert [each.field for each in refused.value.messages] == [field]
    assert audits(session) == []


def test_only_who_runs_the_site_edits_what_is_there(session: Db, house: House) -> None:
    for somebody in (house.member, house.manager, house.approver):
        with pytest.raises(NotAllowed):
            spaces.edit_space(house.atlas.id, EDIT, somebody, version=1, now=house.now)
        with pytest.raises(NotAllowed):
            spaces.archive_space(house.atlas.id, somebody, version=1, now=house.now)
        with pytest.raises(NotAllowed):
            spaces.order_spaces(house.site.id, [], somebody, now=house.now)
        with pytest.raises(NotAllowed):
            spaces.edit_site(house.site.id, SITE, somebody, version=1, now=house.now)
        with pytest.raises(NotAllowed):
            spaces.archive_organisation(house.ours, somebody, version=1, now=house.now)
    with pytest.raises(NotFound):
        spaces.edit_space(9_999, EDIT, house.admin, version=1, now=house.now)
    with pytest.raises(NotFound):
        spaces.archive_organisation(9_999, house.admin, version=1, now=house.now)


def test_space_with_bookings_to_come_is_not_archived(session: Db, house: House) -> None:
    made = book(house.request(), house.member, now=house.now)
    with pytest.raises(PartsTaken) as refused:
        spaces.archive_space(house.atlas.id, house.admin, version=1, now=house.now)
    assert [each.booking_id for each in refused.value.taken] == [made.booking_id]
    cancel(CancelRequest(made.booking_id, made.version), house.member, now=house.now)

    spaces.archive_space(house.atlas.id, house.admin, version=1, now=house.now)

    assert house.atlas.id not in {each.id for each in houses.spaces(session())}
    session.rollback()
    with pytest.raises(NotAllowed):
        book(house.request(), house.member, now=house.now)
    spaces.restore_space(house.atlas.id, house.admin, version=2, now=house.now)
    book(house.request(), house.member, now=house.now)


def test_archiving_and_booking_at_once(house: House, engine_url: str) -> None:
    """A booking is in the way of the archive, or finds the room gone; never both."""
    rooms = [house.add_space(f"Room {each}") for each in range(3)]
    rounds = [
        [
            Attempt(_archive, room.id, house.admin),
            Attempt(book, house.request(room), house.member),
        ]
        for room in rooms
    ]
    for archived, booked in race(engine_url, *rounds):
        assert (archived.kind, booked.kind) in {("won", "NotAllowed"), ("PartsTaken", "won")}


def _archive(space_id: int, actor: object, *, now: object) -> int:
    return spaces.archive_space(space_id, actor, version=1, now=now)  # type: ignore[arg-type]


def test_spaces_are_put_in_order(session: Db, house: House) -> None:
    wanted = [house.delta.id, 9_999, house.atlas.id, house.delta.id]
    spaces.order_spaces(house.site.id, wanted, house.admin, now=house.now)

    found = [each.id for each in houses.spaces(session())]
    session.rollback()
    assert found == [house.delta.id, house.atlas.id, house.birch.id, house.cedar.id]
    made = spaces.create_space(
        spaces.SpaceRequest(house.site.id, SpaceKind.DESK, "New"), house.admin, now=house.now
    )
    assert [each.id for each in houses.spaces(session())][-1] == made


def test_site_is_edited_with_its_rules(session: Db, house: House) -> None:
    rules = SitePolicy(holidays=Stance.REFUSE)
    edit = replace(SITE, policy=rules)
    assert spaces.edit_site(house.site.id, edit, house.admin, version=1, now=house.now) == 2

    found = houses.site(session(), house.site.id)
    session.rollback()
    assert (found.name, found.opens, found.closes) == ("House", time(9), time(0))
    assert (found.country, found.region, found.policy) == ("FR", "57", rules)
    with pytest.raises(Stale):
        spaces.edit_site(house.site.id, edit, house.admin, version=1, now=house.now)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"closes": time(8)}, "closes"),
        ({"bookable_days": 0}, "bookable_days"),
        ({"country": "France"}, "country"),
        ({"region": "<b>"}, "country"),
        ({"address": "x" * 301}, "address"),
        (
            {"policy": SitePolicy(expire_after=timedelta(days=1), remind_before=timedelta(days=2))},
            "remind_before",
        ),
    ],
)
def test_edit_site_refuses_by_field(session: Db, house: House, wrong: dict, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        spaces.edit_site(
            house.site.id, replace(SITE, **wrong), house.admin, version=1, now=house.now
        )
    assert [each.field for each in refused.value.messages] == [field]


def test_organisation_is_renamed_archived_and_brought_back(session: Db, house: House) -> None:
    kind = OrganisationKind.CONTRIBUTOR
    with pytest.raises(InvalidRequest, match="name_taken"):
        spaces.edit_organisation(house.ours, "Theirs", kind, house.admin, version=1, now=house.now)
    spaces.edit_organisation(house.ours, " Ours  now", kind, house.admin, version=1, now=house.now)
    with pytest.raises(Stale):
        spaces.edit_organisation(house.ours, "Late", kind, house.admin, version=1, now=house.now)
    spaces.archive_organisation(house.ours, house.admin, version=2, now=house.now)

    assert house.ours not in houses.organisation_names(session())
    session.rollback()
    spaces.archive_organisation(house.ours, house.admin, version=3, now=house.now, back=True)
    assert houses.organisation_names(session())[house.ours] == "Ours now"
    row = session.execute(select(Organisation).where(Organisation.id == house.ours)).scalar_one()
    assert (row.kind, row.version) == ("contributor", 4)


def test_whether_requests_hold_waits_for_those_that_are_open(session: Db, house: House) -> None:
    book(house.request(house.cedar), house.member, now=house.now)
    free, held = Asking(always=False, requests_hold=False), Asking(always=False, requests_hold=True)

    with pytest.raises(InvalidRequest, match="requests_open"):
        _set_asking(house, free)
    assert audits(session)[-1][0] != "set_policy"
    _set_asking(house, held)

    found = houses.spaces_by_id(session(), [house.cedar.id])[house.cedar.id]
    assert (found.needs_approval, found.requests_hold, found.version) == (False, True, 2)


def _set_asking(house: House, asking: Asking) -> None:
    spaces.set_policy(
        house.cedar.id, Policy(), house.admin, version=1, now=house.now, asking=asking
    )
