"""What accounts may have, and what they use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import TextClause, bindparam, select, text
from sqlalchemy.orm import Session

from booking.core.allowances import WHOLE, Period, Use
from booking.core.checks import MOST_DAYS
from booking.core.values import Account, Limits, Site
from booking.db import as_json, listed
from booking.models import Allowance, Organisation, Person

NOTHING = timedelta(0)

# Built once: building a statement costs more than running it.
_ORGANISATION = (
    select(Organisation.name, Allowance.limits, Allowance.is_own)
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

_SLICE = {"number": int, "is_peak": bool, "start_s": int, "end_s": int}
# From the slices, by the index of the account: the cost is that of what it has in them.
_USE = """
SELECT {owner}, slices.number, slices.is_peak,
       SUM(space.weight * ({least}(allocation.end_s, slices.end_s)
                           - {greatest}(allocation.start_s, slices.start_s))) AS weighted,
       COUNT(DISTINCT CASE WHEN allocation.start_s >= slices.start_s
                           THEN allocation.occurrence_id END) AS dates
FROM ({slices}) AS slices
CROSS JOIN {accounts}
JOIN allocation ON {allocation_owner} = {owner}
 AND allocation.start_s > slices.start_s - :longest
 AND allocation.start_s < slices.end_s AND allocation.end_s > slices.start_s
JOIN space ON space.id = allocation.space_id AND space.site_id = :site_id AND space.weight > 0
WHERE allocation.state IN ('confirmed', 'requested')
GROUP BY {owner}, slices.number, slices.is_peak
"""
LONGEST_S = (MOST_DAYS + 1) * 86_400  # by the wall clock, so an hour more at times


def _use_statements(accounts: str, owner: str, allocation_owner: str) -> dict[str, TextClause]:
    functions = {"sqlite": ("MIN", "MAX"), "postgresql": ("LEAST", "GREATEST")}
    return {
        dialect: text(
            _USE.format(
                owner=owner,
                accounts=accounts,
                allocation_owner=allocation_owner,
                least=least,
                greatest=greatest,
                slices=listed(dialect, _SLICE),
            )
        )
        for dialect, (least, greatest) in functions.items()
    }


_ONE = "(SELECT CAST(:owner AS bigint) AS id) AS owner"
_OF_ORGANISATION = _use_statements(_ONE, "owner.id", "allocation.organisation_id")
_OF_PERSON = _use_statements(_ONE, "owner.id", "allocation.person_id")
_OF_ALL = _use_statements("organisation", "organisation.id", "allocation.organisation_id")


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


def holder(session: Session, account: Account, site: Site, *, lock: bool = False) -> Holder | None:
    """Return whose account it is in this site; None where there is nobody.

    ``lock`` keeps others who book for the account waiting, on PostgreSQL, until the end of
    the transaction; what is read after that is as they left it.
    """
    fair_use = site.policy.fair_use
    connection = session.connection()
    if account.organisation_id is not None:
        query = _LOCKED_ORGANISATION if lock else _ORGANISATION
        asked = {"id": account.organisation_id, "site_id": site.id}
        row = connection.execute(query, asked).first()
        if row is None:
            return None
        limits = Limits.from_json(row.limits) if row.is_own else fair_use.organisations
        return Holder(row.name, limits)
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


def all_limits(session: Session, site: Site) -> dict[int, Limits]:
    """Return the limits of each organisation that has its own in this site."""
    query = select(Allowance.organisation_id, Allowance.limits).where(
        Allowance.site_id == site.id, Allowance.is_own
    )
    return {row.organisation_id: Limits.from_json(row.limits) for row in session.execute(query)}


def use_of(
    session: Session, account: Account, periods: Sequence[Period], *, site_id: int
) -> dict[Period, Use]:
    """Return what an account uses of a site in each period; one statement."""
    by_organisation = account.organisation_id is not None
    statements = _OF_ORGANISATION if by_organisation else _OF_PERSON
    owner = account.organisation_id if by_organisation else account.person_id
    found = _used(session, statements, periods, site_id=site_id, owner=owner)
    return next(iter(found.values()), {})


def use_of_all(
    session: Session, periods: Sequence[Period], *, site_id: int
) -> dict[int, dict[Period, Use]]:
    """Return organisation id -> what it uses of a site in each period; one statement."""
    return _used(session, _OF_ALL, periods, site_id=site_id)


def _used(
    session: Session,
    statements: Mapping[str, TextClause],
    periods: Sequence[Period],
    **params: Any,
) -> dict[int, dict[Period, Use]]:
    if not periods:
        return {}
    slices = [
        (number, is_peak, _seconds(each.start), _seconds(each.end))
        for number, period in enumerate(periods)
        for is_peak, times in ((False, [period.time]), (True, period.peaks))
        for each in times
    ]
    connection = session.connection()
    rows = connection.execute(
        statements[connection.dialect.name],
        {"rows": as_json(slices), "longest": LONGEST_S, **params},
    )
    found: dict[int, dict[Period, Use]] = {}
    for owner, number, is_peak, weighted, dates in rows:
        own = found.setdefault(owner, {})
        known = own.get(periods[number], Use())
        time = timedelta(seconds=int(weighted)) / WHOLE
        own[periods[number]] = (
            Use(known.time, time, known.dates) if is_peak else Use(time, known.peak, dates)
        )
    return found


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
