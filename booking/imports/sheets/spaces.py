"""Spaces of a table."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from booking.actions import spaces as verbs
from booking.actions.spaces import SpaceEdit, SpaceRequest
from booking.actions.spaces.editing import COLOURS, checked_edit
from booking.core.checks import one_line
from booking.core.errors import InvalidRequest
from booking.core.messages import message
from booking.core.sheets import Existing, Fate, Planned
from booking.core.sheets.cells import Cells, amount, choice, listed, text, whole, yes_or_no
from booking.core.sheets.tables import heading
from booking.core.values import Actor, Site, SpaceKind
from booking.imports.sheets.common import Seen, settled, wrong
from booking.imports.sheets.words import words
from booking.queries.floors import floors
from booking.queries.spaces import SpaceEntry, entries

_MINUTE = 60


class Spaces:
    """A table of spaces of one house; those that are there are known by name."""

    def __init__(self, session: Session, site: Site, existing: Existing) -> None:
        self.site = site
        self.existing = existing
        self.floors = {heading(each.name): each.id for each in floors(session, site.id)}
        self.known: defaultdict[str, list[SpaceEntry]] = defaultdict(list)
        for each in entries(session, [site.id]):
            if each.archived_at is None:
                self.known[each.space.name.casefold()].append(each)
        self.seen = Seen()
        self.number = sum(map(len, self.known.values()))

    def plan(self, row: int, texts: Mapping[str, str]) -> Planned:
        """Return what a row comes to."""
        cells = Cells(texts)
        name = one_line(cells.take("name", text) or "")
        values = self._values(cells)
        found = self.known.get(name.casefold(), [])
        if len(found) > 1:
            cells.wrong.append(message("row_which", "name", number=len(found)))
        if not found and not cells.wrong and "kind" not in values:
            cells.wrong.append(message("cell_missing", "kind"))
        try:
            edit = _edit(found[0] if found else None, name, values)
            if not cells.wrong:
                checked_edit(edit)
        except InvalidRequest as error:
            cells.wrong.extend(error.messages)
        if cells.wrong:
            return wrong(row, name, cells.wrong)
        if not found:
            return Planned(row, name, Fate.NEW, wish=values)
        return settled(
            row,
            name,
            values,
            target=found[0].space.id,
            stored=_stored(found[0]),
            existing=self.existing,
        )

    def _values(self, cells: Cells) -> dict[str, object]:
        area = cells.take("area_m2", amount)
        given = {
            "kind": cells.take("kind", choice(words("kind"))),
            "floor": cells.take("floor", self._floor),
            "area_m2": None if area is None else area.quantize(Decimal("0.01")),
            "capacity": cells.take("capacity", whole),
            "features": cells.take("features", lambda each, _: listed(each, words("features"))),
            "bookable": cells.take("bookable", yes_or_no),
            "setup_min": cells.take("setup_min", whole),
            "cleanup_min": cells.take("cleanup_min", whole),
            "description": cells.take("description", text),
        }
        return {key: value for key, value in given.items() if value is not None}

    def _floor(self, value: str, key: str) -> int:
        found = self.floors.get(heading(value))
        if found is None:
            raise InvalidRequest.because("cell_floor", key, text=value[:40])
        return found

    def foresee(self, planned: Planned) -> Planned:
        """Return the row, if none above is about the same space."""
        return self.seen.once(planned.name.casefold(), planned)

    def write(self, planned: Planned, actor: Actor, *, now: datetime) -> int:
        """Make or change the space of a row."""
        values = planned.wish
        if planned.fate is Fate.NEW:
            self.number += 1
            return verbs.create_space(self._request(planned.name, values), actor, now=now)
        found = self.known[planned.name.casefold()][0]
        version = found.space.version
        edit = _edit(found, found.space.name, values)
        verbs.edit_space(found.space.id, edit, actor, version=version, now=now)
        return found.space.id

    def _request(self, name: str, values: Mapping[str, Any]) -> SpaceRequest:
        edit = _edit(None, name, values)
        return SpaceRequest(
            self.site.id,
            edit.kind,
            name,
            description=edit.description,
            capacity=edit.capacity,
            features=edit.features,
            colour=self.number * 5 % COLOURS,  # far apart: neighbours shall not look alike
            area_m2=edit.area_m2,
            bookable=edit.bookable,
            setup_min=edit.setup_min,
            cleanup_min=edit.cleanup_min,
            floor_id=edit.floor_id,
        )


def _stored(entry: SpaceEntry) -> dict[str, object]:
    """Return a space as the columns of a table have it."""
    space = entry.space
    area = None if entry.area_m2 is None else Decimal(str(entry.area_m2))
    return {
        "kind": space.kind.value,
        "floor": entry.floor_id,
        "area_m2": None if area is None else area.quantize(Decimal("0.01")),
        "capacity": space.capacity,
        "features": space.features,
        "bookable": entry.bookable,
        "setup_min": int(space.setup.total_seconds()) // _MINUTE,
        "cleanup_min": int(space.cleanup.total_seconds()) // _MINUTE,
        "description": space.description,
    }


def _edit(entry: SpaceEntry | None, name: str, values: Mapping[str, Any]) -> SpaceEdit:
    """Return a space as it shall be: what is there, with what a row says in its place."""
    if entry is None:
        kind = SpaceKind(values.get("kind", SpaceKind.MEETING_ROOM))
        # An office is let; that it can be booked too, somebody has to say.
        edit = SpaceEdit(kind, name, bookable=kind is not SpaceKind.OFFICE)
    else:
        space, stored = entry.space, _stored(entry)
        edit = SpaceEdit(
            space.kind,
            name,
            description=space.description,
            capacity=space.capacity,
            features=space.features,
            colour=space.colour,
            area_m2=entry.area_m2 if entry.area_given else None,
            bookable=entry.bookable,
            setup_min=int(str(stored["setup_min"])),
            cleanup_min=int(str(stored["cleanup_min"])),
            floor_id=entry.floor_id,
        )
    given = {key: value for key, value in values.items() if key not in ("kind", "floor", "area_m2")}
    if "kind" in values:
        given["kind"] = SpaceKind(values["kind"])
    if "floor" in values:
        given["floor_id"] = values["floor"]
    if "area_m2" in values:
        given["area_m2"] = float(values["area_m2"])
    return replace(edit, **given)
