"""The shapes of a floor as they are typed: a rectangle in four numbers, or a list of corners."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from booking.actions.spaces import Drawn, FloorDrawing
from booking.core.errors import InvalidRequest
from booking.core.shapes import CM, Shape, box, is_rectangle, rectangle
from booking.core.values import Space
from booking.queries.plan import FloorPlan, Place
from booking.web.forms import Reading
from booking.web.numbers import is_id

_NUMBER = re.compile(r"-?[0-9]{1,4}(?:[.,][0-9]{1,2})?")
_SIDES = ("x", "y", "width", "depth")


@dataclass(frozen=True, slots=True)
class Row:
    """A space in the form; ``was`` is what it was when the form was made, as ``text`` says it.

    ``stored`` is set where somebody has changed it since: what it is now.
    """

    space_id: int
    name: str
    kind: str
    version: int
    was: str
    x: str = ""
    y: str = ""
    width: str = ""
    depth: str = ""
    corners: str = ""
    stored: "Row | None" = None
    errors: Sequence[str] = ()

    @property
    def is_drawn(self) -> bool:
        """Whether it has a shape, sound or not."""
        return bool(self.corners or any(getattr(self, side) for side in _SIDES))

    @property
    def text(self) -> str:
        """Name and shape as one text, to be compared."""
        shape = self.corners or " ".join(getattr(self, side) for side in _SIDES)
        return f"{self.name}|{shape.strip()}"

    @property
    def is_changed(self) -> bool:
        """Whether the form says something else than it did at first."""
        return self.text != self.was

    def shape(self) -> Shape | None:
        """Return what is drawn, None for nothing.

        Raises:
            InvalidRequest: If numbers are missing, or none.
        """
        if not self.is_drawn:
            return None
        try:
            if self.corners:
                pairs = [each.split() for each in re.split(r"[;\n]+", self.corners) if each.strip()]
                return tuple((_cm(x), _cm(y)) for x, y in pairs)
            return rectangle(*(_cm(getattr(self, side)) for side in _SIDES))
        except ValueError:
            raise InvalidRequest.because(
                "shape_invalid", f"space-{self.space_id}", name=self.name
            ) from None


@dataclass(frozen=True, slots=True)
class Typed:
    """The form: the floor's size, and all spaces that are on it or on none."""

    version: int
    width_m: str
    depth_m: str
    rows: tuple[Row, ...]
    errors: Mapping[str, list[str]] = field(default_factory=dict)

    @classmethod
    def stored(
        cls, floor: FloorPlan, spaces: Mapping[int, Space], places: Mapping[int, Place]
    ) -> "Typed":
        """Return the form of a floor as it is stored: what is drawn first, each in its order."""
        rows = [
            _row(spaces[place.space_id], place.shape)
            for place in places.values()
            if place.floor_id in (None, floor.id)
            and spaces[place.space_id].part_ids == (place.space_id,)
        ]
        rows.sort(key=lambda row: not row.is_drawn)
        width, depth = (
            (metres(floor.size.width), metres(floor.size.depth)) if floor.size else ("",) * 2
        )
        return cls(floor.version, width, depth, tuple(rows))

    def sent(self, form: Mapping[str, str]) -> "Typed":
        """Return the form as it was sent; spaces that it does not name are as they are stored."""
        version = form.get("version", "")
        return Typed(
            int(version) if is_id(version) else 0,
            form.get("width_m", "").strip(),
            form.get("depth_m", "").strip(),
            tuple(_sent(row, form) for row in self.rows),
        )

    def drawing(self) -> FloorDrawing:
        """Return what is to be saved: the spaces that the form changes.

        Raises:
            InvalidRequest: With a message for each number that is none.
        """
        reading = Reading()
        changes = [
            Drawn(row.space_id, row.version, row.name, reading.take(row.shape, None))
            for row in self.rows
            if row.is_changed
        ]
        width = reading.take(lambda: _side(self.width_m, "width_m"), None)
        depth = reading.take(lambda: _side(self.depth_m, "depth_m"), None)
        reading.done()
        return FloorDrawing(self.version, width, depth, tuple(changes))

    def refused(self, errors: Mapping[str, list[str]]) -> "Typed":
        """Return the form with what is wrong, each beside its space."""
        rows = tuple(
            replace(
                row,
                errors=[
                    *errors.get(f"space-{row.space_id}", ()),
                    *errors.get(f"name-{row.space_id}", ()),
                ],
            )
            for row in self.rows
        )
        return replace(self, rows=rows, errors=errors)

    def redrawn(self, stored: "Typed", changed: Iterable[int]) -> "Typed":
        """Return the form on top of what is stored by now.

        What the form changed stays, with what others made of it beside it where they changed
        it too; all else is as it is stored.
        """
        both, by_id = set(changed), {row.space_id: row for row in self.rows}
        rows = []
        for now in stored.rows:
            mine = by_id.get(now.space_id)
            if mine is None or not mine.is_changed:
                rows.append(now)
            elif now.space_id in both:
                rows.append(replace(mine, version=now.version, was=now.was, stored=now))
            else:
                rows.append(mine)
        return replace(self, rows=tuple(rows))


def metres(cm: int) -> str:
    """Return centimetres as a field has them: "6.25"."""
    return f"{Decimal(cm) / CM:.2f}".rstrip("0").rstrip(".")


def _row(space: Space, shape: Shape | None) -> Row:
    row = Row(space.id, space.name, space.kind.value, space.version, "")
    if shape and is_rectangle(shape):
        left, top, right, bottom = box(shape)
        row = _with_sides(row, map(metres, (left, top, right - left, bottom - top)))
    elif shape:
        row = replace(row, corners="; ".join(f"{metres(x)} {metres(y)}" for x, y in shape))
    return replace(row, was=row.text)


def _sent(row: Row, form: Mapping[str, str]) -> Row:
    key = row.space_id
    if f"name-{key}" not in form:
        return row
    version = form.get(f"version-{key}", "")
    sent = _with_sides(row, (form.get(f"{side}-{key}", "").strip() for side in _SIDES))
    return replace(
        sent,
        name=" ".join(form[f"name-{key}"].split()),
        version=int(version) if is_id(version) else 0,
        was=form.get(f"was-{key}", ""),
        corners=" ".join(form.get(f"corners-{key}", "").split()),
    )


def _with_sides(row: Row, sides: Iterable[str]) -> Row:
    x, y, width, depth = sides
    return replace(row, x=x, y=y, width=width, depth=depth)


def _cm(text: str) -> int:
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(text)
    return round(Decimal(text.strip().replace(",", ".")) * CM)


def _side(text: str, name: str) -> Decimal | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise InvalidRequest.because("decimal_invalid", name)
    return Decimal(text.replace(",", "."))
