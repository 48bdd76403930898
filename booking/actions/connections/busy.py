"""Members let others know when their own calendars make them busy: when, never why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.connections.keeping import own_connection
from booking.actions.connections.leases import Claimed, hold
from booking.core.busy import FRESH, MOST_CALENDARS, Way
from booking.core.connections import Standing, pause_after_failure
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.intervals import Interval
from booking.core.messages import Message
from booking.core.values import Actor
from booking.db import transact
from booking.models.busy import BusyCalendar, BusyTime
from booking.models.connections import Connection


@dataclass(frozen=True, slots=True)
class Read:
    """What a calendar said: merged times, and how many events could not be understood."""

    times: Sequence[Interval]
    way: Way
    left: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a calendar could not be read; ``after_s`` is the pause that its server asks for."""

    reason: Message
    after_s: int | None = None


def share_busy(connection_id: int, urls: Collection[str], actor: Actor, *, now: datetime) -> None:
    """Let others know when these calendars of a connection make their owner busy; () is none.

    What is known of a calendar that is no longer among them is deleted at once.

    Raises:
        NotFound: If the connection is not the actor's.
        InvalidRequest: ``choice_invalid``.
        NotAllowed: ``too_many_calendars``.
    """
    wanted = set(urls)
    if len(wanted) > MOST_CALENDARS:
        raise NotAllowed.because("too_many_calendars", "calendar", limit=MOST_CALENDARS)

    def store(session: Session) -> None:
        row = own_connection(session, connection_id, actor)
        found = [each for each in row.found if isinstance(each, list)]
        names = {row.url: row.name} | {str(each[0]): str(each[1]) for each in found}
        if row.state == Standing.ENDING.value or not wanted <= names.keys() - {""}:
            raise InvalidRequest.because("choice_invalid", "calendar")
        ours = BusyCalendar.connection_id == connection_id
        session.execute(delete(BusyCalendar).where(ours, BusyCalendar.url.not_in(wanted)))
        there = set(session.execute(select(BusyCalendar.url).where(ours)).scalars())
        new = [
            {
                "connection_id": connection_id,
                "url": each,
                "name": names[each][:120],
                "due_at": now,
            }
            for each in sorted(wanted - there)
        ]
        if new:
            session.execute(insert(BusyCalendar), new)
            row.due_at = now if row.tries == 0 else row.due_at
        row.shares_busy = bool(wanted)
        row.version += 1
        said = {"calendars": len(wanted)}
        entity = ("connection", connection_id)
        record.audit(session, actor, "share_busy", entity, now=now, new=said)

    transact(store)


def keep_busy(claimed: Claimed, calendar_id: int, result: Read | Unread, *, now: datetime) -> None:
    """Store when a calendar makes its owner busy, or why it could not be read.

    What could not be read keeps its times: they grow old, and say so.

    Raises:
        LostLease: As ``keep``.
    """

    def store(session: Session) -> None:
        hold(session, claimed, now)
        row = session.get(BusyCalendar, calendar_id)
        if row is None:  # its owner wants it no more
            return
        if isinstance(result, Unread):
            row.tries += 1
            row.reason, row.params = result.reason.code, {**result.reason.params}
            row.due_at = now + pause_after_failure(row.tries, result.after_s)
            return
        row.read_at, row.due_at, row.tries = now, now + FRESH, 0
        row.reason, row.params = "", {}
        row.way, row.left = result.way.value, result.left
        _replace(session, calendar_id, result.times)

    transact(store)


def read_busy_soon(person_ids: Collection[int], *, now: datetime) -> None:
    """Let workers read the calendars of people whom somebody looks for, where it is time to."""
    is_due = exists().where(BusyCalendar.connection_id == Connection.id, BusyCalendar.due_at <= now)
    asked = update(Connection).where(
        Connection.person_id.in_(person_ids),
        Connection.shares_busy,
        Connection.state == Standing.ACTIVE.value,
        Connection.tries == 0,
        Connection.due_at > now,
        is_due,
    )
    statement = asked.values(due_at=now).execution_options(synchronize_session=False)
    transact(lambda session: session.execute(statement))


def _replace(session: Session, calendar_id: int, times: Sequence[Interval]) -> None:
    """Store times where they differ from those that are stored."""
    mine = BusyTime.calendar_id == calendar_id
    stored = session.execute(select(BusyTime.start, BusyTime.end).where(mine)).all()
    if {(each.start, each.end) for each in times} == {(row.start, row.end) for row in stored}:
        return
    session.execute(delete(BusyTime).where(mine))
    rows = [{"calendar_id": calendar_id, "start": each.start, "end": each.end} for each in times]
    if rows:
        session.execute(insert(BusyTime), rows)
