"""Shapes of spaces on a floor: polygons in whole centimetres, so that all of it is exact.

A floor lies as its drawing does: x to the right, y downwards, from its upper left corner.
Walls have no thickness: neighbours touch, and that is no overlap.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

from booking.core.errors import InvalidRequest
from booking.core.frozen import frozen
from booking.core.messages import Message, message

Number = int | Fraction
Point = tuple[Number, Number]
Corner = tuple[int, int]
Shape = tuple[Corner, ...]
Wall = tuple[Point, Point]

CM = 100  # in a metre
CM2 = CM * CM
FEWEST_CORNERS, MOST_CORNERS = 3, 60
MOST_SIDE_M = 300
_CENT = Decimal("0.01")


@frozen()
class Outline:
    """A space as it is drawn; furniture (a desk) may stand within another space."""

    space_id: int
    name: str
    shape: Shape
    is_furniture: bool = False


@frozen()
class Size:
    """A floor's width and depth in centimetres."""

    width: int
    depth: int


def rectangle(x: int, y: int, width: int, depth: int) -> Shape:
    """Return four corners, clockwise from the upper left one; all in centimetres."""
    return ((x, y), (x + width, y), (x + width, y + depth), (x, y + depth))


def from_metres(corners: Iterable[Sequence[float]]) -> Shape:
    """Return what is stored as ``[[x, y], ...]`` in metres."""
    return tuple((round(x * CM), round(y * CM)) for x, y in corners)


def to_metres(shape: Shape) -> list[list[float]]:
    """Return a shape as it is stored."""
    return [[x / CM, y / CM] for x, y in shape]


def tidied(shape: Iterable[Corner]) -> Shape:
    """Return a shape without corners that are none: doubled ones, and those within a wall."""
    corners = [*shape]
    changed = True
    while changed and len(corners) > 1:
        changed = False
        for at in reversed(range(len(corners))):  # of two that are the same, the first stays
            before, corner, after = corners[at - 1], corners[at], corners[(at + 1) % len(corners)]
            if corner in (before, after) or _is_between(before, corner, after):
                del corners[at]
                changed = True
                break
    return tuple(corners)


def doubled_area(shape: Shape) -> int:
    """Return twice the area in square centimetres; below zero where it runs anticlockwise."""
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in _closed(shape))


def area_m2(shape: Shape) -> Decimal:
    """Return the area in m², rounded half up to two decimals."""
    area = Decimal(abs(doubled_area(shape))) / (2 * CM2)
    return area.quantize(_CENT, ROUND_HALF_UP)


def box(shape: Shape) -> tuple[int, int, int, int]:
    """Return the least and the greatest x and y: (left, top, right, bottom)."""
    xs, ys = [x for x, _ in shape], [y for _, y in shape]
    return min(xs), min(ys), max(xs), max(ys)


def is_rectangle(shape: Shape) -> bool:
    """Whether it is one with walls along the floor's edges."""
    left, top, right, bottom = box(shape)
    return len(shape) == 4 and set(shape) == {
        (left, top),
        (right, top),
        (right, bottom),
        (left, bottom),
    }


def is_within(shape: Shape, size: Size) -> bool:
    """Whether it lies on the floor; along its edges is fine."""
    left, top, right, bottom = box(shape)
    return min(left, top) >= 0 and right <= size.width and bottom <= size.depth


def crosses_itself(shape: Shape) -> bool:
    """Whether walls meet anywhere but at the corner that two neighbours share."""
    walls = [*_closed(shape)]
    last = len(walls) - 1
    for at, wall in enumerate(walls):
        for other in range(at + 1, len(walls)):
            if other == at + 1 or (at, other) == (0, last):
                ahead, behind = (wall, walls[other]) if other == at + 1 else (walls[other], wall)
                if _turns_back(ahead, behind):
                    return True
            elif _meet(wall, walls[other]):
                return True
    return False


def overlap(one: Shape, other: Shape) -> bool:
    """Whether the interiors of two shapes have a point in common; both cross themselves nowhere.

    They do where a piece of a wall of one runs inside the other, or where the
    two are the same: an inner point then lies in both.
    """
    left, top, right, bottom = box(one)
    its_left, its_top, its_right, its_bottom = box(other)
    if left >= its_right or its_left >= right or top >= its_bottom or its_top >= bottom:
        return False
    if is_rectangle(one) and is_rectangle(other):
        return True
    return (
        _runs_inside(one, other) or _runs_inside(other, one) or _is_inside(_inner_point(one), other)
    )


def find_trouble(outlines: Iterable[Outline], size: Size) -> list[Message]:
    """Return what cannot be built, a message for each space or pair; its field is ``space-ID``."""
    sound: list[Outline] = []
    wrong: list[Message] = []
    for outline in outlines:
        trouble = _trouble_of(outline, size)
        if trouble is None:
            sound.append(outline)
        else:
            wrong.append(trouble)
    for one, other in _close_pairs(sound):
        if overlap(one.shape, other.shape):
            names = {"name": one.name, "other": other.name}
            wrong.append(message("shapes_overlap", f"space-{one.space_id}", **names))
    return wrong


def widest_room(shape: Shape) -> tuple[float, float, float, float]:
    """Return a large rectangle within a shape, for what is written there: left, top, right, bottom.

    Exact for walls along the floor's edges, good enough for others.
    """
    if is_rectangle(shape):
        return box(shape)
    strips = [*pairwise(sorted({y for _, y in shape}))]
    spans = [_widest_span(shape, top, bottom) for top, bottom in strips]
    best = (0.0, 0.0, 0.0, 0.0)
    for first, (top, _) in enumerate(strips):
        left, right = spans[first]
        for last in range(first, len(strips)):
            left, right = max(left, spans[last][0]), min(right, spans[last][1])
            found = (left, top, right, strips[last][1])
            if right > left and _room(found) > _room(best):
                best = found
    return best


def checked_size(width_m: Decimal | None, depth_m: Decimal | None) -> Size:
    """Return a floor's size, given in metres.

    Raises:
        InvalidRequest: If one of the two is missing, or out of range.
    """
    wrong = [
        message("number_out_of_range", field, least=1, most=MOST_SIDE_M)
        for field, side in (("width_m", width_m), ("depth_m", depth_m))
        if side is None or not 1 <= side <= MOST_SIDE_M
    ]
    if width_m is None or depth_m is None or wrong:
        raise InvalidRequest(*wrong)
    return Size(round(width_m * CM), round(depth_m * CM))


def _widest_span(shape: Shape, top: int, bottom: int) -> tuple[float, float]:
    """Return the widest stretch between walls that a strip has over its middle half."""
    quarter = (bottom - top) / 4
    stretches = []
    for y in (top + quarter, bottom - quarter):
        xs = sorted(
            a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
            for a, b in _closed(shape)
            if (a[1] > y) != (b[1] > y)
        )
        stretches.append(max(zip(xs[::2], xs[1::2], strict=True), key=lambda x: x[1] - x[0]))
    (left, right), (its_left, its_right) = stretches
    return max(left, its_left), min(right, its_right)


def _room(found: tuple[float, float, float, float]) -> float:
    return (found[2] - found[0]) * (found[3] - found[1])


def _trouble_of(outline: Outline, size: Size) -> Message | None:
    shape, field, name = outline.shape, f"space-{outline.space_id}", outline.name
    if len(shape) > MOST_CORNERS:
        return message("shape_corners", field, name=name, most=MOST_CORNERS)
    if len(shape) < FEWEST_CORNERS:
        return message("shape_empty", field, name=name)
    if not is_within(shape, size):
        return message("shape_outside", field, name=name)
    if crosses_itself(shape):
        return message("shape_crosses", field, name=name)
    return None if area_m2(shape) > 0 else message("shape_empty", field, name=name)


def _close_pairs(outlines: Sequence[Outline]) -> Iterator[tuple[Outline, Outline]]:
    """Yield the pairs of one sort whose widths have something in common, in order of names."""
    edges = sorted(((box(each.shape), each) for each in outlines), key=lambda pair: pair[0][0])
    for at, ((_, _, right, _), one) in enumerate(edges):
        for (left, *_), other in edges[at + 1 :]:
            if left >= right:
                break
            if one.is_furniture == other.is_furniture:
                yield (one, other) if one.name <= other.name else (other, one)


def _closed(shape: Shape) -> Iterator[tuple[Corner, Corner]]:
    """Yield the walls, the last one back to the first corner."""
    return pairwise((*shape, shape[0]))


def _side(a: Point, b: Point, c: Point) -> Number:
    """Return on which side of the line from a to b the point c lies: above, below or 0."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _is_on(point: Point, wall: Wall) -> bool:
    (ax, ay), (bx, by) = wall
    return (
        _side(*wall, point) == 0
        and min(ax, bx) <= point[0] <= max(ax, bx)
        and min(ay, by) <= point[1] <= max(ay, by)
    )


def _is_between(before: Corner, corner: Corner, after: Corner) -> bool:
    """Whether a corner lies in a straight wall; where it turns back it is a corner indeed."""
    return _is_on(corner, (before, after)) and before != after


def _turns_back(wall: Wall, following: Wall) -> bool:
    (a, b), (_, c) = wall, following
    return _side(a, b, c) == 0 and (
        (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0
    )


def _meet(one: Wall, other: Wall) -> bool:
    """Whether two walls have a point in common."""
    (a, b), (c, d) = one, other
    if _crosses(one, other):
        return True
    return _is_on(a, other) or _is_on(b, other) or _is_on(c, one) or _is_on(d, one)


def _crosses(one: Wall, other: Wall) -> bool:
    """Whether each of two walls has the ends of the other on its two sides."""
    (a, b), (c, d) = one, other
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _runs_inside(one: Shape, other: Shape) -> bool:
    """Whether a piece of a wall of one lies inside the other."""
    walls = [*_closed(other)]
    return any(
        _is_inside(middle, other) for wall in _closed(one) for middle in _middles(wall, walls)
    )


def _middles(wall: Wall, others: Iterable[Wall]) -> Iterator[Point]:
    """Yield the middle of each piece that other walls cut a wall into."""
    (ax, ay), (bx, by) = wall
    cuts = {Fraction(0), Fraction(1)}
    for c, d in others:
        on_c, on_d = _side(*wall, c), _side(*wall, d)
        for end, side in ((c, on_c), (d, on_d)):
            if side == 0 and _is_on(end, wall):
                cuts.add(_along(wall, end))
        if on_c * on_d < 0:
            t = Fraction(on_c) / (on_c - on_d)
            point = (c[0] + t * (d[0] - c[0]), c[1] + t * (d[1] - c[1]))
            if _is_on(point, wall):
                cuts.add(_along(wall, point))
    for first, second in pairwise(sorted(cuts)):
        t = (first + second) / 2
        yield ax + t * (bx - ax), ay + t * (by - ay)


def _along(wall: Wall, point: Point) -> Fraction:
    """Return how far along a wall a point of it lies, from 0 to 1."""
    (ax, ay), (bx, by) = wall
    if ax != bx:
        return Fraction(point[0] - ax) / (bx - ax)
    return Fraction(point[1] - ay) / (by - ay)


def _is_inside(point: Point, shape: Shape) -> bool:
    """Whether a point lies in the interior: an odd number of walls to its right, on none."""
    x, y = point
    inside = False
    for a, b in _closed(shape):
        if _is_on(point, (a, b)):
            return False
        if (a[1] > y) != (b[1] > y):
            at = a[0] + Fraction(y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
            if at > x:
                inside = not inside
    return inside


def _inner_point(shape: Shape) -> Point:
    """Return a point of the interior, between the two leftmost walls of the highest strip."""
    first, second, *_ = sorted({y for _, y in shape})
    y = Fraction(first + second, 2)
    crossed = sorted(
        a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
        for a, b in _closed(shape)
        if (a[1] > y) != (b[1] > y)
    )
    return (crossed[0] + crossed[1]) / 2, y
