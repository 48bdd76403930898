"""Calendars are followed, rest, have another address, and are followed no more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions import record
from booking.actions.freed import claim_freed
from booking.actions.sources.dates import bump, forget, lock_space
from booking.actions.sources.reading import set_values
from booking.actions.spaces.checks import admins_only, name_of
from booking.core.errors import InvalidRequest, NotFound
from booking.core.sources import EVERY, SourceMode, SourceState, host_of
from booking.core.values import Actor, Visibility
from booking.db import transact
from booking.models import CalendarSource, SourceEvent
from booking.queries import houses
from booking.queries.sources import due_sources

MOST_SOURCES = 50  # of one house
WORK = "source"
Seal = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SourceRequest:
    """A calendar to follow; ``every`` is a key of ``EVERY``.

    ``space_id`` is whose time it takes (``busy``), or where it is.
    """

    site_id: int
    name: str
    address: str = field(repr=False)
    mode: SourceMode
    space_id: int | None = None
    visibility: Visibility = Visibility.MEMBERS
    every: str = "hour"


def add_source(request: SourceRequest, actor: Actor, *, seal: Seal, now: datetime) -> int:
    """Follow a calendar from now on, and return its id; ``seal`` hides its address.

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
            "address": seal(request.address.strip()),
            "host": host_of(request.address),
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


def change_address(
    source_id: int, address: str, actor: Actor, *, seal: Seal, now: datetime
) -> None:
    """Look for a calendar at another address from now on; its dates stay until it was read.

    Raises:
        NotFound: If there is no such calendar.
        NotAllowed: If the actor does not run its house.
    """
    values = {
        "address": seal(address.strip()),
        "host": host_of(address),
        "state": SourceState.ACTIVE.value,
        "etag": "",
        "modified": "",
        "failures": 0,
        "error": None,
        "next_at": now,
    }
    _turn(source_id, actor, "readdress", values, now)


def reseal_addresses(reseal: Seal, lost: type[Exception]) -> tuple[int, int]:
    """Seal every address anew, each in its own transaction; return how many, and how many not.

    ``reseal`` raises ``lost`` where the key of an address is gone.
    """
    ids = transact(lambda session: session.scalars(select(CalendarSource.id)).all())

    def store(session: Session, source_id: int) -> bool:
        row = session.get(CalendarSource, source_id, with_for_update=True)
        if row is None:
            return True
        try:
            row.address = reseal(row.address)
        except lost:
            return False
        return True

    done = [transact(lambda session, id_=each: store(session, id_)) for each in ids]  # type: ignore[misc]
    return sum(done), len(done) - sum(done)


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
        set_values(session, source_id, values)
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
        spaces = lock_space(session, source.space_id)
        ids = session.scalars(select(SourceEvent.id).where(SourceEvent.source_id == source_id))
        freed = forget(session, ids.all())
        session.execute(delete(CalendarSource).where(CalendarSource.id == source_id))
        claim_freed(session, freed, now=now)
        bump(session, spaces, source.space_id, source_id, now)
        old = {"name": source.name}
        record.audit(session, actor, "remove", ("source", source_id), now=now, old=old)

    transact(store)


def plan_sources(*, now: datetime) -> None:
    """Put a piece of work for each calendar that is to be looked at by now."""

    def store(session: Session) -> None:
        for source_id, _at in due_sources(session, now=now):
            _put(session, source_id, now)

    transact(store)


def _own(session: Session, source_id: int, actor: Actor) -> CalendarSource:
    source = session.get(CalendarSource, source_id, with_for_update=True)
    if source is None:
        raise NotFound("source", source_id)
    admins_only(actor, source.site_id)
    return source


def _put(session: Session, source_id: int, now: datetime) -> None:
    outbox.put(session, WORK, {"source": source_id}, now=now, key=f"{WORK}:{source_id}")
