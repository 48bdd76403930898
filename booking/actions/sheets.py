"""Uploaded tables: stored, looked at, turned to writing, stopped and forgotten.

What their rows ask for, other verbs write; here is only how far a table is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions import record
from booking.actions.spaces.checks import admins_only
from booking.core.errors import InvalidRequest, NotFound, Stale
from booking.core.sheets import Existing, Kind, Planned
from booking.core.sheets.planned import counted
from booking.core.values import Actor
from booking.db import transact
from booking.models import Sheet
from booking.queries.sheets import SheetView, sheet, squeezed

KEPT = timedelta(days=1)
MOST_SHEETS = 3  # of one person at a time
BUSY = timedelta(minutes=15)  # a table that nothing was heard of for so long is written by nobody
WORK = "sheet"
_TURNS = {"writing": ("ready", "stopped"), "stopped": ("writing",)}


@dataclass(frozen=True, slots=True)
class NewSheet:
    """A table that comes in: where its columns are, by key, and the cells of its rows."""

    kind: Kind
    site_id: int | None
    name: str
    existing: Existing
    columns: dict[str, int]
    unknown: tuple[str, ...]
    rows: Sequence[tuple[int, Sequence[str]]]


def store_sheet(new: NewSheet, actor: Actor, *, now: datetime, at_once: bool) -> int:
    """Store a table that is to be looked at, by a job or (``at_once``) by the caller.

    Returns its id.  The oldest of the person that is not being written gives way.

    Raises:
        NotAllowed: If the actor does not run the house, or for organisations all of them.
        InvalidRequest: If all tables of the person are being written.
    """
    admins_only(actor, new.site_id)

    def store(session: Session) -> int:
        _make_place(session, actor.person_id, now)
        row = {
            "person_id": actor.person_id,
            "site_id": new.site_id,
            "kind": new.kind.value,
            "name": new.name[:120],
            "state": "looking",
            "existing": new.existing.value,
            "unknown": [*new.unknown],
            "rows": squeezed([new.columns, new.rows]),
            "outcomes": squeezed([]),
            "number": len(new.rows),
            "changed_at": now,
        }
        sheet_id = int(session.execute(insert(Sheet).returning(Sheet.id), [row]).scalar_one())
        if not at_once:
            _put(session, sheet_id, "look", now)
        return sheet_id

    return transact(store)


def looked_at(sheet_id: int, planned: Sequence[Planned], *, now: datetime) -> None:
    """Note what each row would come to; one that was deleted meanwhile stays so."""
    values = {"state": "ready", "changed_at": now, **_outcomes(planned)}
    where = (Sheet.id == sheet_id, Sheet.state == "looking")
    transact(lambda session: session.execute(update(Sheet).where(*where).values(values)))


def turn_sheet(
    sheet_id: int,
    state: str,
    actor: Actor,
    *,
    now: datetime,
    without_wrong: bool = False,
    at_once: bool = False,
) -> None:
    """Write the rows of a table (``writing``), go on with it, or stop it (``stopped``).

    Raises:
        NotFound, NotAllowed: If it is not the actor's, or the actor runs the house no more.
        Stale: If it is not at that point (any more).
        InvalidRequest: If rows are wrong and nobody said that the others shall
            be written ``without_wrong``, or another table is being written.
    """

    def store(session: Session) -> None:
        found = _own(session, sheet_id, actor)
        admins_only(actor, found.site_id)
        if found.state not in _TURNS[state]:
            raise Stale(0)
        if state == "writing":
            if found.wrong and not without_wrong and found.state == "ready":
                raise InvalidRequest.because("sheet_has_errors", number=found.wrong)
            _refuse_busy(session, now)
            what = {"kind": found.kind.value, "name": found.name, "rows": found.good}
            record.audit(session, actor, "import", ("sheet", sheet_id), now=now, new=what)
            if not at_once:
                _put(session, sheet_id, f"write:{found.done}", now)
        values = {"state": state, "changed_at": now}
        session.execute(update(Sheet).where(Sheet.id == sheet_id).values(values))

    transact(store)


def rows_written(sheet_id: int, planned: Sequence[Planned], done: int, *, now: datetime) -> bool:
    """Note how far the writing is, and what came of the rows; return whether it goes on.

    With the last row the table is done.  One that was stopped or deleted
    meanwhile stays so.
    """

    def store(session: Session) -> bool:
        query = select(Sheet.state, Sheet.number).where(Sheet.id == sheet_id)
        row = session.execute(query.with_for_update()).first()
        if row is None:
            return False
        is_over = done >= row.number
        values = {"done": done, "changed_at": now, **_outcomes(planned)}
        if is_over:
            values["state"] = "done"
        session.execute(update(Sheet).where(Sheet.id == sheet_id).values(values))
        return row.state == "writing" and not is_over

    return transact(store)


def go_on(sheet_id: int, done: int, *, now: datetime) -> None:
    """Let a further job take a table up, so that other work has its turn between."""
    transact(lambda session: _put(session, sheet_id, f"write:{done}", now))


def discard_sheet(sheet_id: int, actor: Actor) -> None:
    """Forget a table of the actor's; what was written of it stays.

    Raises:
        NotFound: If it is not the actor's.
    """

    def store(session: Session) -> None:
        _own(session, sheet_id, actor)
        session.execute(delete(Sheet).where(Sheet.id == sheet_id))

    transact(store)


def forget_sheets(*, now: datetime) -> None:
    """Forget tables that nobody came back to."""
    transact(lambda session: session.execute(delete(Sheet).where(Sheet.changed_at < now - KEPT)))


def _outcomes(planned: Sequence[Planned]) -> dict[str, Any]:
    return {
        "outcomes": squeezed([each.to_json() for each in planned]),
        "counts": dict(counted(planned)),
    }


def _own(session: Session, sheet_id: int, actor: Actor) -> SheetView:
    session.execute(select(Sheet.id).where(Sheet.id == sheet_id).with_for_update())
    found = sheet(session, sheet_id)
    if found.person_id != actor.person_id:
        raise NotFound("page", sheet_id)
    return found


def _refuse_busy(session: Session, now: datetime) -> None:
    """Refuse to write two tables at once: both could find that a name is not taken yet."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_ONE_TABLE)))
    busy = select(func.count(Sheet.id)).where(
        Sheet.state == "writing", Sheet.changed_at > now - BUSY
    )
    if session.execute(busy).scalar_one():
        raise InvalidRequest.because("sheet_busy")


_ONE_TABLE = 7_216_045  # the advisory lock of those who begin to write a table


def _make_place(session: Session, person_id: int | None, now: datetime) -> None:
    session.execute(delete(Sheet).where(Sheet.changed_at < now - KEPT))
    mine = session.execute(
        select(Sheet.id, Sheet.state).where(Sheet.person_id == person_id).order_by(Sheet.id)
    ).all()
    idle = [each.id for each in mine if each.state != "writing"]
    for _ in range(len(mine) - MOST_SHEETS + 1):
        if not idle:
            raise InvalidRequest.because("imports_too_many", "file", most=MOST_SHEETS)
        session.execute(delete(Sheet).where(Sheet.id == idle.pop(0)))


def _put(session: Session, sheet_id: int, what: str, now: datetime) -> None:
    outbox.put(session, WORK, {"sheet": sheet_id}, now=now, key=f"{WORK}:{sheet_id}:{what}")
