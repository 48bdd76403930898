"""What a calendar of DAV has in it: bookings with their versions, and what has changed since.

A calendar is named as collections are stored: ``space``, ``person``,
``organisation`` and ``programme``, with the id of the space, person,
organisation or site.  Open dates alone count: what is cancelled is gone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import (
    Select,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    text,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from booking.core.frozen import frozen
from booking.core.intervals import Interval, merge
from booking.core.values import State, Visibility
from booking.db import Plain, Stored, as_json, listed
from booking.models import (
    Allocation,
    Booking,
    CalendarObject,
    Hold,
    Occurrence,
    Organisation,
    Person,
)
from booking.models import Space as SpaceRow
from booking.models.bookings import IS_LONG, LONG_S
from booking.queries.feed import Wanted

Key = tuple[str, int]  # kind and owner of a collection
KINDS = ("space", "person", "organisation", "programme")

_B, _O, _A, _SENT = (
    model.__table__.c for model in (Booking, Occurrence, Allocation, CalendarObject)
)
_IS_LONG = text(
    IS_LONG.replace("end_s", "allocation.end_s").replace("start_s", "allocation.start_s")
)
_OPEN = _A.state.in_([literal(each.value, literal_execute=True) for each in State if each.is_open])
_CONFIRMED = _A.state == literal(State.CONFIRMED.value, literal_execute=True)
_OWNER: Any = bindparam("owner")
_SPACES: Any = bindparam("spaces", expanding=True)
_SINCE: Any = bindparam("since", type_=_A.start_s.type)
_BEFORE: Any = bindparam("before", type_=_A.start_s.type)
_A_DAY = timedelta(seconds=LONG_S)
_VISIBILITIES = {each.value: each for each in Visibility}
_EVER = datetime(1, 1, 3, tzinfo=UTC)
_fromtimestamp = datetime.fromtimestamp


@frozen()
class Member:
    """A booking as a calendar lists it; ``space_id`` is the calendar's own space, 0 without one.

    ``people`` and ``organisations`` are the versions of its organiser and organisation.
    ``href`` is the name that the reader's own programs gave it, ``digest`` that of what they
    sent last, which says all of it at ``sent_version``; empty where they never did.
    ``is_member``: whether it is in the calendar (any more).
    """

    booking_id: int
    uid: str
    site_id: int
    space_id: int
    version: int
    updated_at: datetime
    visibility: Visibility
    organiser_id: int | None
    created_by_id: int | None
    organisation_id: int | None
    people: int
    organisations: int
    href: str
    sent_version: int
    digest: str
    is_member: bool


@dataclass(frozen=True, slots=True)
class Revision:
    """Where a collection is; what changed before ``oldest`` is not known any more."""

    collection_id: int
    current: int
    oldest: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Which calendar: its key, and for a space all that share a part with it (for a site: all).

    ``reader`` is the person who reads it, 0 for anybody.
    """

    key: Key
    spaces: tuple[int, ...] = ()
    reader: int = 0

    @property
    def collections(self) -> tuple[Key, ...]:
        """The collections whose revisions are its own."""
        kind, owner = self.key
        return tuple((kind, each) for each in self.spaces) if kind == "space" else ((kind, owner),)


def _near(kind: str) -> Any:
    """Say, in SQL, that an allocation is one of the calendar's."""
    if kind == "space":
        return _A.space_id.in_(_SPACES) & _OPEN
    if kind == "programme":
        return _A.space_id.in_(_SPACES) & _CONFIRMED
    return _OPEN


def _whose(kind: str) -> Any:
    """Say, in SQL, that a booking may be in the calendar."""
    if kind == "person":
        return or_(_B.organiser_id == _OWNER, _B.created_by_id == _OWNER)
    if kind == "organisation":
        return _B.organisation_id == _OWNER
    if kind == "programme":
        public = literal(Visibility.PUBLIC.value, literal_execute=True)
        return (_B.site_id == _OWNER) & (_B.visibility == public)
    return true()


def _has_date(kind: str, *conditions: Any) -> Any:
    return (
        select(_A.id)
        .join(Occurrence.__table__, _O.id == _A.occurrence_id)
        .where(_O.booking_id == _B.id, _near(kind), *conditions)
        .correlate(Booking.__table__)
        .exists()
    )


def _with_dates(kind: str) -> Select[Any]:
    """Return the ids of bookings with a date in the window, by the index of their spaces."""
    within = (_near(kind), _A.start_s < _BEFORE, _A.end_s > _SINCE)
    # Two index ranges: what starts near enough, and the few that last longer than a day.
    usual = select(_A.occurrence_id).where(
        *within, _A.start_s > bindparam("soon", type_=_SINCE.type)
    )
    long = select(_A.occurrence_id).where(*within, _IS_LONG)
    found = union_all(usual, long).subquery()
    return select(_O.booking_id).where(_O.id.in_(select(found.c.occurrence_id)))


def _members(is_member: Any) -> Select[Any]:
    stored: Any = _B.updated_s.type
    updated = type_coerce(_B.updated_s, stored.impl)
    return (
        select(
            _B.id,
            _B.uid,
            _B.site_id,
            _B.version,
            updated,
            _B.visibility,
            _B.organiser_id,
            _B.created_by_id,
            _B.organisation_id,
            func.coalesce(Person.__table__.c.version, 0),
            func.coalesce(Organisation.__table__.c.version, 0),
            func.coalesce(_SENT.href, ""),
            func.coalesce(_SENT.version, 0),
            func.coalesce(_SENT.digest, ""),
            is_member,
        )
        .select_from(Booking.__table__)
        .outerjoin(Person.__table__, Person.__table__.c.id == _B.organiser_id)
        .outerjoin(Organisation.__table__, Organisation.__table__.c.id == _B.organisation_id)
        .outerjoin(
            CalendarObject.__table__,
            (_SENT.booking_id == _B.id) & (_SENT.person_id == bindparam("reader")),
        )
        .order_by(_B.id)
    )


@lru_cache(maxsize=len(KINDS))
def _in_window(kind: str) -> Select[Any]:
    query = _members(literal(value=True)).where(_B.id > bindparam("after"))
    return query.where(_whose(kind), _is_in_window(kind))


def _is_in_window(kind: str) -> Any:
    if kind in ("space", "programme"):
        return _B.id.in_(_with_dates(kind))
    return _has_date(kind, _A.start_s < _BEFORE, _A.end_s > _SINCE)


def in_window(listing: Listing, window: Interval) -> Wanted:
    """Want the bookings of a calendar with a date that overlaps the window."""
    kind, _owner = listing.key
    ids = select(_B.id).where(_whose(kind), _is_in_window(kind))
    asked = {**_params(listing), **_times(window)}
    return Wanted(ids.params(asked), within(listing))


By = Literal["id", "uid"]


@lru_cache(maxsize=4 * len(KINDS))
def _asked(kind: str, dialect: str, by: By) -> Select[Any]:
    column = _B.uid if by == "uid" else _B.id
    asked = text(listed(dialect, {by: str if by == "uid" else int})).columns(column)
    is_member = case((_whose(kind) & _has_date(kind), True), else_=False)
    return _members(is_member).where(column.in_(asked))


def members(
    session: Session, listing: Listing, window: Interval, *, after: int = 0
) -> list[Member]:
    """Return the bookings of a calendar with a date that overlaps the window; one statement.

    Ordered by id, those with a greater one than ``after``.
    """
    times = {**_times(window), "after": after}
    return _read(session, _in_window(listing.key[0]), listing, times)


def _times(window: Interval) -> dict[str, datetime]:
    soon = max(window.start, _EVER) - _A_DAY
    return {"since": window.start, "before": window.end, "soon": soon}


def members_by_id(session: Session, listing: Listing, ids: Iterable[int]) -> list[Member]:
    """Return these bookings, whether they are in the calendar or not; one statement."""
    return _by(session, listing, ids, "id")


def members_by_uid(session: Session, listing: Listing, uids: Iterable[str]) -> list[Member]:
    """Return the bookings with these UIDs, in the calendar or not; one statement."""
    return _by(session, listing, uids, "uid")


def has_uid(session: Session, uid: str) -> bool:
    """Whether any booking has this UID; one statement."""
    return bool(_HAS_UID.run(session.connection(), {"uid": uid}))


_HAS_UID = Plain("SELECT 1 FROM booking WHERE uid = :uid")


def ids_named(session: Session, reader: int, hrefs: Iterable[str]) -> list[int]:
    """Return the bookings that a person's programs gave these names; one statement."""
    rows = [[each] for each in hrefs]
    if not rows:
        return []
    asked: dict[str, Stored] = {"reader": reader, "rows": as_json(rows)}
    return [booking_id for (booking_id,) in _NAMED.run(session.connection(), asked)]


_NAMED = Plain(
    {
        dialect: "SELECT booking_id FROM calendar_object WHERE person_id = :reader AND href <> ''"
        f" AND href IN ({listed(dialect, {'href': str})})"
        for dialect in ("sqlite", "postgresql")
    }
)


def _by(session: Session, listing: Listing, values: Iterable[object], by: By) -> list[Member]:
    rows = [[each] for each in values]
    if not rows:
        return []
    statement = _asked(listing.key[0], session.get_bind().dialect.name, by)
    return _read(session, statement, listing, {"rows": as_json(rows)})


def _read(
    session: Session, statement: Select[Any], listing: Listing, params: Mapping[str, Any]
) -> list[Member]:
    kind, owner = listing.key
    asked = {**params, **_params(listing)}
    space_id = owner if kind == "space" else 0
    return [
        Member(
            booking_id,
            uid,
            site_id,
            space_id,
            version,
            _fromtimestamp(updated, UTC),
            _VISIBILITIES[visibility],
            organiser_id,
            created_by_id,
            organisation_id,
            people,
            organisations,
            href,
            sent_version,
            digest,
            bool(is_member),
        )
        for (
            booking_id, uid, site_id, version, updated, visibility, organiser_id, created_by_id,
            organisation_id, people, organisations, href, sent_version, digest, is_member,
        ) in session.connection().execute(statement, asked)
    ]  # fmt: skip


def _params(listing: Listing) -> dict[str, Any]:
    kind, owner = listing.key
    params: dict[str, Any] = {"reader": listing.reader}
    if kind == "space":
        return params | {"spaces": list(listing.spaces)}
    if kind == "programme":
        return params | {"owner": owner, "spaces": list(listing.spaces)}
    return params | {"owner": owner}


_PEOPLE = select(
    *(
        select(func.coalesce(func.sum(table.version), 0)).scalar_subquery()
        for table in (Person, Organisation)
    )
)


def people_state(session: Session) -> tuple[int, ...]:
    """Return what changes with the name of any person or organisation; one statement."""
    return tuple(map(int, session.connection().execute(_PEOPLE).one()))


def within(listing: Listing) -> Any:
    """Return, in SQL, which allocations a booking of this calendar is shown with."""
    near: Any = true()
    if listing.spaces:
        near = Allocation.space_id.in_(listing.spaces)
    if listing.key[0] == "programme":
        near &= Allocation.state == State.CONFIRMED.value
    return near


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


_HELD = (
    select(
        Hold.part_id,
        Hold.lane,
        Hold.start,
        Hold.end,
        Allocation.state,
        Hold.allocation_id,
        Hold.closure_id,
    )
    .outerjoin(Allocation, Allocation.id == Hold.allocation_id)
    .where(Hold.layer == "use", Hold.start < _BEFORE, Hold.end > _SINCE)
)
_OF_PARTS = _HELD.where(Hold.part_id.in_(bindparam("parts", expanding=True)))
_OF_BOOKINGS = (
    select(Allocation.state, Hold.start, Hold.end)
    .select_from(Booking)
    .join(Occurrence, Occurrence.booking_id == Booking.id)
    .join(Allocation, Allocation.occurrence_id == Occurrence.id)
    .join(Hold, Hold.allocation_id == Allocation.id)
    .where(Hold.start < _BEFORE, Hold.end > _SINCE)
)


@dataclass(frozen=True, slots=True)
class Taken:
    """Time that is taken: for sure, by a request, or because of a closure."""

    confirmed: list[Interval]
    requested: list[Interval]
    closed: list[Interval]


def taken_in(session: Session, parts: Mapping[int, int], window: Interval) -> Taken:
    """Return when a space cannot be had, from what holds its parts; one statement.

    ``parts`` has the number of lanes of each: a part is taken where all of them are.
    Buffers are in it, as nobody else can have them either.
    """
    return taken_of(held_in(session, parts, window), parts)


def held_in(session: Session, part_ids: Iterable[int], window: Interval) -> Sequence[Any]:
    """Return what holds parts in a time, as ``taken_of`` reads it; one statement."""
    times = {"since": window.start, "before": window.end, "parts": [*part_ids]}
    return session.execute(_OF_PARTS, times).all()


def taken_of(rows: Iterable[Any], parts: Mapping[int, int]) -> Taken:
    """Return when a space with these parts, and the lanes of each, cannot be had."""
    kinds: dict[tuple[int, str], dict[int, list[Interval]]] = {}
    for part, lane, start, end, state, allocation, closure in rows:
        if part not in parts:
            continue
        if closure is not None:
            kind = "closed"
        elif allocation is not None and state == State.CONFIRMED.value:
            kind = "confirmed"
        else:
            kind = "requested"
        kinds.setdefault((part, kind), {}).setdefault(lane, []).append(Interval(start, end))
    found = Taken([], [], [])
    for (part, kind), lanes in kinds.items():
        getattr(found, kind).extend(_in_all(lanes, parts[part]))
    for part, number in parts.items():
        if number > 1:  # one lane by a booking, the other by a request
            every = [lanes for (each, _kind), lanes in kinds.items() if each == part]
            together = {
                lane: [at for some in every for at in some.get(lane, ())] for lane in range(number)
            }
            found.requested.extend(_in_all(together, number))
    return found


def _in_all(lanes: Mapping[int, list[Interval]], number: int) -> list[Interval]:
    """Return when all lanes are taken."""
    if number == 1:
        return [each for some in lanes.values() for each in some]
    edges = sorted(
        (at, step)
        for some in lanes.values()
        for each in merge(some)
        for at, step in ((each.start, 1), (each.end, -1))
    )
    full, depth, since = list[Interval](), 0, _EVER
    for at, step in edges:
        if depth == number and step < 0 and since < at:
            full.append(Interval(since, at))
        depth += step
        if depth == number:
            since = at
    return full


def taken_by(session: Session, key: Key, window: Interval) -> Taken:
    """Return when a person or an organisation has something booked, from what is held."""
    kind, owner = key
    whose = (
        or_(Booking.organiser_id == owner, Booking.created_by_id == owner)
        if kind == "person"
        else Booking.organisation_id == owner
    )
    found = Taken([], [], [])
    times = {"since": window.start, "before": window.end}
    for state, start, end in session.execute(_OF_BOOKINGS.where(whose), times):
        into = found.confirmed if state == State.CONFIRMED.value else found.requested
        into.append(Interval(start, end))
    return found


def room_lanes(session: Session, part_ids: Iterable[int]) -> dict[int, int]:
    """Return part id -> how many bookings it admits at a time; one statement."""
    query = select(SpaceRow.id, SpaceRow.lanes).where(SpaceRow.id.in_([*part_ids]))
    return {row[0]: row[1] for row in session.execute(query)}
