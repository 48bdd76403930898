"""Where calendars are: their revisions, what changed since one, and the names that people have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from booking.db import as_json, listed
from booking.models import Organisation, Person

Key = tuple[str, int]  # kind and owner of a collection


@dataclass(frozen=True, slots=True)
class Revision:
    """Where a collection is; what changed before ``oldest`` is not known any more."""

    collection_id: int
    current: int
    oldest: int


_REVISIONS = """
SELECT collection.kind, collection.owner_id, collection.id, collection.revision,
  (SELECT min(change.revision) FROM change WHERE change.collection_id = collection.id)
FROM ({rows}) AS asked
JOIN collection ON collection.kind = asked.kind AND collection.owner_id = asked.owner_id
"""
_CHANGES = """
SELECT change.collection_id, change.revision, change.uid FROM ({rows}) AS asked
JOIN change ON change.collection_id = asked.id AND change.revision > asked.revision
ORDER BY change.collection_id, change.revision
"""


@lru_cache(maxsize=2)
def _revisions(dialect: str) -> Any:
    return text(_REVISIONS.format(rows=listed(dialect, {"kind": str, "owner_id": int})))


@lru_cache(maxsize=2)
def _changes(dialect: str) -> Any:
    return text(_CHANGES.format(rows=listed(dialect, {"id": int, "revision": int})))


def revisions(session: Session, keys: Iterable[Key]) -> dict[Key, Revision]:
    """Return where collections are; those without any change yet are left out; one statement."""
    statement = _revisions(session.get_bind().dialect.name)
    rows = session.connection().execute(statement, {"rows": as_json(set(keys))})
    return {
        (kind, owner): Revision(collection_id, current, current + 1 if oldest is None else oldest)
        for kind, owner, collection_id, current, oldest in rows
    }


def changes(session: Session, since: Mapping[int, int]) -> list[tuple[int, int, str]]:
    """Return what changed in collections after a revision of each, by collection and revision.

    As ``(collection id, revision, uid)``, the same uid as often as it changed; one statement.
    """
    statement = _changes(session.get_bind().dialect.name)
    rows = session.connection().execute(statement, {"rows": as_json(since.items())})
    return [(collection_id, revision, uid) for collection_id, revision, uid in rows]


_PEOPLE = select(
    *(
        select(func.coalesce(func.sum(table.version), 0)).scalar_subquery()
        for table in (Person, Organisation)
    )
)


def people_state(session: Session) -> tuple[int, ...]:
    """Return what changes with the name of any person or organisation; one statement."""
    return tuple(map(int, session.connection().execute(_PEOPLE).one()))
