"""Uploaded tables: how far they are, and what would become or became of each row."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.core.sheets import Existing, Fate, Kind, Planned
from booking.models import Sheet

_VIEW = select(
    Sheet.id,
    Sheet.person_id,
    Sheet.site_id,
    Sheet.kind,
    Sheet.name,
    Sheet.state,
    Sheet.existing,
    Sheet.unknown,
    Sheet.number,
    Sheet.done,
    Sheet.counts,
    Sheet.changed_at,
)


@dataclass(frozen=True, slots=True)
class SheetView:
    """An uploaded table; ``counts`` are its rows by fate."""

    id: int
    person_id: int | None
    site_id: int | None
    kind: Kind
    name: str
    state: str
    existing: Existing
    unknown: tuple[str, ...]
    number: int
    done: int
    counts: Mapping[str, int]
    changed_at: datetime

    @property
    def is_working(self) -> bool:
        """Whether something happens to it by itself."""
        return self.state in ("looking", "writing")

    @property
    def good(self) -> int:
        """How many rows would write something."""
        return self.counts.get(Fate.NEW, 0) + self.counts.get(Fate.CHANGE, 0)

    @property
    def wrong(self) -> int:
        """How many rows cannot be written."""
        return self.counts.get(Fate.WRONG, 0) + self.counts.get(Fate.REFUSED, 0)


def sheet(session: Session, sheet_id: int) -> SheetView:
    """Return a table; one statement.

    Raises:
        NotFound: If there is none with this id.
    """
    row = session.execute(_VIEW.where(Sheet.id == sheet_id)).first()
    if row is None:
        raise NotFound("page", sheet_id)
    return _view(row)


def own_sheets(session: Session, person_id: int | None) -> list[SheetView]:
    """Return the tables of a person, the latest first; one statement."""
    query = _VIEW.where(Sheet.person_id == person_id).order_by(Sheet.id.desc())
    return [_view(row) for row in session.execute(query)]


def content(session: Session, sheet_id: int) -> tuple[dict[str, int], list[tuple[int, list[str]]]]:
    """Return the columns of a table by key, and its rows with their numbers; one statement."""
    packed = session.execute(select(Sheet.rows).where(Sheet.id == sheet_id)).scalar_one()
    columns, rows = json.loads(zlib.decompress(packed))
    return columns, [(number, cells) for number, cells in rows]


def outcomes(session: Session, sheet_id: int) -> list[Planned]:
    """Return what would become or became of each row, in order; one statement."""
    packed = session.execute(select(Sheet.outcomes).where(Sheet.id == sheet_id)).scalar_one()
    return [Planned.from_json(each) for each in json.loads(zlib.decompress(packed))]


def squeezed(data: Sequence[Any]) -> bytes:
    """Return rows or outcomes as they are stored."""
    return zlib.compress(json.dumps(data, ensure_ascii=False).encode(), 1)


def _view(row: Row[*tuple[Any, ...]]) -> SheetView:
    return SheetView(
        row.id,
        row.person_id,
        row.site_id,
        Kind(row.kind),
        row.name,
        row.state,
        Existing(row.existing),
        tuple(row.unknown),
        row.number,
        row.done,
        row.counts,
        row.changed_at,
    )
