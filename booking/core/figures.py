"""Figures of a house: what is let and what is due, by organisation, floor and day.  Pure.

Areas are counted by the day: a square metre that is let for a day is one
metre-day.  A month's rent is that of ``booking.core.rent``; whatever it is added
up by, the sums are the same.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from booking.core.rent import ZERO, days_of, let_days, rent_of
from booking.core.values import LeaseView

K = TypeVar("K", bound=Hashable)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Office:
    """A space that is there to be let, with its area; ``floor_id`` None where nobody has said."""

    space_id: int
    name: str
    area_m2: Decimal
    floor_id: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What one lease costs in a month, and the days for which it does."""

    lease: LeaseView
    days: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Gap:
    """Days on which nobody has an office: ``last`` None is as far as anybody knows."""

    office: Office
    first: date
    last: date | None


def dues(leases: Iterable[LeaseView], first: date) -> list[Due]:
    """Return what is due for the month that begins on a day, lease by lease, in their order."""
    found = ((each, len(let_days(each, first))) for each in leases)
    return [Due(each, days, rent_of(each, first)) for each, days in found if days]


def added_up(due: Iterable[Due], key: Callable[[LeaseView], K]) -> dict[K, Decimal]:
    """Return what is due by anything that a lease has, in the order in which it comes."""
    found: dict[K, Decimal] = {}
    for each in due:
        found[key(each.lease)] = found.get(key(each.lease), ZERO) + each.amount
    return found


def metre_days(leases: Iterable[LeaseView], days: Iterable[date]) -> Decimal:
    """Return the area that is let on each of some days, added up."""
    among = list(days)
    return sum(
        (each.area_m2 * sum(each.is_let_on(day) for day in among) for each in leases),
        Decimal(0),
    )


def occupancy(
    leases: Sequence[LeaseView], offices: Sequence[Office], first: date
) -> tuple[Decimal, Decimal]:
    """Return the metre-days that are let in a month, and all that there are."""
    days = days_of(first)
    ids = {each.space_id for each in offices}
    whole = sum((each.area_m2 for each in offices), Decimal(0)) * len(days)
    return metre_days((each for each in leases if each.space_id in ids), days), whole


def gaps(
    offices: Iterable[Office], leases: Iterable[LeaseView], today: date, until: date
) -> list[Gap]:
    """Return when offices are free of any lease, from today to a day, by their start.

    An office that is let in part, or on some days of the week, is not free.
    """
    by_space: dict[int, list[LeaseView]] = {}
    for lease in leases:
        by_space.setdefault(lease.space_id, []).append(lease)
    found: list[Gap] = []
    for office in offices:
        free_from = today
        for lease in sorted(by_space.get(office.space_id, ()), key=lambda each: each.starts):
            if lease.starts > free_from:
                found.append(Gap(office, free_from, lease.starts - _DAY))
            if lease.ends is None:
                free_from = date.max
                break
            free_from = max(free_from, lease.ends + _DAY)
        if free_from <= until:
            found.append(Gap(office, free_from, None))
    return sorted((each for each in found if each.first <= until), key=lambda each: each.first)


@dataclass(frozen=True, slots=True)
class Held:
    """A date that took place, or will: what the key figures count.

    ``minutes`` are those of all its rooms together.
    """

    day: date
    category: str
    organisations: frozenset[int]
    expected: int | None
    came: int | None
    minutes: int


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """How much took place: ``people`` are those who came, else those who were expected."""

    events: int = 0
    expected: int = 0
    came: int = 0
    people: int = 0
    organisations: int = 0
    minutes: int = 0


def key_figures(held: Iterable[Held]) -> KeyFigures:
    """Return the sums of some dates; an organisation counts once, however often it met."""
    among = list(held)
    return KeyFigures(
        events=len(among),
        expected=sum(each.expected or 0 for each in among),
        came=sum(each.came or 0 for each in among),
        people=sum((each.expected or 0) if each.came is None else each.came for each in among),
        organisations=len(frozenset().union(*(each.organisations for each in among))),
        minutes=sum(each.minutes for each in among),
    )


def grouped(held: Iterable[Held], key: Callable[[Held], K]) -> Mapping[K, KeyFigures]:
    """Return the same by anything that a date has."""
    found: dict[K, list[Held]] = {}
    for each in held:
        found.setdefault(key(each), []).append(each)
    return {name: key_figures(some) for name, some in found.items()}
