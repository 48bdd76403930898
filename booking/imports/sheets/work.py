"""A table is taken in, looked at and written; what is interrupted is taken up again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import IO

from sqlalchemy.orm import Session

from booking.actions import sheets
from booking.core.errors import AlreadyLet, BookingError, InvalidRequest
from booking.core.messages import Message, message
from booking.core.sheets import KINDS, Existing, Fate, Kind, Planned, match, words_of
from booking.core.values import OPERATOR, Actor, Door
from booking.db import db
from booking.imports.sheets.common import Rows
from booking.imports.sheets.leases import Leases
from booking.imports.sheets.organisations import Organisations
from booking.imports.sheets.spaces import Spaces
from booking.imports.workbooks import read_table
from booking.queries import houses, people
from booking.queries.sheets import SheetView, content, outcomes, sheet

SMALL = 300  # rows that are looked at, and written, while the browser waits
BATCH = 50  # rows between two notes of how far the writing is
BATCHES_A_JOB = 10


def take_in(
    file: IO[bytes],
    name: str,
    kind: Kind,
    site_id: int | None,
    existing: Existing,
    actor: Actor,
    *,
    now: datetime,
    at_once: bool = False,
) -> int:
    """Store an uploaded table and return its id; a small one is looked at already.

    Raises:
        NotAllowed: If the actor does not run the house.
        InvalidRequest: On the field ``file``: it cannot be read, or a column is
            missing or there twice.
    """
    columns = KINDS[kind]
    table = read_table(file, frozenset(words_of(columns)))
    found = match(columns, table.headings)
    if not table.rows:
        raise InvalidRequest.because("list_empty", "file")
    new = sheets.NewSheet(
        kind,
        site_id,
        name,
        existing,
        dict(found.at),
        found.unknown,
        [(row.number, list(row.cells)) for row in table.rows],
    )
    at_once = at_once or len(table.rows) <= SMALL
    sheet_id = sheets.store_sheet(new, actor, now=now, at_once=at_once)
    if at_once:
        look(sheet_id, now=now)
    return sheet_id


def rows_of(session: Session, found: SheetView) -> Rows:
    """Return the kind of a table, with what is there already."""
    if found.kind is Kind.ORGANISATIONS or found.site_id is None:
        return Organisations(session, found.existing)
    site = houses.site(session, found.site_id)
    if found.kind is Kind.SPACES:
        return Spaces(session, site, found.existing)
    return Leases(session, site, found.existing)


def look(sheet_id: int, *, now: datetime) -> None:
    """Note what each row of a table would come to, if the rows above it were written."""
    session = db.session()
    found = sheet(session, sheet_id)
    if found.state != "looking":
        return
    columns, cells = content(session, sheet_id)
    rows = rows_of(session, found)
    planned = [rows.foresee(rows.plan(number, _texts(columns, texts))) for number, texts in cells]
    session.rollback()
    sheets.looked_at(sheet_id, planned, now=now)


def write(sheet_id: int, *, now: Callable[[], datetime], batches: int = BATCHES_A_JOB) -> None:
    """Write some batches of a table that is being written; the rest by a further job."""
    for _ in range(batches):
        if not _batch(sheet_id, now):
            return
    sheets.go_on(sheet_id, sheet(db.session(), sheet_id).done, now=now())


def write_all(sheet_id: int, *, now: Callable[[], datetime]) -> None:
    """Write a table to its end, or until somebody stops it."""
    while _batch(sheet_id, now):
        pass


def _batch(sheet_id: int, now: Callable[[], datetime]) -> bool:
    """Write the next rows; return whether there are more to write."""
    session = db.session()
    session.rollback()
    found = sheet(session, sheet_id)
    if found.state != "writing":
        return False
    actor = _actor(session, found.person_id)
    columns, cells = content(session, sheet_id)
    planned = outcomes(session, sheet_id)
    rows = rows_of(session, found)
    last = min(found.done + BATCH, found.number)
    for at in range(found.done, last):
        if planned[at].fate.is_good:  # others were told before
            number, texts = cells[at]
            again = rows.plan(number, _texts(columns, texts))
            planned[at] = _written(rows, again, actor, now())
    session.rollback()
    return sheets.rows_written(sheet_id, planned, last, now=now())


def _written(rows: Rows, planned: Planned, actor: Actor, now: datetime) -> Planned:
    """Write a row, and return what became of it."""
    if planned.fate is Fate.WRONG:
        return replace(planned, fate=Fate.REFUSED)
    if not planned.fate.is_good:
        return planned
    try:
        made = rows.write(planned, actor, now=now)
    except BookingError as error:
        return replace(planned, fate=Fate.REFUSED, why=tuple(_why(error)), wish=None)
    fate = Fate.ADDED if planned.fate is Fate.NEW else Fate.CHANGED
    return replace(planned, fate=fate, target=made, wish=None)


def _why(error: BookingError) -> list[Message]:
    if isinstance(error, AlreadyLet):
        return [
            message(
                "row_let", "starts", organisation=each.lease.organisation_name, first=each.first
            )
            for each in error.overlaps
        ]
    return [*error.messages]


def _actor(session: Session, person_id: int | None) -> Actor:
    return OPERATOR if person_id is None else people.actor_of(session, person_id, Door.WEB)


def _texts(columns: dict[str, int], cells: list[str]) -> dict[str, str]:
    return {key: cells[at] for key, at in columns.items() if at < len(cells) and cells[at]}
