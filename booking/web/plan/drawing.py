"""A floor as values for its SVG: outlines, and names that fit into them.

All lengths are centimetres of the floor; what a name may measure goes by the floor's width, as
that is what the page shows it by.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from booking.core.frozen import frozen
from booking.core.plan import Spot
from booking.core.shapes import Shape, Size, widest_room
from booking.core.values import SpaceKind
from booking.queries.plan import FloorPlan, Place

_SIZES = (0.0155, 0.0135, 0.0115, 0.0098)  # of a letter, in widths of the floor
_GLYPH = 0.58  # the mean width of a letter, in its height
_LINE = 1.2
_MARGIN = 0.35


@frozen()
class Line:
    """A line of text with the place of its middle."""

    text: str
    x: int
    y: int


@frozen()
class Label:
    """What is written in a shape; ``mark`` is the upper left corner of the state's symbol."""

    lines: tuple[Line, ...]
    size: int
    mark: tuple[int, int]
    mark_size: int
    below: Line | None = None


@frozen()
class Figure:
    """A space as it is drawn: where, what is written in it, and what it is at the instant."""

    spot: Spot
    points: str
    label: Label


@dataclass(frozen=True, slots=True)
class Sheet:
    """A floor to draw, with a margin for its walls."""

    floor: FloorPlan
    size: Size
    figures: tuple[Figure, ...]

    @property
    def view_box(self) -> str:
        """The part of the drawing that is shown."""
        margin = self.margin
        return f"{-margin} {-margin} {self.size.width + 2 * margin} {self.size.depth + 2 * margin}"

    @property
    def margin(self) -> int:
        """Half the thickness of the outer walls."""
        return max(self.size.width // 200, 4)


def sheet(floor: FloorPlan, places: Mapping[int, Place], spots: Mapping[int, Spot]) -> Sheet | None:
    """Return a floor with what is drawn on it, None where it has no size yet.

    Furniture comes last: it stands on top of the rooms.
    """
    if floor.size is None:
        return None
    drawn = [
        _figure(spots[place.space_id], place.shape, floor.size)
        for place in places.values()
        if place.floor_id == floor.id and place.shape and place.space_id in spots
    ]
    drawn.sort(key=lambda each: each.spot.space.kind is SpaceKind.DESK)
    return Sheet(floor, floor.size, tuple(drawn))


def _figure(spot: Spot, shape: Shape, size: Size) -> Figure:
    return Figure(spot, _points(shape), _label(spot.space.name, shape, size.width))


@lru_cache(maxsize=4_000)
def _points(shape: Shape) -> str:
    return " ".join(f"{x},{y}" for x, y in shape)


@lru_cache(maxsize=4_000)
def _label(name: str, shape: Shape, floor_width: int) -> Label:
    """Return a name in the largest letters that fit, on as many lines as that takes."""
    left, top, right, bottom = widest_room(shape)
    words = name.split()
    for share in _SIZES:
        size = max(round(share * floor_width), 1)
        wide = (right - left - 2 * _MARGIN * size) / (size * _GLYPH)
        lines = _wrapped(words, wide)
        high = (len(lines) + 1.1) * size * _LINE  # with the symbol above
        if lines and high <= bottom - top:
            break
    else:
        lines = []
    middle, centre = round((left + right) / 2), (top + bottom) / 2
    mark = round(size * 1.05)
    with_below = (len(lines) + 2.1) * size * _LINE <= bottom - top
    total = mark + (len(lines) + (0.85 if with_below else 0)) * size * _LINE
    begin = centre - total / 2
    first = begin + mark + size * _LINE * 0.82
    placed = tuple(
        Line(text, middle, round(first + nth * size * _LINE)) for nth, text in enumerate(lines)
    )
    below = Line("", middle, round(first + len(lines) * size * _LINE)) if with_below else None
    corner = (middle - mark // 2, round(begin))
    return Label(placed, size, corner, mark, below if lines else None)


def _wrapped(words: Iterable[str], wide: float) -> list[str]:
    """Return words on lines of so many letters; nothing where one of them is longer."""
    lines: list[str] = []
    for word in words:
        if len(word) > wide:
            return []
        if lines and len(lines[-1]) + 1 + len(word) <= wide:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
