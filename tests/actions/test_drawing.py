"""The plan of a floor is saved at once; of two who draw, nobody loses anything."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from booking.actions.screens import ScreenRequest, create_screen
from booking.actions.spaces import (
    Drawn,
    FloorDrawing,
    SpaceEdit,
    SpaceRequest,
    archive_space,
    create_space,
    draw_floor,
    edit_space,
)
from booking.actions.spaces.floors import create_floor, remove_floor
from booking.actions.spaces.underlays import CleanFile, set_underlay
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, Redrawn, Stale
from booking.core.shapes import Shape, Size, rectangle
from booking.core.values import Actor, Space, SpaceKind
from booking.models import Audit, Collection
from booking.queries.plan import FloorPlan, Place, floor_plans, places
from booking.queries.screens import screens
from tests.support.factories import House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]
LEFT, RIGHT = rectangle(0, 0, 600, 500), rectangle(600, 0, 400, 500)
BOW: Shape = ((0, 0), (400, 400), (400, 0), (0, 400))


@pytest.fixture
def floor(session: Db, house: House) -> int:
    return create_floor(house.site.id, 0, "Ground floor", house.admin, now=house.now)


def change(space: Space, shape: Shape | None, version: int = 1, name: str = "") -> Drawn:
    return Drawn(space.id, version, name or space.name, shape)


def drawing(*changes: Drawn, version: int = 1, width: int = 20) -> FloorDrawing:
    return FloorDrawing(version, Decimal(width), Decimal(10), changes)


def plan_of(session: Db, house: House) -> tuple[FloorPlan, dict[int, Place]]:
    found = floor_plans(session(), house.site.id)[0], places(session(), house.site.id)
    session.rollback()
    return found


def test_a_floor_is_drawn_with_all_that_is_on_it(session: Db, house: House, floor: int) -> None:
    renamed = change(house.birch, RIGHT, name=" Birch  room ")
    asked = drawing(change(house.atlas, LEFT), renamed)
    assert draw_floor(floor, asked, house.admin, now=house.now) == 2
    drawn, found = plan_of(session, house)
    assert drawn.size == Size(2_000, 1_000)
    atlas, birch = found[house.atlas.id], found[house.birch.id]
    assert (atlas.floor_id, atlas.shape, atlas.area_m2) == (floor, LEFT, 30.0)
    assert (birch.shape, birch.area_m2, birch.area_given) == (RIGHT, 20.0, False)
    assert found[house.cedar.id].floor_id is None
    rows = session.execute(
        select(Audit.entity, Audit.entity_id, Audit.old, Audit.new)
        .where(Audit.verb == "draw")
        .order_by(Audit.id)
    ).all()
    assert [(row.entity, row.entity_id) for row in rows] == [
        ("space", house.atlas.id),
        ("space", house.birch.id),
        ("floor", floor),
    ]
    assert rows[1].old == {"name": "Birch", "shape": None, "floor_id": None, "area_m2": None}
    assert rows[1].new["name"] == "Birch room"
    assert rows[1].new["shape"] == [[6.0, 0.0], [10.0, 0.0], [10.0, 5.0], [6.0, 5.0]]


def test_a_change_gives_the_space_a_revision_and_nothing_else_does(
    session: Db, house: House, floor: int
) -> None:
    def revisions() -> list[int]:
        rooms = [house.atlas.id, house.birch.id]
        query = select(Collection.owner_id, Collection.revision).where(Collection.kind == "space")
        found = {row.owner_id: row.revision for row in session.execute(query)}
        session.rollback()
        return [found.get(each, 0) for each in rooms]

    before = revisions()
    draw_floor(floor, drawing(change(house.atlas, LEFT)), house.admin, now=house.now)
    same = drawing(change(house.atlas, LEFT, version=2), version=2)
    assert draw_floor(floor, same, house.admin, now=house.now) == 2
    assert revisions() == [before[0] + 1, before[1]]


def test_a_given_area_stays_and_one_that_follows_goes_along(
    session: Db, house: House, floor: int
) -> None:
    room = SpaceEdit(SpaceKind.MEETING_ROOM, "Atlas", area_m2=33.5, floor_id=floor)
    edit_space(house.atlas.id, room, house.admin, version=1, now=house.now)
    draw_floor(floor, drawing(change(house.atlas, LEFT, version=2)), house.admin, now=house.now)
    assert plan_of(session, house)[1][house.atlas.id].area_m2 == 33.5
    follows = replace(room, area_m2=None)
    edit_space(house.atlas.id, follows, house.admin, version=3, now=house.now)
    assert plan_of(session, house)[1][house.atlas.id].area_m2 == 30
    smaller = change(house.atlas, rectangle(0, 0, 333, 333), version=4)
    draw_floor(floor, drawing(smaller, version=2), house.admin, now=house.now)
    assert plan_of(session, house)[1][house.atlas.id].area_m2 == 11.09
    gone = change(house.atlas, None, version=5)
    draw_floor(floor, drawing(gone, version=2), house.admin, now=house.now)
    assert plan_of(session, house)[1][house.atlas.id] == Place(
        house.atlas.id, floor, None, None, False
    )


def test_on_another_floor_it_is_not_drawn_any_more(session: Db, house: House, floor: int) -> None:
    upstairs = create_floor(house.site.id, 1, "First floor", house.admin, now=house.now)
    draw_floor(floor, drawing(change(house.atlas, LEFT)), house.admin, now=house.now)
    room = SpaceEdit(SpaceKind.MEETING_ROOM, "Atlas", floor_id=upstairs)
    edit_space(house.atlas.id, room, house.admin, version=2, now=house.now)
    place = plan_of(session, house)[1][house.atlas.id]
    assert (place.floor_id, place.shape, place.area_m2) == (upstairs, None, None)
    with pytest.raises(InvalidRequest, match="space_on_other_floor"):
        wrong = drawing(change(house.atlas, LEFT, version=3), version=2)
        draw_floor(floor, wrong, house.admin, now=house.now)


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (rectangle(500, 0, 600, 500), "shapes_overlap"),
        (rectangle(1_900, 0, 101, 500), "shape_outside"),
        (BOW, "shape_crosses"),
        (((700, 0), (800, 0), (900, 0)), "shape_empty"),
    ],
)
def test_what_cannot_be_built_stores_nothing(
    session: Db, house: House, floor: int, shape: Shape, code: str
) -> None:
    draw_floor(floor, drawing(change(house.atlas, LEFT)), house.admin, now=house.now)
    before = plan_of(session, house)
    asked = drawing(change(house.birch, shape), version=2)
    with pytest.raises(InvalidRequest, match=code) as refused:
        draw_floor(floor, asked, house.admin, now=house.now)
    assert "Birch" in refused.value.messages[0].params.values()
    assert plan_of(session, house) == before


def test_a_floor_does_not_become_smaller_than_what_is_on_it(
    session: Db, house: House, floor: int
) -> None:
    draw_floor(floor, drawing(change(house.atlas, LEFT)), house.admin, now=house.now)
    with pytest.raises(InvalidRequest, match="shape_outside"):
        draw_floor(floor, drawing(version=2, width=5), house.admin, now=house.now)
    assert draw_floor(floor, drawing(version=2, width=6), house.admin, now=house.now) == 3
    with pytest.raises(Stale):
        draw_floor(floor, drawing(version=2, width=7), house.admin, now=house.now)


def test_two_rooms_change_places_at_once(session: Db, house: House, floor: int) -> None:
    first = drawing(change(house.atlas, LEFT), change(house.birch, RIGHT))
    draw_floor(floor, first, house.admin, now=house.now)
    swapped = (change(house.atlas, RIGHT, version=2), change(house.birch, LEFT, version=2))
    draw_floor(floor, drawing(*swapped, version=2), house.admin, now=house.now)
    found = plan_of(session, house)[1]
    assert (found[house.atlas.id].shape, found[house.birch.id].shape) == (RIGHT, LEFT)


def test_two_editors_of_different_rooms_do_not_meet(session: Db, house: House, floor: int) -> None:
    draw_floor(floor, drawing(), house.admin, now=house.now)
    for room, shape in ((house.atlas, LEFT), (house.birch, RIGHT)):  # both saw version 2
        draw_floor(floor, drawing(change(room, shape), version=2), house.admin, now=house.now)
    found = plan_of(session, house)[1]
    assert (found[house.atlas.id].shape, found[house.birch.id].shape) == (LEFT, RIGHT)


def test_the_second_of_two_editors_is_told_what_changed(
    session: Db, house: House, floor: int
) -> None:
    draw_floor(floor, drawing(change(house.atlas, LEFT)), house.admin, now=house.now)
    second = drawing(
        change(house.atlas, rectangle(0, 0, 100, 100)), change(house.birch, RIGHT), version=2
    )
    with pytest.raises(Redrawn) as refused:
        draw_floor(floor, second, house.admin, now=house.now)
    assert refused.value.versions == {house.atlas.id: 2}
    assert plan_of(session, house)[1][house.birch.id].shape is None  # all or nothing


def test_desks_stand_in_rooms_but_not_on_each_other(session: Db, house: House, floor: int) -> None:
    desks = [
        create_space(SpaceRequest(house.site.id, SpaceKind.DESK, name), house.admin, now=house.now)
        for name in ("Desk 1", "Desk 2")
    ]
    one, other = rectangle(0, 0, 160, 80), rectangle(100, 0, 160, 80)
    first = drawing(change(house.atlas, LEFT), Drawn(desks[0], 1, "Desk 1", one))
    draw_floor(floor, first, house.admin, now=house.now)
    second = drawing(Drawn(desks[1], 1, "Desk 2", other), version=2)
    with pytest.raises(InvalidRequest, match="shapes_overlap"):
        draw_floor(floor, second, house.admin, now=house.now)


def test_what_is_combined_is_not_drawn_itself(session: Db, house: House, floor: int) -> None:
    whole = house.add_space("Hall", parts=(house.atlas, house.birch))
    with pytest.raises(InvalidRequest, match="shape_of_combined"):
        draw_floor(floor, drawing(change(whole, LEFT)), house.admin, now=house.now)


def test_archived_rooms_make_room(session: Db, house: House, floor: int) -> None:
    draw_floor(floor, drawing(change(house.atlas, LEFT)), house.admin, now=house.now)
    archive_space(house.atlas.id, house.admin, version=2, now=house.now)
    draw_floor(floor, drawing(change(house.birch, LEFT), version=2), house.admin, now=house.now)
    with pytest.raises(NotFound):
        asked = drawing(change(house.atlas, RIGHT, version=3), version=2)
        draw_floor(floor, asked, house.admin, now=house.now)


def test_a_floor_goes_with_what_lies_below_it(session: Db, house: House, floor: int) -> None:
    file = CleanFile(b"<svg/>", "image/svg+xml", "digest")
    set_underlay(floor, file, house.admin, now=house.now)
    create_screen(ScreenRequest(house.site.id, "Hall", floor_id=floor), house.admin, now=house.now)
    remove_floor(floor, house.admin, version=1, now=house.now)
    assert floor_plans(session(), house.site.id) == []
    assert [each.floor_id for each in screens(session(), house.site.id)] == [None]


def test_only_who_runs_the_house_draws(session: Db, house: House, floor: int) -> None:
    with pytest.raises(NotAllowed):
        draw_floor(floor, drawing(), house.approver, now=house.now)
    with pytest.raises(NotFound):
        draw_floor(floor + 99, drawing(), house.admin, now=house.now)
    with pytest.raises(InvalidRequest, match="number_out_of_range"):
        draw_floor(floor, drawing(width=301), house.admin, now=house.now)
    with pytest.raises(InvalidRequest, match="name_missing") as refused:
        nameless = drawing(Drawn(house.atlas.id, 1, "  ", LEFT))
        draw_floor(floor, nameless, house.admin, now=house.now)
    assert refused.value.messages[0].field == f"name-{house.atlas.id}"


def test_two_editors_cannot_draw_two_rooms_on_one_spot(
    session: Db, house: House, engine_url: str
) -> None:
    """Both rooms are new to their floor, so that only the floor itself can part them."""
    floors = [
        create_floor(house.site.id, level, f"Floor {level}", house.admin, now=house.now)
        for level in range(3)
    ]
    session.remove()
    rounds = [
        [
            Attempt(_draw, (floor, Drawn(room.id, 1, f"{room.name} {floor}", LEFT)), house.admin)
            for room in (house.add_space("Left"), house.add_space("Right"))
        ]
        for floor in floors
    ]
    for outcomes in race(engine_url, *rounds):
        assert sorted(each.kind for each in outcomes) == ["InvalidRequest", "won"]


def _draw(asked: tuple[int, Drawn], actor: Actor, *, now: datetime) -> int:
    # The size is the same for both, and stored by the first.
    floor, drawn = asked
    return draw_floor(floor, FloorDrawing(1, Decimal(20), Decimal(10), (drawn,)), actor, now=now)
