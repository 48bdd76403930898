"""The demo house as it is drawn: two floors of 54.5 m, and the 6,000 m² around it.

Corridors, stairs and the hall are what no space covers.  Areas follow the shapes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from booking.core.shapes import CM, Shape, from_metres, rectangle
from booking.demo.house import DESKS, OFFICES, SPACES

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
    underlay: str


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
    **_row(["atelier-1", "atelier-2", "atelier-3"], 34.9, 16, 5),
    **_row(["magasin"], 43.5, _SOUTH, 5),
}
_UPSTAIRS: Mapping[str, Shape] = {
    **_row(_offices(1, 1, 6), 0, 0, NORTH),
    **_row(_offices(1, 7, 12), 0, NORTH + 2, NORTH),
    # The shared office is the last one: three desks along either wall.
    **{
        name: rectangle(4690 + nth % 3 * 240, 845 + nth // 3 * 450, 220, 140)
        for nth, name in enumerate(DESKS)
    },
}
_LAND: Mapping[str, Shape] = {
    "esplanade": from_metres([(2, 35), (62, 35), (62, 42), (72, 42), (72, 56), (2, 56)]),
    "verger": from_metres([(62, 2), (98, 2), (98, 58), (74, 58), (74, 40), (62, 40)]),
}


def _underlay(width: float, depth: float, *parts: str) -> str:
    """Return what lies under a plan: grey lines and words, in metres."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {depth:g}" fill="none"'
        ' stroke="#7b7f8a" stroke-width=".08" font-family="sans-serif" font-size=".8"'
        f' text-anchor="middle">{"".join(parts)}</svg>'
    )


def _word(text: str, x: float, y: float) -> str:
    return f'<text x="{x}" y="{y}" fill="#5d626e" stroke="none">{text}</text>'


def _doors(shapes: Mapping[str, Shape], keys: Iterable[str], *, down: bool) -> str:
    """Return a door for each space, in its lower or its upper wall, that opens outwards."""
    path = ""
    for key in keys:
        xs, ys = zip(*shapes[key], strict=True)
        x, y = min(xs) / CM + 0.5, (max(ys) if down else min(ys)) / CM
        turn, side = (0, 0.9) if down else (1, -0.9)
        path += f"M{x:.2f} {y:.2f}v{side}a.9 .9 0 0 {turn} .9 {-side}"
    return f'<path d="{path}"/>'


def _stairs(x: float, y: float) -> str:
    steps = "".join(f"M{x} {y + nth * 0.4:.1f}h2.4" for nth in range(11))
    return f'<path d="M{x} {y}v4h2.4v-4M{x + 1.2} {y + 3.6}v-3.2m-.3 .4.3-.4.3.4{steps}"/>'


_HOUSE_BELOW = _underlay(
    WIDE,
    28,
    _doors(_GROUND, _offices(0, 1, 6), down=True),
    _doors(_GROUND, [*_offices(0, 7, 12), "tilleul"], down=False),
    _doors(_GROUND, ["accueil-1", "accueil-2", "accueil-3"], down=True),
    _doors(_GROUND, ["atelier-1", "atelier-2", "atelier-3"], down=True),
    _doors(_GROUND, ["marmite", "boussole", "lanterne", "appels", "magasin"], down=False),
    _stairs(51.4, 0.6),
    f'<path d="M51 8.5h3v5.5h-3z"/>{_word("WC", 52.5, 11.5)}',
    '<path d="M27 28v-1.6a1.6 1.6 0 0 1 1.6 1.6M30.2 28v-1.6a1.6 1.6 0 0 0-1.6 1.6"/>',
    _word("Entrée", 28.6, 25.8),
    _word("Hall", 29.5, 20),
)
_HOUSE_ABOVE = _underlay(
    WIDE,
    2 * NORTH + 2,
    _doors(_UPSTAIRS, _offices(1, 1, 6), down=True),
    _doors(_UPSTAIRS, _offices(1, 7, 12), down=False),
    _word("Couloir", 27, NORTH + 1.3),
)
_AROUND = _underlay(
    100,
    60,
    f'<path d="M4 4h{WIDE}v28h-{WIDE}z" fill="#d9d6cd" stroke-width=".3"/>',
    f'<g font-size="1.8">{_word("La Maison", 4 + WIDE / 2, 19)}{_word("Rue", 50, 58.9)}</g>',
    "".join(
        f'<circle cx="{x}" cy="{y}" r="1.6" stroke="#6f8f63" fill="#dfe9d8"/>'
        for x, y in ((66, 8), (74, 14), (82, 7), (92, 12), (86, 26), (94, 34), (78, 33), (93, 50))
    ),
)

LEVELS = (
    Level(0, "Rez-de-chaussée", WIDE, 28, _GROUND, _HOUSE_BELOW),
    Level(1, "Premier étage", WIDE, 2 * NORTH + 2, _UPSTAIRS, _HOUSE_ABOVE),
    Level(0, "Terrain", 100, 60, _LAND, _AROUND),
)
