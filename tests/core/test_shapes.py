"""Shapes: exact areas, neighbours that touch, and all that cannot be built."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.core.errors import InvalidRequest
from booking.core.shapes import (
    MOST_CORNERS,
    Outline,
    Shape,
    Size,
    area_m2,
    checked_size,
    crosses_itself,
    doubled_area,
    find_trouble,
    from_metres,
    is_rectangle,
    is_within,
    overlap,
    rectangle,
    tidied,
    to_metres,
    widest_room,
)

FLOOR = Size(2_000, 1_000)
SQUARE = rectangle(100, 100, 400, 400)
ELL: Shape = ((0, 0), (400, 0), (400, 200), (200, 200), (200, 400), (0, 400))
DIAMOND: Shape = ((300, 100), (500, 300), (300, 500), (100, 300))
BOW: Shape = ((0, 0), (400, 400), (400, 0), (0, 400))

numbers = st.integers(0, 12)
rectangles = st.builds(rectangle, numbers, numbers, st.integers(1, 6), st.integers(1, 6))


def moved(shape: Shape, x: int, y: int) -> Shape:
    return tuple((a + x, b + y) for a, b in shape)


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        (rectangle(0, 0, 616, 625), "38.50"),
        (ELL, "12.00"),
        (tuple(reversed(ELL)), "12.00"),
        (DIAMOND, "8.00"),
        (((0, 0), (1, 0), (0, 1)), "0.00"),  # half a cm²
        (((0, 0), (10, 0), (0, 10)), "0.01"),  # 50 cm²: half up
        (rectangle(0, 0, 30_000, 30_000), "90000.00"),
    ],
)
def test_area_is_exact(shape: Shape, area: str) -> None:
    assert area_m2(shape) == Decimal(area)


def test_metres_come_back_as_they_were() -> None:
    stored = [[0.0, 0.07], [12.34, 0.07], [12.34, 5.1]]
    assert to_metres(from_metres(stored)) == stored


def test_what_is_no_corner_goes() -> None:
    drawn = ((0, 0), (0, 0), (200, 0), (400, 0), (400, 200), (0, 200), (0, 100), (0, 0))
    assert tidied(drawn) == ((0, 0), (400, 0), (400, 200), (0, 200))
    spike = ((0, 0), (400, 0), (800, 0), (400, 0), (400, 200), (0, 200))
    assert crosses_itself(tidied(spike))
    assert len(tidied(((5, 5), (5, 5), (5, 5)))) == 1


@pytest.mark.parametrize(
    ("shape", "crosses"),
    [
        (SQUARE, False),
        (ELL, False),
        (BOW, True),
        (((0, 0), (400, 0), (400, 400), (200, 0), (0, 400)), True),  # a corner on a wall
        (((0, 0), (200, 200), (400, 0), (400, 400), (200, 200), (0, 400)), True),  # one twice
    ],
    ids=["square", "ell", "bow", "corner-on-wall", "corner-twice"],
)
def test_walls_that_cross(shape: Shape, crosses: bool) -> None:
    assert crosses_itself(shape) is crosses


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (SQUARE, True),
        (tuple(reversed(SQUARE)), True),
        (rectangle(500, 100, 400, 400), False),  # beside
        (rectangle(500, 500, 100, 100), False),  # at the corner
        (rectangle(499, 100, 400, 400), True),  # a centimetre
        (rectangle(200, 200, 50, 50), True),  # within
        (rectangle(0, 0, 900, 900), True),  # around
        (DIAMOND, True),  # its corners on the walls
        (((500, 100), (700, 300), (500, 500)), False),  # a triangle along the wall
        (((500, 300), (700, 100), (700, 500)), False),  # a triangle with its tip on it
        (((100, 500), (500, 500), (500, 100), (700, 700)), False),  # a corner around it
        (rectangle(100, 200, 400, 100), True),  # a band from wall to wall
    ],
)
def test_only_interiors_overlap(other: Shape, overlaps: bool) -> None:
    assert overlap(SQUARE, other) is overlaps
    assert overlap(other, SQUARE) is overlaps


def test_an_ell_leaves_its_corner_free() -> None:
    assert not overlap(ELL, rectangle(200, 200, 200, 200))
    assert overlap(ELL, rectangle(199, 200, 200, 200))
    assert overlap(ELL, ELL)


@given(rectangles, rectangles)
def test_rectangles_overlap_where_they_share_a_square(one: Shape, other: Shape) -> None:
    def squares(shape: Shape) -> set[tuple[int, int]]:
        (left, top), _, (right, bottom), _ = shape
        return {(x, y) for x in range(left, right) for y in range(top, bottom)}

    shared = bool(squares(one) & squares(other))
    assert overlap(one, other) is shared
    # As polygons with a corner cut off, they go another way through the code.
    turned = tuple((x + y, x - y) for x, y in one), tuple((x + y, x - y) for x, y in other)
    assert overlap(*turned) is shared
    assert overlap(turned[1], turned[0]) is shared


@given(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=7).map(tidied))
def test_a_shape_that_crosses_nowhere_has_an_area_and_overlaps_itself(shape: Shape) -> None:
    if len(shape) < 3 or crosses_itself(shape):
        return
    assert doubled_area(shape) != 0
    assert overlap(shape, shape)
    assert not overlap(shape, moved(shape, 13, 0))


def test_inside_of_the_floor() -> None:
    assert is_within(rectangle(0, 0, 2_000, 1_000), FLOOR)
    assert not is_within(rectangle(1_700, 0, 301, 10), FLOOR)
    assert not is_within(moved(SQUARE, -101, 0), FLOOR)
    assert is_rectangle(tuple(reversed(SQUARE)))
    assert not is_rectangle(DIAMOND)


def test_trouble_names_space_and_trouble() -> None:
    many = tuple((each, each % 2) for each in range(MOST_CORNERS + 1))
    found = find_trouble(
        [
            Outline(1, "Atlas", SQUARE),
            Outline(2, "Birch", moved(SQUARE, 399, 0)),
            Outline(3, "Cedar", moved(SQUARE, 0, 800)),
            Outline(4, "Delta", BOW),
            Outline(5, "Elm", ((0, 0), (100, 0))),
            Outline(6, "Fir", many),
            Outline(7, "Desk", rectangle(150, 150, 160, 80), is_furniture=True),
            Outline(8, "Other desk", rectangle(150, 229, 160, 80), is_furniture=True),
            Outline(9, "Gum", ((0, 0), (1, 0), (0, 1))),
        ],
        FLOOR,
    )
    assert [(each.code, each.field, each.params["name"]) for each in found] == [
        ("shape_outside", "space-3", "Cedar"),
        ("shape_crosses", "space-4", "Delta"),
        ("shape_empty", "space-5", "Elm"),
        ("shape_corners", "space-6", "Fir"),
        ("shape_empty", "space-9", "Gum"),
        ("shapes_overlap", "space-1", "Atlas"),
        ("shapes_overlap", "space-7", "Desk"),
    ]
    assert [each.params.get("other") for each in found[-2:]] == ["Birch", "Other desk"]


def test_size_of_a_floor_is_in_range() -> None:
    assert checked_size(Decimal("58.05"), Decimal(28)) == Size(5_805, 2_800)
    for width, depth, field in (
        (None, Decimal(3), "width_m"),
        (Decimal(3), Decimal(301), "depth_m"),
    ):
        with pytest.raises(InvalidRequest, match="number_out_of_range") as refused:
            checked_size(width, depth)
        assert [each.field for each in refused.value.messages] == [field]


def test_what_is_written_finds_room() -> None:
    assert widest_room(SQUARE) == (100, 100, 500, 500)
    assert widest_room(ELL) == (0, 0, 400, 200)
    left, top, right, bottom = widest_room(DIAMOND)
    assert 100 < left < 300 < right < 500
    assert top < bottom
