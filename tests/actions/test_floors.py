"""Floors: named, ordered, on them what says so, and gone only where nothing is."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session, scoped_session

from booking.actions.spaces import (
    SiteRequest,
    SpaceEdit,
    SpaceRequest,
    create_site,
    create_space,
    edit_space,
)
from booking.actions.spaces.floors import create_floor, edit_floor, remove_floor
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.values import Grant, Role, SpaceKind
from booking.queries.floors import floor_name, floors
from tests.support.factories import House

Db = scoped_session[Session]
ROOM = SpaceEdit(SpaceKind.MEETING_ROOM, "Atlas")


def names(session: Db, site_id: int) -> list[tuple[int, str, int]]:
    found = [(each.level, each.name, each.spaces) for each in floors(session(), site_id)]
    session.rollback()
    return found


def test_floors_are_made_changed_and_taken_away(session: Db, house: House) -> None:
    site = house.site.id
    upstairs = create_floor(site, 1, " First  floor ", house.admin, now=house.now)
    create_floor(site, -1, "Cellar", house.admin, now=house.now)
    assert names(session, site) == [(-1, "Cellar", 0), (1, "First floor", 0)]

    room = replace(ROOM, floor_id=upstairs)
    edit_space(house.atlas.id, room, house.admin, version=1, now=house.now)
    assert names(session, site)[1] == (1, "First floor", 1)
    assert floor_name(session(), house.atlas.id) == "First floor"
    session.rollback()
    with pytest.raises(InvalidRequest, match="floor_in_use"):
        remove_floor(upstairs, house.admin, version=1, now=house.now)

    assert edit_floor(upstairs, 2, "Attic", house.admin, version=1, now=house.now) == 2
    with pytest.raises(Stale):
        edit_floor(upstairs, 3, "Roof", house.admin, version=1, now=house.now)
    edit_space(house.atlas.id, ROOM, house.admin, version=2, now=house.now)
    remove_floor(upstairs, house.admin, version=2, now=house.now)
    assert names(session, site) == [(-1, "Cellar", 0)]
    with pytest.raises(NotFound):
        edit_floor(upstairs, 0, "Gone", house.admin, version=2, now=house.now)


@pytest.mark.parametrize(
    ("level", "name", "code"),
    [
        (0, " ", "name_missing"),
        (0, "x" * 81, "name_too_long"),
        (201, "Sky", "number_out_of_range"),
        (-21, "Deep", "number_out_of_range"),
    ],
)
def test_floor_that_makes_no_sense_is_refused(
    session: Db, house: House, level: int, name: str, code: str
) -> None:
    with pytest.raises(InvalidRequest, match=code):
        create_floor(house.site.id, level, name, house.admin, now=house.now)
    assert names(session, house.site.id) == []


def test_floors_are_for_who_runs_the_house(session: Db, house: House) -> None:
    other = create_site(SiteRequest("Other"), house.admin, now=house.now)
    elsewhere = house.add_person("Elsewhere", grants=(Grant(Role.ADMIN, site_id=other),))
    floor = create_floor(house.site.id, 0, "Ground", house.admin, now=house.now)
    for somebody in (house.member, house.approver, elsewhere):
        with pytest.raises(NotAllowed):
            create_floor(house.site.id, 1, "First", somebody, now=house.now)
        with pytest.raises(NotAllowed):
            edit_floor(floor, 1, "First", somebody, version=1, now=house.now)
        with pytest.raises(NotAllowed):
            remove_floor(floor, somebody, version=1, now=house.now)
    with pytest.raises(NotFound):
        create_floor(999, 0, "Nowhere", house.admin, now=house.now)


def test_space_is_on_a_floor_of_its_own_house(session: Db, house: House) -> None:
    other = create_site(SiteRequest("Other"), house.admin, now=house.now)
    floor = create_floor(other, 0, "Ground", house.admin, now=house.now)
    for wrong in (floor, 99_999):
        with pytest.raises(InvalidRequest, match="choice_invalid"):
            wish = replace(ROOM, floor_id=wrong)
            edit_space(house.atlas.id, wish, house.admin, version=1, now=house.now)
        with pytest.raises(InvalidRequest, match="choice_invalid"):
            room = SpaceRequest(house.site.id, SpaceKind.MEETING_ROOM, "New", floor_id=wrong)
            create_space(room, house.admin, now=house.now)
    assert names(session, other) == [(0, "Ground", 0)]
