"""The only writer of holds, revisions, audit rows and notices.

Everything here runs inside the verb's transaction, which ``booking.db.transact``
opened.  Lock order: spaces and parts in id order, then collections.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    CursorResult,
    bindparam,
    delete,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from booking import outbox
from booking.core.errors import Stale
from booking.core.intervals import Interval
from booking.core.messages import Parameter
from booking.core.values import Actor, Layer, Space
from booking.db import Base, Plain, Stored, as_json, insert_listed, listed
from booking.models import Notice, SpacePart
from booking.models import Space as SpaceRow
from booking.queries import houses

CollectionKey = tuple[str, int]  # kind, owner id


# Built once, on tables rather than classes: building a statement, and the mapper's way
# of running it, cost more than the database.
_TABLES = Base.metadata.tables
_HOLD = _TABLES["hold"]
_AUDIT = insert(_TABLES["audit"])
_HOLDS = _TABLES["hold"].c
_FREED = (_HOLDS.part_id, _HOLDS.lane, _HOLDS.start_s, _HOLDS.end_s)
_RELEASE = (
    delete(_TABLES["hold"])
    .where(_HOLDS.allocation_id.in_(bindparam("ids", expanding=True)))
    .returning(*_FREED)
)
_SHORTEN = _RELEASE.returning(_HOLDS.allocation_id)
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_RELEASE_WANT = (
    delete(_TABLES["hold"]).where(_HOLDS.want_id == bindparam("want_id")).returning(*_FREED)
)
# NO KEY: a plain FOR UPDATE would fight the foreign keys' locks.
_LOCK = (
    select(SpaceRow.id)
    .where(
        or_(
            SpaceRow.id.in_(_IDS),
            SpaceRow.id.in_(select(SpacePart.part_id).where(SpacePart.space_id.in_(_IDS))),
        )
    )
    .order_by(SpaceRow.id)
    .with_for_update(key_share=True)
)

_KEY = {"kind": str, "owner_id": int, "gone": bool}
# Sorted, so that two verbs cannot wait for each other.  "WHERE true" tells SQLite that
# ON CONFLICT does not belong to a join.
_NEXT_REVISION = """
INSERT INTO collection (kind, owner_id, revision)
SELECT kind, owner_id, 1 FROM ({keys}) AS keys WHERE true ORDER BY kind, owner_id
ON CONFLICT (kind, owner_id) DO UPDATE SET revision = collection.revision + 1
"""
_CHANGE = """
INSERT INTO change (collection_id, revision, uid, gone, at_s)
SELECT collection.id, collection.revision, :uid, keys.gone, :at
FROM ({keys}) AS keys
JOIN collection ON collection.kind = keys.kind AND collection.owner_id = keys.owner_id
"""
# PostgreSQL does both in one round trip.
_BOTH = """
WITH keys AS ({keys}), bumped AS (
  INSERT INTO collection (kind, owner_id, revision)
  SELECT kind, owner_id, 1 FROM keys ORDER BY kind, owner_id
  ON CONFLICT (kind, owner_id) DO UPDATE SET revision = collection.revision + 1
  RETURNING id, kind, owner_id, revision
)
INSERT INTO change (collection_id, revision, uid, gone, at_s)
SELECT bumped.id, bumped.revision, :uid, keys.gone, :at
FROM keys JOIN bumped ON bumped.kind = keys.kind AND bumped.owner_id = keys.owner_id
"""
_BUMP = {
    dialect: [Plain(each.format(keys=listed(dialect, _KEY))) for each in statements]
    for dialect, statements in {
        "sqlite": (_NEXT_REVISION, _CHANGE),
        "postgresql": (_BOTH,),
    }.items()
}

_BUMP_ALL = {
    dialect: text(
        "INSERT INTO collection (kind, owner_id, revision) SELECT kind, owner_id, number"
        f" FROM ({listed(dialect, {'kind': str, 'owner_id': int, 'number': int})}) AS keys"
        " WHERE true ORDER BY kind, owner_id"
        " ON CONFLICT (kind, owner_id) DO UPDATE"
        " SET revision = collection.revision + excluded.revision"
        " RETURNING id, kind, owner_id, revision"
    )
    for dialect in ("sqlite", "postgresql")
}


@dataclass(frozen=True, slots=True)
class Claim:
    """Time on one part, of an allocation, a closure, a want or a lease: what becomes a hold."""

    part_id: int
    interval: Interval
    lane: int
    allocation_id: int | None = None
    closure_id: int | None = None
    want_id: int | None = None
    lease_id: int | None = None

    @property
    def layer(self) -> Layer:
        """What is let is used all the same."""
        return Layer.USE if self.lease_id is None else Layer.LET


def lock_spaces(session: Session, space_ids: Iterable[int]) -> dict[int, Space]:
    """Lock spaces with their parts, sorted, and return them all by id.

    Whoever books over the same parts waits here, so nobody waits in a circle.
    On SQLite the writing transaction is the lock.  Unknown ids are left out.
    """
    asked = set(space_ids)
    if session.get_bind().dialect.name != "postgresql":
        return houses.spaces_with_parts(session, asked)
    locked: set[int] = set()
    while True:
        locked.update(session.connection().execute(_LOCK, {"ids": [*asked]}).scalars())
        # Read under the lock: while we waited, somebody may have changed spaces or parts.
        found = houses.spaces_with_parts(session, asked)
        if found.keys() <= locked:
            return found


def hold(
    session: Session, claims: Iterable[Claim], *, moves: Mapping[int, int] = MappingProxyType({})
) -> None:
    """Insert the holds of claims, sorted by part, lane and start.

    ``moves`` gives holds of others, by their ids, another lane first.

    Raises:
        sqlalchemy.exc.IntegrityError: The guard refuses an overlap; ``transact``
            turns it into ``GuardRefused``.
    """
    if moves:
        claims = [*claims, *_lifted(session, moves)]
    rows = [
        {
            "part_id": claim.part_id,
            "layer": claim.layer.value,
            "lane": claim.lane,
            "start_s": claim.interval.start,
            "end_s": claim.interval.end,
            "allocation_id": claim.allocation_id,
            "closure_id": claim.closure_id,
            "want_id": claim.want_id,
            "lease_id": claim.lease_id,
        }
        for claim in sorted(claims, key=lambda each: (each.part_id, each.lane, each.interval.start))
    ]
    insert_listed(session.connection(), _HOLD, rows)


def _lifted(session: Session, moves: Mapping[int, int]) -> list[Claim]:
    """Delete holds; return them as claims in their new lanes."""
    gone = (_HOLDS.id, *_FREED, _HOLDS.allocation_id, _HOLDS.closure_id, _HOLDS.want_id)
    rows = session.connection().execute(delete(_HOLD).where(_HOLDS.id.in_(moves)).returning(*gone))
    return [
        Claim(
            row.part_id,
            Interval(row.start_s, row.end_s),
            moves[row.id],
            allocation_id=row.allocation_id,
            closure_id=row.closure_id,
            want_id=row.want_id,
        )
        for row in rows
    ]


def release(session: Session, allocation_ids: Collection[int]) -> list[Claim]:
    """Delete the holds of allocations; return the time that this sets free."""
    if not allocation_ids:
        return []
    return _freed(session.connection().execute(_RELEASE, {"ids": [*allocation_ids]}))


def shorten(session: Session, ends: Mapping[int, datetime]) -> list[Claim]:
    """Let the holds of allocations end earlier, by their ids; return the time that is free then."""
    if not ends:
        return []
    rows = session.connection().execute(_SHORTEN, {"ids": [*ends]}).all()
    kept, freed = list[Claim](), list[Claim]()
    for row in rows:
        held = Claim(row.part_id, Interval(row.start_s, row.end_s), row.lane)
        cut = min(max(ends[row.allocation_id], row.start_s), row.end_s)
        if row.start_s < cut:
            left = Interval(row.start_s, cut)
            kept.append(replace(held, interval=left, allocation_id=row.allocation_id))
        if cut < row.end_s:
            freed.append(replace(held, interval=Interval(cut, row.end_s)))
    hold(session, kept)
    return freed


def release_parts(
    session: Session,
    part_ids: Iterable[int],
    *,
    allocation_ids: Iterable[int],
    closure_ids: Iterable[int],
) -> list[Claim]:
    """Delete the holds that allocations and closures have on some parts; return that time."""
    whose = _HOLDS.allocation_id.in_(allocation_ids) | _HOLDS.closure_id.in_(closure_ids)
    statement = delete(_HOLD).where(_HOLDS.part_id.in_(part_ids), whose)
    return _freed(session.execute(statement.returning(*_FREED)))


def release_closure(session: Session, closure_id: int) -> list[Claim]:
    """Delete the holds of a closure; return the time that this sets free."""
    statement = delete(_TABLES["hold"]).where(_HOLDS.closure_id == closure_id)
    return _freed(session.execute(statement.returning(*_FREED)))


def release_want(session: Session, want_id: int) -> list[Claim]:
    """Delete the holds of a place in the waiting list; return the time that this sets free."""
    return _freed(session.connection().execute(_RELEASE_WANT, {"want_id": want_id}))


def release_lease(session: Session, lease_id: int) -> None:
    """Delete the holds of a lease; nobody waits for what is let."""
    session.execute(delete(_HOLD).where(_HOLDS.lease_id == lease_id))


def divide_let(session: Session, part_id: int, times: int) -> None:
    """Let every lane of a part's leases become ``times`` lanes."""
    whose = (_HOLDS.part_id == part_id) & (_HOLDS.layer == Layer.LET.value)
    gone = (_HOLDS.lane, _HOLDS.start_s, _HOLDS.end_s, _HOLDS.lease_id)
    rows = session.execute(delete(_HOLD).where(whose).returning(*gone)).all()
    claims = (
        Claim(part_id, Interval(row.start_s, row.end_s), lane, lease_id=row.lease_id)
        for row in rows
        for lane in range(row.lane * times, (row.lane + 1) * times)
    )
    hold(session, claims)


def _freed(rows: Iterable[Any]) -> list[Claim]:
    return [Claim(row.part_id, Interval(row.start_s, row.end_s), row.lane) for row in rows]


def next_version(
    session: Session, table: type[Any], row_id: int, version: int, values: Mapping[str, Any]
) -> int:
    """Store values in a row that was seen at ``version``, and return its next one.

    ``table`` is a model with ``id`` and ``version``.

    Raises:
        Stale: If somebody changed the row since.
    """
    result = session.execute(
        update(table)
        .where(table.id == row_id, table.version == version)
        .values(version=version + 1, **values)
    )
    if cast("CursorResult[Any]", result).rowcount != 1:
        raise Stale(version + 1)
    return version + 1


def bump(session: Session, keys: Mapping[CollectionKey, bool], *, uid: str, now: datetime) -> None:
    """Give collections a new revision because of the object ``uid``.

    ``keys`` says for each collection whether the object is gone from it.
    """
    if not keys:
        return
    connection = session.connection()
    rows = as_json((kind, owner_id, gone) for (kind, owner_id), gone in keys.items())
    asked: dict[str, Stored] = {"rows": rows, "uid": uid, "at": int(now.timestamp())}
    for statement in _BUMP[connection.dialect.name]:
        statement.run(connection, asked)


def bump_all(
    session: Session, new: Mapping[CollectionKey, Sequence[str]], *, now: datetime
) -> None:
    """Give collections a new revision for each of the objects, by uid, that are new in them."""
    connection = session.connection()
    keys = [(kind, owner_id, len(uids)) for (kind, owner_id), uids in new.items()]
    bumped = connection.execute(_BUMP_ALL[connection.dialect.name], {"rows": as_json(keys)}).all()
    rows = [
        {
            "collection_id": each.id,
            "revision": revision,
            "uid": uid,
            "gone": False,
            "at_s": now,
        }
        for each in bumped
        for revision, uid in _numbered(each.revision, new[each.kind, each.owner_id])
    ]
    insert_listed(connection, _TABLES["change"], rows)


def _numbered(last: int, uids: Sequence[str]) -> Iterable[tuple[int, str]]:
    """Return the uids with the revisions that end with the last one."""
    return enumerate(uids, last - len(uids) + 1)


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
    row = {
        "at_s": now,
        "actor_id": actor.person_id,
        "door": actor.door.value,
        "verb": verb,
        "entity": entity[0],
        "entity_id": entity[1],
        "old": None if old is None else before,
        "new": None if new is None else after,
    }
    insert_listed(session.connection(), _TABLES["audit"], [row])


def audit_all(
    session: Session,
    actor: Actor,
    verb: str,
    things: Mapping[tuple[str, int], Mapping[str, Any]],
    *,
    now: datetime,
) -> None:
    """Write down one verb for many things that are new, each with its values."""
    same = {"at_s": now, "actor_id": actor.person_id, "door": actor.door.value, "verb": verb}
    rows = [
        {**same, "entity": kind, "entity_id": key, "old": None, "new": dict(new)}
        for (kind, key), new in things.items()
    ]
    if rows:
        session.connection().execute(_AUDIT, rows)


def notify(
    session: Session,
    person_ids: Iterable[int | None],
    code: str,
    params: Mapping[str, Parameter],
    *,
    booking_id: int | None = None,
    now: datetime,
) -> None:
    """Put a message into the inboxes of people, and on its way by mail.

    Datetimes must be naive local times.
    """
    notices = note(session, person_ids, code, params, booking_id=booking_id, now=now)
    outbox.put_all(session, "mail", [{"notice": each} for each in notices], now=now)


def note(
    session: Session,
    person_ids: Iterable[int | None],
    code: str,
    params: Mapping[str, Parameter],
    *,
    booking_id: int | None = None,
    now: datetime,
) -> Sequence[int]:
    """Put a message into the inboxes of people, where it stays; return the ids of the lines."""
    told: Sequence[int] = sorted({each for each in person_ids if each is not None})
    if not told:
        return ()
    plain = {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in params.items()
    }
    rows = [
        {"person_id": each, "code": code, "params": plain, "booking_id": booking_id, "at": now}
        for each in told
    ]
    return session.execute(insert(Notice).returning(Notice.id), rows).scalars().all()
