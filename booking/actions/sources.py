"""Calendars of others that the house follows: added, paused, removed; their dates come and go.

Fetching and reading are ``booking.sources``'s; here is what it may change.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions import record, wants
from booking.actions.closures import hold_the_rest
from booking.actions.freed import claim_freed
from booking.actions.spaces.checks import admins_only, name_of
from booking.core.errors import InvalidRequest, NotFound
from booking.core.imports.stored import message_to_json
from booking.core.messages import Message
from booking.core.sources import EVERY, SourceDate, SourceMode, SourceState
from booking.core.values import Actor, Space, Visibility
from booking.db import transact
from booking.models import CalendarSource, Closure, SourceEvent
from booking.queries import houses
from booking.queries.sources import due_sources

MOST_SOURCES = 50  # of one house
AT_ONCE = {SourceMode.BUSY: 50, SourceMode.PUBLIC: 500, SourceMode.SHOW: 500}
WORK = "source"


@dataclass(frozen=True, slots=True)
class SourceRequest:
    """A calendar to follow; ``every`` is a key of ``EVERY``.

    ``space_id`` is whose time it takes (``busy``), or where it is.
    """

    site_id: int
    name: str
    address: str
    mode: SourceMode
    space_id: int | None = None
    visibility: Visibility = Visibility.MEMBERS
    every: str = "hour"


def add_source(request: SourceRequest, actor: Actor, *, now: datetime) -> int:
    """Follow a calendar from now on, and return its id.

    Raises:
        NotAllowed: If the actor does not run the house.
        InvalidRequest: If something is missing, or there are too many.
    """
    admins_only(actor, request.site_id)
    name = name_of(request.name)

    def store(session: Session) -> int:
        _check(session, request)
        row = {
            "site_id": request.site_id,
            "space_id": request.space_id,
            "name": name,
            "address": request.address.strip(),
            "mode": request.mode.value,
            "visibility": request.visibility.value,
            "every_min": EVERY[request.every] // timedelta(minutes=1),
            "state": SourceState.ACTIVE.value,
            "created_by_id": actor.person_id,
            "created_at": now,
            "next_at": now,
        }
        made = insert(CalendarSource).values(row).returning(CalendarSource.id)
        source_id: int = session.execute(made).scalar_one()
        told = {key: row[key] for key in ("name", "space_id", "mode", "visibility")}
        record.audit(session, actor, "create", ("source", source_id), now=now, new=told)
        _put(session, source_id, now)
        return source_id

    return transact(store)


def _check(session: Session, request: SourceRequest) -> None:
    houses.site(session, request.site_id)
    if request.every not in EVERY:
        raise InvalidRequest.because("choice_invalid", "every")
    if request.mode is SourceMode.BUSY and request.space_id is None:
        raise InvalidRequest.because("source_space_missing", "space")
    if request.space_id is not None:
        known = {each.id for each in houses.spaces(session, request.site_id)}
        if request.space_id not in known:
            raise InvalidRequest.because("space_unknown", "space")
    count = select(func.count()).where(CalendarSource.site_id == request.site_id)
    if session.scalars(count).one() >= MOST_SOURCES:
        raise InvalidRequest.because("sources_too_many", "address", most=MOST_SOURCES)


def pause_source(source_id: int, actor: Actor, *, now: datetime) -> None:
    """Look at a calendar no more for now; its dates stay.

    Raises:
        NotFound: If there is no such calendar.
        NotAllowed: If the actor does not run its house.
    """
    _turn(source_id, actor, "pause", {"state": SourceState.PAUSED.value, "next_at": None}, now)


def refresh_source(source_id: int, actor: Actor, *, now: datetime, may_lose: bool = False) -> None:
    """Look at a calendar now, and again on its schedule.

    With ``may_lose`` dates may vanish this time, however many they are.

    Raises:
        NotFound: If there is no such calendar.
        NotAllowed: If the actor does not run its house.
    """
    values: dict[str, Any] = {"state": SourceState.ACTIVE.value, "next_at": now}
    if may_lose:
        # Read anew: what its server knows as unchanged is what is to be taken over.
        values |= {"may_lose": True, "etag": "", "modified": ""}
    _turn(source_id, actor, "refresh", values, now)


def _turn(
    source_id: int, actor: Actor, verb: str, values: Mapping[str, Any], now: datetime
) -> None:
    def store(session: Session) -> None:
        _own(session, source_id, actor)
        _set(session, source_id, values)
        record.audit(session, actor, verb, ("source", source_id), now=now)
        if values["next_at"] is not None:
            _put(session, source_id, now)

    transact(store)


def remove_source(source_id: int, actor: Actor, *, now: datetime) -> None:
    """Follow a calendar no more; all of its dates go with it, and what they held is free.

    Raises:
        NotFound: If there is no such calendar.
        NotAllowed: If the actor does not run its house.
    """

    def store(session: Session) -> None:
        source = _own(session, source_id, actor)
        spaces = _locked(session, source.space_id)
        ids = session.scalars(select(SourceEvent.id).where(SourceEvent.source_id == source_id))
        freed = _forget(session, ids.all())
        session.execute(delete(CalendarSource).where(CalendarSource.id == source_id))
        claim_freed(session, freed, now=now)
        _bump(session, spaces, source.space_id, source_id, now)
        old = {"name": source.name}
        record.audit(session, actor, "remove", ("source", source_id), now=now, old=old)

    transact(store)


def plan_sources(*, now: datetime) -> None:
    """Put a piece of work for each calendar that is to be looked at by now."""

    def store(session: Session) -> None:
        for source_id, _at in due_sources(session, now=now):
            _put(session, source_id, now)

    transact(store)


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
        spaces = _locked(session, source.space_id if source.mode == "busy" else None)
        freed = _forget(session, gone)
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
            _bump(session, spaces, source.space_id, source_id, now)
        if rows:
            session.execute(insert(SourceEvent), rows)
        _set(session, source_id, {"version": source.version + 1})
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


def _locked(session: Session, space_id: int | None) -> dict[int, Space]:
    return {} if space_id is None else record.lock_spaces(session, [space_id])


def _forget(session: Session, ids: Collection[int]) -> list[record.Claim]:
    """Delete dates; return the time that this sets free."""
    if not ids:
        return []
    gone = delete(SourceEvent).where(SourceEvent.id.in_(ids)).returning(SourceEvent.closure_id)
    closures = [each for each in session.scalars(gone).all() if each is not None]
    freed = [claim for each in closures for claim in record.release_closure(session, each)]
    if closures:
        session.execute(delete(Closure).where(Closure.id.in_(closures)))
    return freed


def _bump(
    session: Session,
    spaces: Mapping[int, Space],
    space_id: int | None,
    source_id: int,
    now: datetime,
) -> None:
    """Tell the calendar of the space."""
    if space_id in spaces and space_id is not None:
        record.bump(session, {("space", space_id): False}, uid=f"source-{source_id}", now=now)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at an address: nothing new (``counts`` None), or all of it."""

    etag: str = ""
    modified: str = ""
    counts: Mapping[str, int] | None = None
    warnings: tuple[Message, ...] = ()


def source_read(source_id: int, found: Found, *, now: datetime) -> None:
    """Note that a calendar was read, and when to look again."""

    def store(session: Session) -> None:
        source = session.get(CalendarSource, source_id, with_for_update=True)
        if source is None:
            return
        values: dict[str, Any] = {
            "failures": 0,
            "error": None,
            "tried_at": now,
            "read_at": now,
            "may_lose": False,
        }
        if source.state == SourceState.ACTIVE.value:
            values["next_at"] = now + timedelta(minutes=source.every_min)
        if found.counts is not None:
            values |= {
                "etag": found.etag[:200],
                "modified": found.modified[:60],
                "counts": dict(found.counts),
                "warnings": [message_to_json(each) for each in found.warnings],
            }
        _set(session, source_id, values)

    transact(store)


def source_failed(
    source_id: int, reason: Message, *, now: datetime, again: timedelta | None
) -> None:
    """Note why a calendar could not be read; nothing of it changes.

    ``again`` is when to look again; None waits for somebody who says that the
    dates that vanished may go.
    """

    def store(session: Session) -> None:
        source = session.get(CalendarSource, source_id, with_for_update=True)
        if source is None:
            return
        values: dict[str, Any] = {"error": message_to_json(reason), "tried_at": now}
        if again is None:
            values |= {"state": SourceState.ASKS.value, "next_at": None}
        else:
            values["failures"] = source.failures + 1
            if source.state == SourceState.ACTIVE.value:
                values["next_at"] = now + again
        _set(session, source_id, values)

    transact(store)


def _own(session: Session, source_id: int, actor: Actor) -> CalendarSource:
    source = session.get(CalendarSource, source_id, with_for_update=True)
    if source is None:
        raise NotFound("source", source_id)
    admins_only(actor, source.site_id)
    return source


def _set(session: Session, source_id: int, values: Mapping[str, Any]) -> None:
    session.execute(
        update(CalendarSource)
        .where(CalendarSource.id == source_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _put(session: Session, source_id: int, now: datetime) -> None:
    outbox.put(session, WORK, {"source": source_id}, now=now, key=f"{WORK}:{source_id}")
