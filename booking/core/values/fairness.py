"""Fair use: how much of a house an organisation, or a person, may have.

Stored as JSON: lengths in minutes, days of the week from Monday (0) on, what
is left out is as by default.  ``booking.core.allowances`` counts and decides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, Self, TypeVar

from booking.core.errors import InvalidRequest
from booking.core.values.kinds import Stance
from booking.core.values.stored import MINUTE, read, written, yes

T = TypeVar("T")
MOST_HOURS = 10_000
MOST_DATES = 10_000


@dataclass(frozen=True, slots=True)
class Account:
    """Whose use a booking counts to: its organisation, or the organiser of one without any."""

    organisation_id: int | None
    person_id: int | None

    @classmethod
    def of(cls, organisation_id: int | None, organiser_id: int | None) -> Self:
        """Return the account of a booking with this organisation and organiser."""
        return cls(organisation_id, organiser_id if organisation_id is None else None)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one account may have; None is as much as it likes.

    ``included`` are the hours a month that the rent includes, ``beyond`` what
    the house says to more.  The others are quotas, ``over`` what it says to
    whoever would exceed one.  ``coming`` are dates that have not begun.
    """

    included: timedelta | None = None
    beyond: Stance = Stance.ALLOW
    month_hours: timedelta | None = None
    week_hours: timedelta | None = None
    month_peak: timedelta | None = None
    week_peak: timedelta | None = None
    month_dates: int | None = None
    week_dates: int | None = None
    coming: int | None = None
    over: Stance = Stance.REFUSE

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the limits that are stored as ``data``; None are none.

        Raises:
            InvalidRequest: For anything that is none; the message names the field.
        """
        return read(cls, data, _LIMITS)

    def to_json(self) -> dict[str, object] | None:
        """Return what is stored: what differs from the default; None where nothing does."""
        return written(self, Limits())


@dataclass(frozen=True, slots=True)
class Peak:
    """When a house is in greatest demand: these days of the week, between two wall clocks."""

    days: frozenset[int] = frozenset(range(5))
    start: time = time(17)
    end: time = time(21)  # 00:00 is midnight at the end of the day

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the peak times that are stored as ``data``.

        Raises:
            InvalidRequest: For anything that is none; the message names the field.
        """
        return read(cls, data, _PEAK)

    def to_json(self) -> dict[str, object] | None:
        """Return what is stored: what differs from the default; None where nothing does."""
        return written(self, Peak())


@dataclass(frozen=True, slots=True)
class FairUse:
    """Whether a house counts, and what everybody may have who has no limits of their own."""

    is_on: bool = False
    organisations: Limits = Limits()
    people: Limits = Limits()
    peak: Peak = Peak()

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the settings that are stored as ``data``; None are the default ones.

        Raises:
            InvalidRequest: For anything that is none; the message names the field.
        """
        return read(cls, data, _FAIR_USE)

    def to_json(self) -> dict[str, object] | None:
        """Return what is stored: what differs from the default; None where nothing does."""
        return written(self, FairUse())


UNCOUNTED = FairUse()


def check_limits(limits: Limits) -> None:
    """Refuse limits that contradict each other.

    Raises:
        InvalidRequest: With the field of the limit that cannot be kept.
    """
    most, included = limits.month_hours, limits.included
    if most is not None and included is not None and most < included:
        raise InvalidRequest.because("limits_included", "month_hours")


def check_fair_use(fair_use: FairUse) -> None:
    """Refuse limits that contradict each other, and peak times that never come.

    Raises:
        InvalidRequest: With the field of what cannot be kept.
    """
    check_limits(fair_use.organisations)
    check_limits(fair_use.people)
    peak = fair_use.peak
    if peak.end != time(0) and peak.end <= peak.start:
        raise InvalidRequest.because("hours_invalid", "peak_end")
    limits = (fair_use.organisations, fair_use.people)
    counts_peak = any(each.month_peak is not None or each.week_peak is not None for each in limits)
    if counts_peak and not peak.days:
        raise InvalidRequest.because("limits_no_peak", "peak_days")


def _hours(value: object) -> timedelta | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= MOST_HOURS * 60:
        raise ValueError(value)
    return value * MINUTE


def _number(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= MOST_DATES:
        raise ValueError(value)
    return value


def _days(value: list[int]) -> frozenset[int]:
    if not all(type(each) is int and 0 <= each < 7 for each in value):
        raise ValueError(value)
    return frozenset(value)


_LIMITS: Mapping[str, Callable[[Any], Any]] = {
    "included": _hours,
    "beyond": Stance,
    "month_hours": _hours,
    "week_hours": _hours,
    "month_peak": _hours,
    "week_peak": _hours,
    "month_dates": _number,
    "week_dates": _number,
    "coming": _number,
    "over": Stance,
}
_PEAK: Mapping[str, Callable[[Any], Any]] = {
    "days": _days,
    "start": time.fromisoformat,
    "end": time.fromisoformat,
}
_FAIR_USE: Mapping[str, Callable[[Any], Any]] = {
    "is_on": yes,
    "organisations": Limits.from_json,
    "people": Limits.from_json,
    "peak": Peak.from_json,
}
