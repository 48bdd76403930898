"""The demo house as it is drawn: two floors of 54.5 m, and the 6,000 m² around it.

Corridors, stairs and the hall are what no space covers.  Areas follow the shapes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from booking.core.shapes import CM, Shape, from_metres, rectangle
from booking.demo.house import OFFICES, SPACES

NORTH, WIDE = 6.25, 54.5  # the depth of a row of offices, the length of the house
_SOUTH = 23.0  # where the rooms along the street begin


@dataclass(frozen=True, slots=True)
class Level:
    """A floor: its level, name, size in metres, and what is drawn on it by key or name."""

    level: int
    name: str
    width_m: float
    depth_m: float
    shapes: Mapping[str, Shape]


def _area(key: str) -> float:
    return OFFICES[key] if key in OFFICES else float(SPACES[key]["area_m2"])


def _row(keys: Iterable[str], x: float, y: float, depth: float) -> dict[str, Shape]:
    """Return spaces side by side from x on, each as wide as its area asks for."""
    row = {}
    for key in keys:
        width = _area(key) / depth
        row[key] = rectangle(*(round(each * CM) for each in (x, y, width, depth)))
        x += width
    return row


def _offices(floor: int, first: int, last: int) -> list[str]:
    return [f"Bureau {floor}{number:02}" for number in range(first, last + 1)]


_GROUND: Mapping[str, Shape] = {
    **_row(_offices(0, 1, 6), 0, 0, NORTH),
    **_row(_offices(0, 7, 12), 0, NORTH + 2, NORTH),
    # Round the hall: the receptions behind it, the large room at its left, the others beside.
    **_row(["tilleul"], 0, 18, 10),
    **_row(["marmite", "boussole"], 9.6, _SOUTH, 5),
    **_row(["accueil-1", "accueil-2", "accueil-3"], 12, 17.5, 2.5),
    **_row(["lanterne", "appels"], 32, _SOUTH, 5),
    **_row(["atelier-1", "atelier-2", "atelier-3"], 34.9, 16.5, 5),
    **_row(["magasin"], 43.5, _SOUTH, 5),
}
_UPSTAIRS: Mapping[str, Shape] = {
    **_row(_offices(1, 1, 6), 0, 0, NORTH),
    **_row(_offices(1, 7, 12), 0, NORTH + 2, NORTH),
}
_LAND: Mapping[str, Shape] = {
    "esplanade": from_metres([(2, 35), (62, 35), (62, 42), (72, 42), (72, 56), (2, 56)]),
    "verger": from_metres([(62, 2), (98, 2), (98, 58), (74, 58), (74, 40), (62, 40)]),
}

LEVELS = (
    Level(0, "Rez-de-chaussée", WIDE, 28, _GROUND),
    Level(1, "Premier étage", WIDE, 2 * NORTH + 2, _UPSTAIRS),
    Level(0, "Terrain", 100, 60, _LAND),
)
