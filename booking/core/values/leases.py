"""Leases: what is let to whom, from when to when, at which rent."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from booking.core.frozen import frozen
from booking.core.intervals import Interval
from booking.core.values.kinds import SpaceKind

# What can be let; a meeting room is everybody's.
LETTABLE = frozenset(
    {
        SpaceKind.OFFICE,
        SpaceKind.RECEPTION,
        SpaceKind.DESK,
        SpaceKind.WORKSHOP,
        SpaceKind.STORAGE,
    }
)


class Included(StrEnum):
    """What the rent may include."""

    CLEANING = "cleaning"
    EQUIPMENT = "equipment"
    FURNITURE = "furniture"
    POWER = "power"
    WATER = "water"
    HEATING = "heating"
    ROOMS = "rooms"


class Standing(StrEnum):
    """Where a day stands to a lease."""

    CURRENT = "current"
    COMING = "coming"
    ENDED = "ended"


def months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month, or that month's last where it has none."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


@frozen()
class Document:
    """A paper that belongs to a lease, by its link (https)."""

    title: str
    url: str


@frozen(kw_only=True)
class LeaseView:
    """A space, or ``share`` of its ``shares``, let to an organisation.

    ``starts`` and ``ends`` are days of the site, both of them let; ``ends``
    None is open.  ``weekdays`` (0 Monday) empty are all days.  ``rent_m2`` is
    for a square metre and month, ``rooms`` the time of rooms a month that the
    rent includes, None being none.
    """

    id: int
    site_id: int
    space_id: int
    space_name: str
    organisation_id: int
    organisation_name: str
    starts: date
    ends: date | None
    share: int
    shares: int
    weekdays: frozenset[int]
    area_m2: Decimal
    rent_m2: Decimal
    includes: frozenset[str]
    rooms: timedelta | None
    months_notice: int
    documents: tuple[Document, ...]
    note: str
    follows_id: int | None
    version: int

    def standing(self, today: date) -> Standing:
        """Return whether the lease is current, coming or ended on a day of its site."""
        if today < self.starts:
            return Standing.COMING
        return Standing.ENDED if self.ends is not None and self.ends < today else Standing.CURRENT

    def is_let_on(self, day: date) -> bool:
        """Whether the tenant has the space on a day: it may be let on some weekdays only."""
        in_time = self.standing(day) is Standing.CURRENT
        return in_time and (not self.weekdays or day.weekday() in self.weekdays)

    @property
    def is_whole(self) -> bool:
        """Whether nobody else can have the space meanwhile."""
        return self.share == self.shares and not self.weekdays

    @property
    def last_day_of_notice(self) -> date | None:
        """The last day on which notice can be given before the end; None without any."""
        if self.ends is None or not self.months_notice:
            return None
        return months_before(self.ends, self.months_notice)

    def said(self) -> Mapping[str, object]:
        """Return what the audit keeps of it."""
        return {
            "space": self.space_id,
            "organisation": self.organisation_id,
            "starts": self.starts.isoformat(),
            "ends": None if self.ends is None else self.ends.isoformat(),
            "share": f"{self.share}/{self.shares}",
            "weekdays": sorted(self.weekdays),
            "area_m2": str(self.area_m2),
            "rent_m2": str(self.rent_m2),
            "includes": sorted(self.includes),
            "room_hours": None if self.rooms is None else self.rooms / timedelta(hours=1),
            "months_notice": self.months_notice,
            "documents": [each.url for each in self.documents],
            "note": self.note,
        }


@frozen()
class Tenancy:
    """A time in which a part is let, and to whom."""

    part_id: int
    interval: Interval
    organisation_id: int
    organisation_name: str


@frozen()
class LeaseOverlap:
    """A lease in the way of another; ``first`` is the earliest day that both ask for."""

    lease: LeaseView
    first: date
