"""The bookings of a calendar, with what tells a version of them from others.

Open dates alone count: what is cancelled is gone.
"""

from collections.abc import Iterable, Mapping
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
from booking.core.intervals import Interval
from booking.core.values import State, Visibility
from booking.db import Plain, Stored, as_json, listed
from booking.models import Allocation, Booking, CalendarObject, Occurrence, Organisation, Person
from booking.models.bookings import IS_LONG, LONG_S
from booking.queries.dav.revisions import Key
from booking.queries.feed import Wanted

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


def within(listing: Listing) -> Any:
    """Return, in SQL, which allocations a booking of this calendar is shown with."""
    near: Any = true()
    if listing.spaces:
        near = Allocation.space_id.in_(listing.spaces)
    if listing.key[0] == "programme":
        near &= Allocation.state == State.CONFIRMED.value
    return near
