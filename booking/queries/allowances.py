"""What accounts may have, and what they use."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Date, TextClause, bindparam, func, or_, select, text
from sqlalchemy.orm import Session

from booking.core.allowances import Period, Span, Use, tally
from booking.core.checks import MOST_DAYS
from booking.core.recurrence import to_local
from booking.core.values import Account, Limits, Site
from booking.models import Allowance, Lease, Organisation, Person
from booking.queries.leases import rooms_included

# Built once: building a statement costs more than running it.
_DAY = bindparam("day", type_=Date)
_ROOM_MIN = (
    select(func.sum(Lease.room_min))
    .where(
        Lease.organisation_id == Organisation.id,
        Lease.site_id == bindparam("site_id"),
        Lease.starts <= _DAY,
        or_(Lease.ends.is_(None), Lease.ends >= _DAY),
    )
    .scalar_subquery()
)
_ORGANISATION = (
    select(Organisation.name, Allowance.limits, Allowance.is_own, _ROOM_MIN.label("room_min"))
    .outerjoin(
        Allowance,
        (Allowance.organisation_id == Organisation.id)
        & (Allowance.site_id == bindparam("site_id")),
    )
    .where(Organisation.id == bindparam("id"))
)
_PERSON = select(Person.name).where(Person.id == bindparam("id"))
# NO KEY: a plain FOR UPDATE would fight the foreign keys' locks.
_LOCKED_ORGANISATION = _ORGANISATION.with_for_update(key_share=True, of=Organisation)
_LOCKED_PERSON = _PERSON.with_for_update(key_share=True)

# All that an account has from the first period to the last, by its index: counted by the rules
# themselves.  Counting in the database, period by period, took ten times as long.
_ROWS = """
SELECT {owner}, allocation.start_s, allocation.end_s, space.weight, allocation.occurrence_id
FROM {tables}
WHERE {whose} AND space.site_id = :site_id AND space.weight > 0
 AND allocation.start_s > :first - :longest
 AND allocation.start_s < :last AND allocation.end_s > :first
 AND allocation.state IN ('confirmed', 'requested')
"""
_COMING = """
SELECT {owner}, COUNT(DISTINCT allocation.occurrence_id)
FROM {tables}
WHERE {whose} AND space.site_id = :site_id AND space.weight > 0
 AND allocation.start_s >= :first AND allocation.state IN ('confirmed', 'requested')
GROUP BY {owner}
"""
_LONGEST_S = (MOST_DAYS + 1) * 86_400  # by the wall clock, so an hour more at times


def _statements(owner: str, whose: str) -> tuple[TextClause, TextClause]:
    tables = "allocation JOIN space ON space.id = allocation.space_id"
    rows, coming = (
        text(each.format(owner=f"allocation.{owner}", tables=tables, whose=whose))
        for each in (_ROWS, _COMING)
    )
    if ":owners" not in whose:
        return rows, coming
    owners: BindParameter[int] = bindparam("owners", expanding=True)
    return rows.bindparams(owners), coming.bindparams(owners)


_OF_ORGANISATIONS = _statements("organisation_id", "allocation.organisation_id IN :owners")
_OF_PEOPLE = _statements("person_id", "allocation.person_id IN :owners")
# By the index of each space: all organisations have most of it anyway.
_OF_ALL = _statements("organisation_id", "allocation.organisation_id IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an account, by name, and what it may have."""

    name: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """What an organisation has of its own in a site, None where it is as everybody.

    ``version`` 0: nothing is stored yet.
    """

    limits: Limits | None = None
    version: int = 0


def holder(
    session: Session, account: Account, site: Site, *, now: datetime, lock: bool = False
) -> Holder | None:
    """Return whose account it is in this site; None where there is nobody.

    What the leases of an organisation include takes the place of what fair use does.

    ``lock`` keeps others who book for the account waiting, on PostgreSQL, until the end of
    the transaction; what is read after that is as they left it.
    """
    fair_use = site.policy.fair_use
    connection = session.connection()
    if account.organisation_id is not None:
        query = _LOCKED_ORGANISATION if lock else _ORGANISATION
        today = _today(site, now)
        asked = {"id": account.organisation_id, "site_id": site.id, "day": today}
        row = connection.execute(query, asked).first()
        if row is None:
            return None
        limits = Limits.from_json(row.limits) if row.is_own else fair_use.organisations
        rooms = None if row.room_min is None else timedelta(minutes=int(row.room_min))
        return Holder(row.name, with_rooms(limits, rooms))
    if account.person_id is None:
        return None
    person = _LOCKED_PERSON if lock else _PERSON
    name = connection.execute(person, {"id": account.person_id}).scalar()
    return None if name is None else Holder(name, fair_use.people)


def own_limits(session: Session, organisation_id: int, site_id: int) -> OwnLimits:
    """Return the limits that are stored for an organisation in a site."""
    query = select(Allowance.limits, Allowance.is_own, Allowance.version).where(
        Allowance.organisation_id == organisation_id, Allowance.site_id == site_id
    )
    row = session.execute(query).first()
    if row is None:
        return OwnLimits()
    return OwnLimits(Limits.from_json(row.limits) if row.is_own else None, row.version)


def all_limits(session: Session, site: Site, first: date, last: date) -> dict[int, Limits]:
    """Return the limits of each organisation that has its own in this site, by lease or by rule.

    Leases are those of the days from ``first`` to ``last``.  Two statements.
    """
    query = select(Allowance.organisation_id, Allowance.limits).where(
        Allowance.site_id == site.id, Allowance.is_own
    )
    own = {row.organisation_id: Limits.from_json(row.limits) for row in session.execute(query)}
    usual = site.policy.fair_use.organisations
    for organisation_id, rooms in rooms_included(session, site.id, first, last).items():
        own[organisation_id] = with_rooms(own.get(organisation_id, usual), rooms)
    return own


def with_rooms(limits: Limits, rooms: timedelta | None) -> Limits:
    """Return limits with the hours that leases include, None being none that they name.

    A limit of the hours a month is never below what the rent includes.
    """
    if rooms is None:
        return limits
    most = limits.month_hours
    return replace(limits, included=rooms, month_hours=None if most is None else max(most, rooms))


def _today(site: Site, now: datetime) -> date:
    return to_local(now, site.zone).date()


def use_of(
    session: Session, account: Account, periods: Sequence[Period], *, site_id: int
) -> dict[Period, Use]:
    """Return what an account uses of a site in each period; at most two statements."""
    if account.organisation_id is not None:
        found = use_of_organisations(session, [account.organisation_id], periods, site_id=site_id)
    else:
        owners = [] if account.person_id is None else [account.person_id]
        found = _used(session, _OF_PEOPLE, periods, site_id=site_id, owners=owners)
    return next(iter(found.values()), {})


def use_of_organisations(
    session: Session, ids: Iterable[int], periods: Sequence[Period], *, site_id: int
) -> dict[int, dict[Period, Use]]:
    """Return organisation id -> what it uses of a site in each period; at most two statements."""
    return _used(session, _OF_ORGANISATIONS, periods, site_id=site_id, owners=[*ids])


def use_of_all(
    session: Session, periods: Sequence[Period], *, site_id: int
) -> dict[int, dict[Period, Use]]:
    """Return the same for all organisations that use something."""
    return _used(session, _OF_ALL, periods, site_id=site_id)


def _used(
    session: Session,
    statements: tuple[TextClause, TextClause],
    periods: Sequence[Period],
    **params: Any,
) -> dict[int, dict[Period, Use]]:
    connection, (rows, coming) = session.connection(), statements
    by_owner: defaultdict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    counted = [each for each in periods if each.span is not Span.COMING]
    if counted:
        first, last = (
            min(each.time.start for each in counted),
            max(each.time.end for each in counted),
        )
        window = {"first": _seconds(first), "last": _seconds(last), "longest": _LONGEST_S}
        for owner, *row in connection.execute(rows, window | params):
            by_owner[owner].append((row[0], row[1], row[2], row[3]))
    found = {owner: tally(own, counted) for owner, own in by_owner.items()}
    for period in periods:
        if period.span is Span.COMING:
            since = {"first": _seconds(period.time.start)}
            for owner, dates in connection.execute(coming, since | params):
                found.setdefault(owner, {})[period] = Use(dates=dates)
    return found


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
