"""The dates of a calendar come and go, and with them what they hold."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from booking.actions import record, wants
from booking.actions.closures import hold_the_rest
from booking.actions.freed import claim_freed
from booking.actions.sources.reading import set_values
from booking.core.sources import SourceDate, SourceMode, SourceState
from booking.core.values import Space
from booking.db import transact
from booking.models import CalendarSource, Closure, SourceEvent

AT_ONCE = {SourceMode.BUSY: 50, SourceMode.PUBLIC: 500, SourceMode.SHOW: 500}


def change_dates(
    source_id: int,
    new: Sequence[tuple[str, SourceDate]],
    gone: Collection[int],
    *,
    now: datetime,
) -> bool:
    """Store some dates of a calendar, and forget others by their ids; one transaction.

    What is changed is both.  Returns whether the calendar is still followed.
    """

    def store(session: Session) -> bool:
        source = session.get(CalendarSource, source_id, with_for_update=True)
        if source is None or source.state == SourceState.PAUSED.value:
            return False
        spaces = lock_space(session, source.space_id if source.mode == "busy" else None)
        freed = forget(session, gone)
        keys = select(SourceEvent.key).where(
            SourceEvent.source_id == source_id, SourceEvent.key.in_([key for key, _ in new])
        )
        there = set(session.scalars(keys))  # another worker was faster
        dates = [each for key, each in new if key not in there]
        rows = [_row(source_id, each, now) for each in dates]
        if source.mode == SourceMode.BUSY.value and source.space_id is not None:
            claim_freed(session, freed, now=now)
            for row, each in zip(rows, dates, strict=True):
                row["closure_id"] = _closed(session, source, spaces, each, now)
            bump(session, spaces, source.space_id, source_id, now)
        if rows:
            session.execute(insert(SourceEvent), rows)
        set_values(session, source_id, {"version": source.version + 1})
        return True

    return transact(store)


def _row(source_id: int, date: SourceDate, now: datetime) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "key": date.key,
        "digest": date.digest,
        "title": date.title[:200],
        "place": date.place[:500],
        "start": date.interval.start,
        "end": date.interval.end,
        "all_day": date.all_day,
        "visibility": date.visibility.value,
        "closure_id": None,
        "changed_at": now,
    }


def _closed(
    session: Session,
    source: CalendarSource,
    spaces: Mapping[int, Space],
    date: SourceDate,
    now: datetime,
) -> int:
    """Let a date hold what nobody has of its time, as a closure does; return the closure's id."""
    assert source.space_id is not None  # noqa: S101  a check of the table
    row = {
        "site_id": source.site_id,
        "space_id": source.space_id,
        "start": date.interval.start,
        "end": date.interval.end,
        "reason": date.title[:200],
        "created_by_id": source.created_by_id,
    }
    made = insert(Closure).values(row).returning(Closure.id)
    closure_id: int = session.execute(made).scalar_one()
    parts = set(spaces[source.space_id].part_ids)
    wants.step_back(session, parts, date.interval, now=now)
    hold_the_rest(session, closure_id, [source.space_id], spaces, date.interval)
    return closure_id


def lock_space(session: Session, space_id: int | None) -> dict[int, Space]:
    """Lock the space of a calendar, where it takes the time of one."""
    return {} if space_id is None else record.lock_spaces(session, [space_id])


def forget(session: Session, ids: Collection[int]) -> list[record.Claim]:
    """Delete dates; return the time that this sets free."""
    if not ids:
        return []
    gone = delete(SourceEvent).where(SourceEvent.id.in_(ids)).returning(SourceEvent.closure_id)
    closures = [each for each in session.scalars(gone).all() if each is not None]
    freed = [claim for each in closures for claim in record.release_closure(session, each)]
    if closures:
        session.execute(delete(Closure).where(Closure.id.in_(closures)))
    return freed


def bump(
    session: Session,
    spaces: Mapping[int, Space],
    space_id: int | None,
    source_id: int,
    now: datetime,
) -> None:
    """Tell the calendar of the space."""
    if space_id in spaces and space_id is not None:
        record.bump(session, {("space", space_id): False}, uid=f"source-{source_id}", now=now)
