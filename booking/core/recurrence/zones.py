"""Wall clock and UTC: naive local times of a named zone, and aware instants."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo


@lru_cache(maxsize=64)
def zone_info(name: str) -> ZoneInfo:
    """Return the zone of an IANA name.

    Raises:
        ZoneInfoNotFoundError: If there is none (a ``KeyError``).
        ValueError: If the name is no key at all, like a path.
    """
    return ZoneInfo(name)


def to_utc(local: datetime, zone: str) -> datetime:
    """Return the instant at which the clocks of a zone show a naive local time.

    A time that comes twice in autumn is the first of the two; a time that is
    skipped in spring is read with the offset before the gap, so 02:30 becomes
    03:30 (RFC 5545 §3.3.5).

    Raises:
        OverflowError: If the instant is outside the years 1 to 9999.
    """
    return local.replace(tzinfo=zone_info(zone), fold=0).astimezone(UTC)


def to_local(instant: datetime, zone: str) -> datetime:
    """Return what the clocks of a zone show at an aware instant, as a naive time.

    Raises:
        OverflowError: If the local time is outside the years 1 to 9999.
    """
    return instant.astimezone(zone_info(zone)).replace(tzinfo=None, fold=0)


def clock_changes(
    starts: Iterable[datetime], length: timedelta, zone: str
) -> list[tuple[datetime, datetime, Literal["gap", "overlap"]]]:
    """Return what of some dates falls into an hour that is skipped, or comes twice, in order.

    ``starts`` are naive local times, ``length`` is what the wall clock passes
    until the end.  Each entry has the time as it was asked for, and as the
    clocks show it: later where it is skipped, the same where it comes twice.
    """
    times = (at for start in starts for at in (start, start + length))
    return [
        (at, to_local(to_utc(at, zone), zone), kind)
        for at in times
        if (kind := describe_gap(at, zone))
    ]


def describe_gap(local: datetime, zone: str) -> Literal["gap", "overlap"] | None:
    """Say whether the clocks skip a naive local time, or show it twice; None for neither."""
    if to_local(to_utc(local, zone), zone) != local:
        return "gap"
    there = local.replace(tzinfo=zone_info(zone), fold=0)
    return "overlap" if there.utcoffset() != there.replace(fold=1).utcoffset() else None
