"""Combined and divided rooms: bookings keep what they were promised, or nothing changes."""

from collections.abc import Iterable

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, scoped_session

from booking.actions import spaces
from booking.actions.bookings import book, cancel
from booking.actions.closures import close, reopen
from booking.actions.parts import (
    divide,
    preview_divide,
    preview_parts,
    set_lanes,
    set_parts,
)
from booking.actions.spaces import SpaceRequest
from booking.core.errors import (
    AnswerMissing,
    Conflicted,
    InvalidRequest,
    NotAllowed,
    NotFound,
    PartsTaken,
    Stale,
)
from booking.core.requests import CancelRequest, ClosureRequest, DivideRequest, Over, PartsRequest
from booking.core.values import Actor, Space, SpaceKind
from booking.models import Audit
from booking.queries import houses
from tests.support.factories import House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]


@pytest.fixture
def both(house: House) -> Space:
    return house.add_space("Both", parts=(house.atlas, house.birch))


def parts_of(session: Db, space: Space | int) -> tuple[int, ...]:
    space_id = space if isinstance(space, int) else space.id
    found = houses.spaces_by_id(session(), [space_id])[space_id].part_ids
    session.rollback()
    return found


def holds(session: Db) -> list[tuple[int, int, str]]:
    """Return (part, lane, whose) of all holds."""
    rows = session.execute(
        text("SELECT part_id, lane, allocation_id FROM hold ORDER BY part_id, lane, start_s")
    )
    found = [(row.part_id, row.lane, "booking" if row.allocation_id else "closure") for row in rows]
    session.rollback()
    return found


def reserve(house: House, space: Space, start: float = 10, end: float = 11) -> object:
    return book(house.request(space, start=start, end=end), house.member, now=house.now)


def combine(
    house: House,
    space: Space,
    parts: Iterable[Space],
    *,
    actor: Actor | None = None,
    **more: object,
) -> int:
    ids = tuple(each.id for each in parts)
    wish = PartsRequest(space.id, ids, **{"version": 1, **more})  # type: ignore[arg-type]
    return set_parts(wish, actor or house.admin, now=house.now)


def shut(house: House, start: float, end: float, space: Space | None = None) -> int:
    wish = ClosureRequest(
        house.site.id,
        house.at(start),
        house.at(end),
        "Works",
        space_id=None if space is None else space.id,
        over=Over.KEEP,
    )
    return close(wish, house.admin, now=house.now).closure_id


def test_bookings_take_new_parts_and_leave_old_ones(house: House, both: Space, session: Db) -> None:
    reserve(house, both)

    with pytest.raises(AnswerMissing) as asked:
        combine(house, both, [house.atlas, house.cedar])
    assert [each.space_id for each in asked.value.over] == [both.id]
    assert parts_of(session, both) == (house.atlas.id, house.birch.id)
    version = combine(house, both, [house.atlas, house.cedar], agreed=True)

    assert version == 2
    assert parts_of(session, both) == (house.atlas.id, house.cedar.id)
    assert holds(session) == [(house.atlas.id, 0, "booking"), (house.cedar.id, 0, "booking")]
    reserve(house, house.birch)
    with pytest.raises(Conflicted):
        reserve(house, house.atlas)
    (row,) = session.scalars(select(Audit).where(Audit.verb == "set_parts"))
    assert (row.old, row.new) == (
        {"parts": [house.atlas.id, house.birch.id]},
        {"parts": [house.atlas.id, house.cedar.id]},
    )


def test_a_part_that_is_taken_is_not_taken_away(house: House, both: Space, session: Db) -> None:
    reserve(house, both)
    made = house.add_booking(house.cedar, start=10.5, end=12)
    wish = PartsRequest(both.id, (house.cedar.id,), version=1, agreed=True)
    effect = preview_parts(wish, house.admin, now=house.now)
    with pytest.raises(PartsTaken) as refused:
        set_parts(wish, house.admin, now=house.now)

    assert [each.booking_id for each in refused.value.taken] == [made]
    assert effect.taken == refused.value.taken
    assert effect.gained == (house.cedar.id,)
    assert effect.lost == (house.atlas.id, house.birch.id)
    assert len(holds(session)) == 3
    assert parts_of(session, both) == (house.atlas.id, house.birch.id)


def test_a_booking_is_not_laid_on_a_closed_part(house: House, both: Space, session: Db) -> None:
    reserve(house, both)
    shut(house, 9, 12, house.cedar)

    with pytest.raises(PartsTaken) as refused:
        combine(house, both, [house.atlas, house.cedar], agreed=True)
    assert [each.space_id for each in refused.value.taken] == [both.id]


def test_closures_of_site_and_space_step_back_and_come_again(
    house: House, both: Space, session: Db
) -> None:
    made = reserve(house, both)
    shut(house, 8, 20)
    shut(house, 9, 12, both)

    combine(house, both, [house.atlas, house.cedar], agreed=True)

    with pytest.raises(Conflicted):
        reserve(house, house.cedar, 10, 11)
    with pytest.raises(Conflicted):
        reserve(house, house.cedar, 11, 12)
    cancel(CancelRequest(made.booking_id, made.version), house.member, now=house.now)
    with pytest.raises(Conflicted):
        reserve(house, house.cedar, 10, 11)


def test_closure_of_a_combined_space_follows_its_parts(
    house: House, both: Space, session: Db
) -> None:
    closure = shut(house, 9, 12, both)

    combine(house, both, [house.cedar, house.atlas])

    reserve(house, house.birch)
    with pytest.raises(Conflicted):
        reserve(house, house.cedar)
    reopen(closure, house.admin, now=house.now)
    reserve(house, house.cedar)


def test_a_space_may_stand_alone_again(house: House, both: Space, session: Db) -> None:
    reserve(house, both)

    combine(house, both, [], agreed=True)

    assert parts_of(session, both) == (both.id,)
    assert holds(session) == [(both.id, 0, "booking")]
    for room in (house.atlas, house.birch):
        reserve(house, room)
    with pytest.raises(Conflicted):
        reserve(house, both)


def test_nothing_changes_without_a_change(house: House, both: Space, session: Db) -> None:
    reserve(house, both)
    before = holds(session)

    combine(house, both, [house.birch, house.atlas])

    assert holds(session) == before


def test_combined_parts_stand_for_theirs(house: House, both: Space, session: Db) -> None:
    all_of_it = house.add_space("All", parts=(house.cedar,))

    combine(house, all_of_it, [both, house.cedar])

    assert parts_of(session, all_of_it) == (house.atlas.id, house.birch.id, house.cedar.id)


def test_a_combined_space_takes_all_lanes_of_a_new_part(
    house: House, both: Space, session: Db
) -> None:
    store = house.add_space("Store", lanes=2)
    reserve(house, both)

    combine(house, both, [store], agreed=True)

    assert holds(session) == [(store.id, 0, "booking"), (store.id, 1, "booking")]


@pytest.mark.usefixtures("session")
def test_what_cannot_be_combined(house: House, both: Space) -> None:
    store = house.add_space("Store", lanes=2)
    refused = [
        (both, [both], "space_contains_itself"),
        (house.atlas, [both], "space_contains_itself"),
        (house.atlas, [house.cedar], "space_is_a_part"),
        (store, [house.cedar], "space_has_lanes"),
    ]
    for space, parts, code in refused:
        with pytest.raises(InvalidRequest, match=code):
            combine(house, space, parts, agreed=True)
    with pytest.raises(InvalidRequest, match="space_unknown"):
        set_parts(PartsRequest(both.id, (9_999,), version=1), house.admin, now=house.now)
    with pytest.raises(NotFound):
        set_parts(PartsRequest(9_999, (), version=1), house.admin, now=house.now)
    with pytest.raises(Stale):
        combine(house, both, [house.cedar], version=2)
    for stranger in (house.member, house.manager, house.approver):
        with pytest.raises(NotAllowed):
            combine(house, both, [house.cedar], actor=stranger)
        with pytest.raises(NotAllowed):
            preview_divide(house.atlas.id, stranger, now=house.now)


def test_a_divided_room_is_all_of_its_pieces(house: House, both: Space, session: Db) -> None:
    reserve(house, house.atlas)
    reserve(house, both, 14, 15)
    shut(house, 17, 18, house.atlas)
    wish = DivideRequest(house.atlas.id, ("Atlas north", " Atlas  south "), version=1)

    over = preview_divide(house.atlas.id, house.admin, now=house.now)
    with pytest.raises(AnswerMissing) as asked:
        divide(wish, house.admin, now=house.now)
    assert asked.value.over == over
    assert [each.space_id for each in over] == [house.atlas.id, both.id]
    agreed = DivideRequest(wish.space_id, wish.names, version=1, agreed=True)
    north, south = divide(agreed, house.admin, now=house.now)

    found = houses.spaces_by_id(session(), [north, south])
    session.rollback()
    assert [found[each].name for each in (north, south)] == ["Atlas north", "Atlas south"]
    assert found[north].features == house.atlas.features
    assert found[north].capacity is None
    assert parts_of(session, house.atlas) == (north, south)
    assert set(parts_of(session, both)) == {house.birch.id, north, south}
    for start in (10, 14, 17):
        for piece in (found[north], found[south], house.atlas):
            with pytest.raises(Conflicted):
                reserve(house, piece, start, start + 1)
    reserve(house, found[north], 11, 12)
    reserve(house, found[south], 11, 12)
    with pytest.raises(Conflicted):
        reserve(house, both, 11, 12)


@pytest.mark.usefixtures("session")
def test_what_cannot_be_divided(house: House, both: Space) -> None:
    store = house.add_space("Store", lanes=2)
    refused = [
        (house.atlas, ("North",), "divide_too_few"),
        (house.atlas, ("North", "north "), "divide_same_names"),
        (house.atlas, ("North", " "), "name_missing"),
        (both, ("North", "South"), "space_has_lanes"),
        (store, ("North", "South"), "space_has_lanes"),
    ]
    for space, names, code in refused:
        with pytest.raises(InvalidRequest, match=code):
            divide(DivideRequest(space.id, names, version=1), house.admin, now=house.now)
    with pytest.raises(Stale):
        divide(DivideRequest(house.atlas.id, ("N", "S"), version=7), house.admin, now=house.now)


def test_fewer_lanes_are_packed_and_more_are_closed_too(
    house: House, both: Space, session: Db
) -> None:
    store = house.add_space("Store", lanes=3)
    hall = house.add_space("Hall", parts=(store, house.cedar))
    for start, end in ((9, 10), (9.5, 11), (10, 12)):
        reserve(house, store, start, end)
    reserve(house, hall, 14, 15)
    shut(house, 13, 16, store)

    version = set_lanes(store.id, 2, house.admin, version=1, now=house.now)
    assert {lane for part, lane, _ in holds(session) if part == store.id} == {0, 1}
    with pytest.raises(PartsTaken) as refused:
        set_lanes(store.id, 1, house.admin, version=version, now=house.now)
    assert len(refused.value.taken) == 3
    set_lanes(store.id, 4, house.admin, version=version, now=house.now)

    for start in (13, 14, 15):
        with pytest.raises(Conflicted):
            reserve(house, store, start, start + 1)
    for _ in range(2):
        reserve(house, store, 9.5, 11)
    with pytest.raises(Conflicted):
        reserve(house, store, 9.5, 9.75)


@pytest.mark.usefixtures("session")
def test_lanes_that_cannot_be(house: House, both: Space) -> None:
    for lanes, code in ((0, "lanes_out_of_range"), (201, "lanes_out_of_range")):
        with pytest.raises(InvalidRequest, match=code):
            set_lanes(house.atlas.id, lanes, house.admin, version=1, now=house.now)
    with pytest.raises(InvalidRequest, match="lanes_of_combined"):
        set_lanes(both.id, 2, house.admin, version=1, now=house.now)
    with pytest.raises(Stale):
        set_lanes(house.atlas.id, 2, house.admin, version=3, now=house.now)
    with pytest.raises(NotAllowed):
        set_lanes(house.atlas.id, 2, house.manager, version=1, now=house.now)


def test_merged_rooms_are_booked_together_only(house: House, session: Db) -> None:
    reserve(house, house.atlas)
    wish = SpaceRequest(
        house.site.id,
        SpaceKind.MEETING_ROOM,
        "One room",
        part_ids=(house.atlas.id, house.birch.id),
        parts_bookable=False,
    )

    merged = houses.spaces_by_id(session(), [spaces.create_space(wish, house.admin, now=house.now)])
    session.rollback()

    (one,) = merged.values()
    with pytest.raises(NotAllowed, match="space_not_bookable"):
        reserve(house, house.birch, 14, 15)
    with pytest.raises(Conflicted):
        reserve(house, one)
    reserve(house, one, 14, 15)


def test_combining_and_booking_at_once_never_overlap(house: House, engine_url: str) -> None:
    """Who books a room while it becomes a part is in the way, or meets the combined space."""
    rooms = [house.add_space(f"Hall {day}", parts=(house.atlas,)) for day in range(3)]
    for day, each in enumerate(rooms):
        house.add_booking(each, days=(day,))
    rounds = [
        [
            Attempt(
                set_parts,
                PartsRequest(each.id, (house.atlas.id, house.birch.id), version=1, agreed=True),
                house.admin,
            ),
            Attempt(book, house.request(house.birch, day=day), house.member),
        ]
        for day, each in enumerate(rooms)
    ]

    for change, booked in race(engine_url, *rounds):
        assert (change.kind, booked.kind) in {("won", "Conflicted"), ("PartsTaken", "won")}


def test_dividing_and_booking_at_once_never_lose_a_hold(house: House, engine_url: str) -> None:
    rooms = [house.add_space(f"Hall {number}") for number in range(3)]
    rounds = [
        [
            Attempt(
                divide, DivideRequest(each.id, ("N", "S"), version=1, agreed=True), house.admin
            ),
            Attempt(book, house.request(each), house.member),
        ]
        for each in rooms
    ]

    outcomes = race(engine_url, *rounds)

    assert {each.kind for both in outcomes for each in both} == {"won"}
    with house.engine.connect() as connection:
        held = connection.execute(text("SELECT part_id FROM hold")).scalars().all()
    pieces = [piece for divided, _ in outcomes for piece in divided.result]
    assert sorted(held) == sorted(pieces)


def test_dividing_and_combining_at_once(house: House, engine_url: str) -> None:
    """The new combined space consists of the room before or after, never of both."""
    rooms = [house.add_space(f"Hall {number}") for number in range(3)]
    rounds = [
        [
            Attempt(divide, DivideRequest(each.id, ("N", "S"), version=1), house.admin),
            Attempt(
                spaces.create_space,
                SpaceRequest(
                    house.site.id,
                    SpaceKind.MEETING_ROOM,
                    "Wing",
                    part_ids=(each.id, house.cedar.id),
                ),
                house.admin,
            ),
        ]
        for each in rooms
    ]

    for room, (divided, made) in zip(rooms, race(engine_url, *rounds), strict=True):
        assert made.kind == "won"
        assert divided.kind in {"won", "Stale"}
        with house.engine.connect() as connection:
            parts = connection.execute(
                text("SELECT part_id FROM space_part WHERE space_id = :id"), {"id": made.result}
            ).scalars()
            pieces = set(divided.result) if divided.kind == "won" else {room.id}
            assert set(parts) == {house.cedar.id, *pieces}
