"""The only writer of holds, revisions, audit rows and notices.

Everything here runs inside the verb's transaction, which ``booking.db.transact``
opened.  Lock order: spaces and parts in id order, then collections.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.core.intervals import Interval
from booking.core.messages import Parameter
from booking.core.values import Actor, Layer, Space
from booking.models import Audit, Change, Hold, Notice, SpacePart
from booking.models import Collection as CollectionRow
from booking.models import Space as SpaceRow
from booking.queries import houses

CollectionKey = tuple[str, int]  # kind, owner id


@dataclass(frozen=True, slots=True)
class Claim:
    """One allocation's time on one part: what becomes a hold."""

    part_id: int
    interval: Interval
    lane: int
    allocation_id: int | None = None
    closure_id: int | None = None


def lock_spaces(session: Session, space_ids: Iterable[int]) -> dict[int, Space]:
    """Lock spaces with their parts, sorted, and return them all by id.

    Whoever books over the same parts waits here, so nobody waits in a circle.
    On SQLite the writing transaction is the lock.  Unknown ids are left out.
    """
    asked = set(space_ids)
    wanted = asked | _parts_of(session, asked)
    while True:
        if session.get_bind().dialect.name == "postgresql":
            # NO KEY: a plain FOR UPDATE would fight the foreign keys' locks.
            session.execute(
                select(SpaceRow.id)
                .where(SpaceRow.id.in_(wanted))
                .order_by(SpaceRow.id)
                .with_for_update(key_share=True)
            ).all()
        # Parts are read again under the lock: somebody may have changed them before.
        missing = _parts_of(session, asked) - wanted
        if not missing:
            return houses.spaces_by_id(session, wanted)
        wanted |= missing


def _parts_of(session: Session, space_ids: Collection[int]) -> set[int]:
    query = select(SpacePart.part_id).where(SpacePart.space_id.in_(space_ids))
    return set(session.execute(query).scalars())


def hold(session: Session, claims: Iterable[Claim]) -> None:
    """Insert the holds of claims, sorted by part, lane and start.

    Raises:
        sqlalchemy.exc.IntegrityError: The guard refuses an overlap; ``transact``
            turns it into ``GuardRefused``.
    """
    rows = [
        {
            "part_id": claim.part_id,
            "layer": Layer.USE.value,
            "lane": claim.lane,
            "start": claim.interval.start,
            "end": claim.interval.end,
            "allocation_id": claim.allocation_id,
            "closure_id": claim.closure_id,
        }
        for claim in sorted(claims, key=lambda each: (each.part_id, each.lane, each.interval.start))
    ]
    if rows:
        session.execute(insert(Hold), rows)


def release(session: Session, allocation_ids: Collection[int]) -> None:
    """Delete the holds of allocations."""
    if allocation_ids:
        session.execute(delete(Hold).where(Hold.allocation_id.in_(allocation_ids)))


def release_closure(session: Session, closure_id: int) -> None:
    """Delete the holds of a closure."""
    session.execute(delete(Hold).where(Hold.closure_id == closure_id))


def bump(session: Session, keys: Mapping[CollectionKey, bool], *, uid: str, now: datetime) -> None:
    """Give collections a new revision because of the object ``uid``.

    ``keys`` says for each collection whether the object is gone from it.
    """
    if not keys:
        return
    ordered = sorted(keys)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    upsert = dialect.insert(CollectionRow).values(
        [{"kind": kind, "owner_id": owner_id, "revision": 1} for kind, owner_id in ordered]
    )
    rows = session.execute(
        upsert.on_conflict_do_update(
            index_elements=["kind", "owner_id"], set_={"revision": CollectionRow.revision + 1}
        ).returning(
            CollectionRow.id, CollectionRow.kind, CollectionRow.owner_id, CollectionRow.revision
        )
    ).all()
    session.execute(
        insert(Change),
        [
            {
                "collection_id": row.id,
                "revision": row.revision,
                "uid": uid,
                "gone": keys[row.kind, row.owner_id],
                "at": now,
            }
            for row in rows
        ],
    )


def audit(
    session: Session,
    actor: Actor,
    verb: str,
    entity: tuple[str, int],
    *,
    now: datetime,
    old: Mapping[str, Any] | None = None,  # Any: JSON
    new: Mapping[str, Any] | None = None,
) -> None:
    """Write down who did what to which thing; of a change only what differs."""
    before, after = dict(old or {}), dict(new or {})
    if old is not None and new is not None:
        same = {key for key in before if key in after and before[key] == after[key]}
        before = {key: value for key, value in before.items() if key not in same}
        after = {key: value for key, value in after.items() if key not in same}
    session.execute(
        insert(Audit).values(
            at=now,
            actor_id=actor.person_id,
            door=actor.door.value,
            verb=verb,
            entity=entity[0],
            entity_id=entity[1],
            old=None if old is None else before,
            new=None if new is None else after,
        )
    )


def notify(
    session: Session,
    person_ids: Iterable[int | None],
    code: str,
    params: Mapping[str, Parameter],
    *,
    booking_id: int | None = None,
    now: datetime,
) -> None:
    """Put a message into the inboxes of people; datetimes must be naive local times."""
    told: Sequence[int] = sorted({each for each in person_ids if each is not None})
    if not told:
        return
    plain = {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in params.items()
    }
    session.execute(
        insert(Notice),
        [
            {
                "person_id": person_id,
                "code": code,
                "params": plain,
                "booking_id": booking_id,
                "at": now,
            }
            for person_id in told
        ],
    )
