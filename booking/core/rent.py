"""What a lease costs: exact decimals, rounded once for each lease and month.

The rent of a month is area times rent, by the days that are let of all days of
the month, rounded half up to cents.  Every other sum is made of these, so that
organisations, floors and houses add up; a month's days share its cents.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from booking.core.values import LeaseView

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
_DAY = timedelta(days=1)


def rounded(amount: Decimal) -> Decimal:
    """Return an amount in cents, half a cent up."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def days_of(first: date) -> list[date]:
    """Return the days of the month that begins on a day."""
    after = (first + 31 * _DAY).replace(day=1)
    return [first + number * _DAY for number in range((after - first).days)]


def let_days(lease: LeaseView, first: date) -> list[date]:
    """Return the days of a month on which the tenant has the space; of some weekdays only these."""
    return [each for each in days_of(first) if lease.is_let_on(each)]


def rent_of(lease: LeaseView, first: date) -> Decimal:
    """Return what is due for the month that begins on ``first``."""
    return _by_days(lease, first, len(let_days(lease, first)))


def rent_by_day(lease: LeaseView, first: date) -> dict[date, Decimal]:
    """Return what of a month's rent falls on each day that is let: in cents, and all of it."""
    found: dict[date, Decimal] = {}
    before = ZERO
    for number, each in enumerate(let_days(lease, first), start=1):
        until = _by_days(lease, first, number)
        found[each], before = until - before, until
    return found


def usual_rent(lease: LeaseView) -> Decimal:
    """Return what a month costs as a rule: of some weekdays as many sevenths of it."""
    whole = lease.area_m2 * lease.rent_m2
    return rounded(whole * (len(lease.weekdays) or 7) / 7)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return a sum of amounts in cents."""
    return sum(amounts, ZERO)


def _by_days(lease: LeaseView, first: date, days: int) -> Decimal:
    # The division comes last: what it leaves over is far below a cent, but for a real half.
    return rounded(lease.area_m2 * lease.rent_m2 * days / len(days_of(first)))
