"""Leases, and what they hold."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, Row, bindparam, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from booking.core.errors import NotFound
from booking.core.intervals import Interval
from booking.core.leases import most_at_once
from booking.core.values import Document, Hold, Layer, LeaseView, Tenancy
from booking.models import Lease, Organisation, Space

_DAY = bindparam("day", type_=Date)
_LEASE = (
    select(
        Lease.id,
        Lease.site_id,
        Lease.space_id,
        Space.name.label("space_name"),
        Lease.organisation_id,
        Organisation.name.label("organisation_name"),
        Lease.starts,
        Lease.ends,
        Lease.share,
        Lease.shares,
        Lease.weekdays,
        Lease.area_m2,
        Lease.rent_m2,
        Lease.includes,
        Lease.room_min,
        Lease.months_notice,
        Lease.documents,
        Lease.note,
        Lease.follows_id,
        Lease.version,
    )
    .join(Space, Space.id == Lease.space_id)
    .join(Organisation, Organisation.id == Lease.organisation_id)
)
_IN_ORDER = (Space.position, Space.id, Lease.starts, Lease.id)
_NOT_OVER = or_(Lease.ends.is_(None), Lease.ends >= _DAY)
_BY_ID = _LEASE.where(Lease.id.in_(bindparam("ids", expanding=True)))
_OF_SITE = _LEASE.where(Lease.site_id == bindparam("site_id")).order_by(*_IN_ORDER)
_AT = _OF_SITE.where(Lease.starts <= _DAY, _NOT_OVER)
_WITHIN = _OF_SITE.where(Lease.starts <= bindparam("last", type_=Date), _NOT_OVER)
_OF_ORGANISATIONS = _LEASE.where(
    Lease.organisation_id.in_(bindparam("ids", expanding=True))
).order_by(*_IN_ORDER)
_SUCCESSORS = _LEASE.where(Lease.follows_id == bindparam("id")).order_by(Lease.starts, Lease.id)
LONGEST_NOTICE = timedelta(days=1_500)
_after = aliased(Lease)
_ENDING = (
    _LEASE.add_columns(Lease.end_told, Lease.notice_told)
    .where(Lease.ends >= _DAY, Lease.ends <= bindparam("last", type_=Date))
    .where(~exists().where(_after.follows_id == Lease.id))
    .order_by(*_IN_ORDER)
)
_ROOMS = select(Lease.organisation_id, Lease.starts, Lease.ends, Lease.room_min).where(
    Lease.site_id == bindparam("site_id"),
    Lease.room_min.is_not(None),
    Lease.starts <= bindparam("last", type_=Date),
    _NOT_OVER,
)
# Today is not the same day in all houses, so a day is added for the latest of them.
_OPEN = select(func.count(Lease.id)).where(_NOT_OVER)
_OPEN_OF_ORGANISATION = _OPEN.where(Lease.organisation_id == bindparam("id"))
_OPEN_OF_SPACES = _OPEN.where(Lease.space_id.in_(bindparam("ids", expanding=True)))
_TENANCIES = text(
    "SELECT DISTINCT hold.part_id, hold.start_s, hold.end_s, organisation.id, organisation.name"
    " FROM hold JOIN lease ON lease.id = hold.lease_id"
    " JOIN organisation ON organisation.id = lease.organisation_id"
    f" WHERE hold.part_id IN :parts AND hold.layer = '{Layer.LET.value}'"
    " AND hold.start_s < :end AND hold.end_s > :start ORDER BY hold.part_id, hold.start_s"
).bindparams(bindparam("parts", expanding=True))
# Those of some weekdays are held for a time only, as they are an interval a week.
_TO_GO_ON = text(
    "SELECT lease.id FROM lease JOIN hold ON hold.lease_id = lease.id"
    " WHERE lease.ends IS NULL AND CAST(lease.weekdays AS TEXT) <> '[]'"
    " GROUP BY lease.id HAVING MAX(hold.end_s) < :until ORDER BY lease.id"
)
_HELD_UNTIL = text("SELECT MAX(end_s) FROM hold WHERE lease_id = :id")
_LET = text(
    "SELECT id, part_id, lane, start_s, end_s, lease_id FROM hold"
    f" WHERE part_id IN :parts AND layer = '{Layer.LET.value}'"
    " AND start_s < :end AND end_s > :start ORDER BY part_id, start_s, lane"
).bindparams(bindparam("parts", expanding=True))


def leases_at(session: Session, site_id: int, day: date) -> list[LeaseView]:
    """Return what is let in a site on a local day, by the order of spaces; one statement.

    A lease of some weekdays is among them on those days only.
    """
    rows = session.connection().execute(_AT, {"site_id": site_id, "day": day})
    return [each for each in map(_view, rows) if each.is_let_on(day)]


def leases_within(session: Session, site_id: int, first: date, last: date) -> list[LeaseView]:
    """Return the leases of a site that run on some day from ``first`` to ``last``, by space.

    One statement; each is whole, whatever lies outside.
    """
    asked = {"site_id": site_id, "day": first, "last": last}
    return [_view(row) for row in session.connection().execute(_WITHIN, asked)]


def leases_of_site(session: Session, site_id: int) -> list[LeaseView]:
    """Return all leases that a site ever had, by space, then by time; one statement."""
    return [_view(row) for row in session.connection().execute(_OF_SITE, {"site_id": site_id})]


def leases_of_organisations(session: Session, ids: Collection[int]) -> list[LeaseView]:
    """Return all leases that organisations ever had, by space, then by time; one statement."""
    if not ids:
        return []
    rows = session.connection().execute(_OF_ORGANISATIONS, {"ids": [*ids]})
    return [_view(row) for row in rows]


def lease(session: Session, lease_id: int) -> LeaseView:
    """Return one lease.

    Raises:
        NotFound: If there is none with this id.
    """
    found = leases_by_id(session, [lease_id]).get(lease_id)
    if found is None:
        raise NotFound("lease", lease_id)
    return found


def leases_by_id(session: Session, ids: Iterable[int]) -> dict[int, LeaseView]:
    """Return lease id -> view; unknown ids are left out."""
    asked = {*ids}
    if not asked:
        return {}
    rows = session.connection().execute(_BY_ID, {"ids": [*asked]})
    return {view.id: view for view in map(_view, rows)}


def successors(session: Session, lease_id: int) -> list[LeaseView]:
    """Return the leases that follow one, by their start."""
    return [_view(row) for row in session.connection().execute(_SUCCESSORS, {"id": lease_id})]


def leases_to_remind_of(session: Session, *, now: datetime) -> list[tuple[LeaseView, bool, bool]]:
    """Return leases that end within the longest notice and that nothing follows, by space.

    Each with whether people were told of this end, and of the last day to give notice.
    """
    asked = {"day": _earliest_today(now), "last": now.date() + LONGEST_NOTICE}
    return [
        (_view(row), row.end_told == row.ends, row.notice_told == row.ends)
        for row in session.connection().execute(_ENDING, asked)
    ]


def rooms_included(session: Session, site_id: int, first: date, last: date) -> dict[int, timedelta]:
    """Return organisation id -> the most time of rooms a month that its leases include at once.

    Of the leases that say so and run on some day from ``first`` to ``last``;
    those that follow each other do not add up.  One statement.
    """
    asked = {"site_id": site_id, "day": first, "last": last}
    found: defaultdict[int, list[tuple[date, date | None, int]]] = defaultdict(list)
    for key, starts, ends, length in session.connection().execute(_ROOMS, asked):
        if length is not None:
            found[key].append((starts, ends, length))
    return {
        key: timedelta(minutes=most_at_once(runs, first, last) or 0) for key, runs in found.items()
    }


def open_leases_of_organisation(session: Session, organisation_id: int, *, now: datetime) -> int:
    """Return how many leases of an organisation are current or coming."""
    asked = {"id": organisation_id, "day": _earliest_today(now)}
    return int(session.connection().execute(_OPEN_OF_ORGANISATION, asked).scalar_one())


def open_leases_of_spaces(session: Session, space_ids: Collection[int], *, now: datetime) -> int:
    """Return how many leases of spaces, by their own ids, are current or coming."""
    asked = {"ids": [*space_ids], "day": _earliest_today(now)}
    return int(session.connection().execute(_OPEN_OF_SPACES, asked).scalar_one())


def let_holds(session: Session, part_ids: Iterable[int], span: Interval) -> list[Hold]:
    """Return what leases hold of parts within a time, by part, start and lane."""
    rows = session.connection().execute(_LET, _bounds(part_ids, span))
    return [_hold(row) for row in rows]


def tenancies(session: Session, part_ids: Iterable[int], span: Interval) -> list[Tenancy]:
    """Return when parts are let to whom, within a time, by part and start; one statement."""
    rows = session.connection().execute(_TENANCIES, _bounds(part_ids, span))
    return [
        Tenancy(part_id, _interval(start_s, end_s), organisation_id, name)
        for part_id, start_s, end_s, organisation_id, name in rows
    ]


def leases_to_go_on(session: Session, *, until: datetime) -> list[int]:
    """Return the ids of leases without an end that hold no day after ``until``, the oldest first.

    These are leases of some weekdays.
    """
    asked = {"until": int(until.timestamp())}
    return [*session.connection().execute(_TO_GO_ON, asked).scalars()]


def held_until(session: Session, lease_id: int) -> datetime | None:
    """Return when the last day that a lease holds is over, None where it holds none."""
    found = session.connection().execute(_HELD_UNTIL, {"id": lease_id}).scalar()
    return None if found is None else datetime.fromtimestamp(found, UTC)


def let_lanes(session: Session, part_ids: Iterable[int]) -> dict[int, int]:
    """Return part id -> in how many shares it is let."""
    query = select(Space.id, Space.let_lanes).where(Space.id.in_(set(part_ids)))
    return {row.id: row.let_lanes for row in session.execute(query)}


def _earliest_today(now: datetime) -> date:
    return (now - timedelta(hours=12)).date()


def _bounds(part_ids: Iterable[int], span: Interval) -> dict[str, Any]:
    return {
        "parts": [*set(part_ids)],
        "start": int(span.start.timestamp()),
        "end": int(span.end.timestamp()),
    }


def _interval(start_s: int, end_s: int) -> Interval:
    return Interval(datetime.fromtimestamp(start_s, UTC), datetime.fromtimestamp(end_s, UTC))


def _hold(row: Row[*tuple[Any, ...]]) -> Hold:
    when = _interval(row.start_s, row.end_s)
    return Hold(row.part_id, when, Layer.LET, row.lane, lease_id=row.lease_id, id=row.id)


def _view(row: Row[*tuple[Any, ...]]) -> LeaseView:
    return LeaseView(
        id=row.id,
        site_id=row.site_id,
        space_id=row.space_id,
        space_name=row.space_name,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        starts=row.starts,
        ends=row.ends,
        share=row.share,
        shares=row.shares,
        weekdays=frozenset(row.weekdays),
        area_m2=row.area_m2,
        rent_m2=row.rent_m2,
        includes=frozenset(row.includes),
        rooms=None if row.room_min is None else timedelta(minutes=row.room_min),
        months_notice=row.months_notice,
        documents=tuple(Document(each["title"], each["url"]) for each in row.documents),
        note=row.note,
        follows_id=row.follows_id,
        version=row.version,
    )
