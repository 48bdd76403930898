"""The history of a thing: who changed what, when, through which door."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.values import Door
from booking.models import Audit, Person


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change; ``old`` and ``new`` hold what differs, None where there was nothing.

    ``actor_name`` is empty where nobody's account did it (the command line,
    the service itself) or the person was erased.
    """

    at: datetime
    actor_id: int | None
    actor_name: str
    door: Door
    verb: str
    old: Mapping[str, object] | None
    new: Mapping[str, object] | None


def history(session: Session, entity: str, entity_id: int, *, limit: int = 200) -> list[AuditEntry]:
    """Return what was done to a thing, the latest first, in one statement."""
    rows = session.execute(
        select(
            Audit.at,
            Audit.actor_id,
            Person.name.label("actor_name"),
            Audit.door,
            Audit.verb,
            Audit.old,
            Audit.new,
        )
        .outerjoin(Person, Person.id == Audit.actor_id)
        .where(Audit.entity == entity, Audit.entity_id == entity_id)
        .order_by(Audit.id.desc())
        .limit(limit)
    )
    return [
        AuditEntry(
            at=row.at,
            actor_id=row.actor_id,
            actor_name=row.actor_name or "",
            door=Door(row.door),
            verb=row.verb,
            old=row.old,
            new=row.new,
        )
        for row in rows
    ]


def person_names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Return id -> name of people, archived ones too; unknown ids are left out."""
    query = select(Person.id, Person.name).where(Person.id.in_(set(ids)))
    return {row.id: row.name for row in session.execute(query)}


def last_of(
    session: Session, entity: tuple[str, int], verbs: Sequence[str], *, since: datetime
) -> AuditEntry | None:
    """Return the last time since then that one of these was done to a thing, None without any."""
    found = (each for each in history(session, *entity) if each.verb in verbs and each.at >= since)
    return next(found, None)
