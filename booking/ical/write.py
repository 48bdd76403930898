"""Events in, bytes out: a whole VCALENDAR (RFC 5545 §3.4, §3.6.1; RFC 7986 §5).

The same events give the same bytes, so the bytes can be cached and compared.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from functools import lru_cache, partial
from typing import NamedTuple

from booking.core.frozen import frozen
from booking.ical.text import UTC_NAMES, dates, escape, fold, instant_text, plain, times
from booking.ical.timezones import timezone

PRODUCT = "-//House Booking//Calendar feed//EN"
REFRESH = "PT1H"


class Status(StrEnum):
    """STATUS of an event (RFC 5545 §3.8.1.11)."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class Access(StrEnum):
    """CLASS of an event (RFC 5545 §3.8.1.3): what its reader may pass on."""

    PUBLIC = "PUBLIC"
    CONFIDENTIAL = "CONFIDENTIAL"
    PRIVATE = "PRIVATE"


@frozen()
class CalendarOverride:
    """One date of a series that differs from it (RFC 5545 §3.8.4.4).

    ``recurrence_id`` is the naive local start that the rule gives, ``start``
    and ``end`` the naive local times it really has.
    """

    recurrence_id: datetime
    start: datetime
    end: datetime
    status: Status
    summary: str
    description: str = ""
    location: str = ""
    space_ids: tuple[int, ...] = ()
    people: tuple[str, ...] = ()


@frozen(kw_only=True)
class CalendarEvent:
    """One VEVENT, with the dates of its series that differ.

    ``start``, ``end``, ``exdates`` and ``rdates`` are naive wall-clock times of
    ``zone`` (``fold`` 1: the second of two equal ones); with ``all_day`` they
    are midnights and ``end`` is exclusive.  ``rule`` is an RRULE value.
    ``stamp`` is when the booking last changed.  Empty texts are left out.
    ``people`` are lines of ``booking.ical.itip``, ``space_ids`` where it takes place,
    ``recurrence_id`` is set where it is one date of a series by itself.
    """

    uid: str
    zone: str
    start: datetime
    end: datetime
    status: Status
    summary: str
    stamp: datetime
    sequence: int = 0
    all_day: bool = False
    created: datetime | None = None
    rule: str | None = None
    exdates: tuple[datetime, ...] = ()
    rdates: tuple[datetime, ...] = ()
    overrides: tuple[CalendarOverride, ...] = ()
    description: str = ""
    location: str = ""
    categories: tuple[str, ...] = ()
    access: Access | None = None
    url: str = ""
    space_ids: tuple[int, ...] = ()
    people: tuple[str, ...] = ()
    recurrence_id: datetime | None = None


class Component(NamedTuple):
    """An event as it is written, with its overrides: a text that can be kept.

    ``first`` and ``last`` are the years in which ``zone`` must be explained
    (a VTIMEZONE); a whole day and one in UTC need none, and have no zone.
    """

    text: str
    zone: str
    first: int
    last: int


def component(event: CalendarEvent) -> Component:
    """Return the VEVENT of an event, and one for each date that differs."""
    moment = _moments(event.zone, event.all_day)
    recurrence = []
    if event.recurrence_id:
        recurrence.append(moment("RECURRENCE-ID", event.recurrence_id))
    if event.rule:
        recurrence.append(fold(f"RRULE:{event.rule}"))
    if event.rdates:
        recurrence.append(fold(moment("RDATE", *event.rdates)))
    if event.exdates:
        recurrence.append(fold(moment("EXDATE", *event.exdates)))
    text = _vevent(event, event, moment=moment, recurrence=recurrence)
    first, last = event.start.year, event.end.year
    for each in event.overrides:
        recurrence = [moment("RECURRENCE-ID", each.recurrence_id)]
        text += _vevent(event, each, moment=moment, recurrence=recurrence)
        first, last = min(first, each.start.year), max(last, each.start.year)
    zone = "" if event.all_day or event.zone in UTC_NAMES else event.zone
    return Component(text, zone, first, last)


def calendar(name: str, components: Collection[Component]) -> bytes:
    """Return a VCALENDAR to publish: UTF-8, lines ended by CRLF, events in the given order.

    Raises:
        ZoneInfoNotFoundError: If an event's zone does not exist (a ``KeyError``).
    """
    title = escape(name)
    head = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        fold(f"NAME:{title}"),
        fold(f"X-WR-CALNAME:{title}"),
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
        "",
    )
    texts = [each.text for each in components]
    parts = ["\r\n".join(head), *timezones(components), *texts, "END:VCALENDAR\r\n"]
    return "".join(parts).encode()


def scheduling(method: str, components: Collection[Component]) -> bytes:
    """Return a VCALENDAR that asks or answers something (RFC 5546 §1.4), like ``calendar``."""
    head = "\r\n".join(
        ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "")
    )
    texts = (each.text for each in components)
    parts = [head, f"METHOD:{method}\r\n", *timezones(components), *texts, "END:VCALENDAR\r\n"]
    return "".join(parts).encode()


def calendar_object(written: Component) -> str:
    """Return the VCALENDAR of one event as CalDAV stores it: without METHOD (RFC 4791 §4.1)."""
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nCALSCALE:GREGORIAN\r\n"
    return "".join((head, *timezones([written]), written.text, "END:VCALENDAR\r\n"))


def timezones(components: Iterable[Component]) -> Iterator[str]:
    """Yield one VTIMEZONE for each zone with a timed event, in the order of names."""
    years: dict[str, tuple[int, int]] = {}
    for _text, zone, first, last in components:
        seen = years.get(zone)
        if seen is None or first < seen[0] or last > seen[1]:
            before = seen or (first, last)
            years[zone] = min(first, before[0]), max(last, before[1])
    for zone, (first, last) in sorted(years.items()):
        if zone:
            yield timezone(zone, first, last)


@lru_cache(maxsize=64)
def _moments(zone: str, all_day: bool) -> Callable[..., str]:
    """Return what writes a property with times of an event: name, then the times."""
    return dates if all_day else partial(times, zone)


def _vevent(
    event: CalendarEvent,
    shown: CalendarEvent | CalendarOverride,
    *,
    moment: Callable[..., str],
    recurrence: list[str],
) -> str:
    stamp = instant_text(event.stamp)
    again = "".join([f"\r\n{each}" for each in recurrence]) if recurrence else ""
    free = "TRANSPARENT" if shown.status is Status.CANCELLED else "OPAQUE"
    head = (
        f"BEGIN:VEVENT\r\n{fold(f'UID:{escape(event.uid)}')}\r\nDTSTAMP:{stamp}\r\n"
        f"{moment('DTSTART', shown.start)}\r\n{moment('DTEND', shown.end)}{again}\r\n"
        f"SEQUENCE:{event.sequence}\r\nSTATUS:{shown.status}\r\nTRANSP:{free}"
    )
    lines = [head, _text_line("SUMMARY", shown.summary)]
    if shown.location:
        lines.append(_text_line("LOCATION", shown.location))
    if shown.description:
        lines.append(_text_line("DESCRIPTION", shown.description))
    if event.categories:
        lines.append(_list_line("CATEGORIES", event.categories))
    if event.access:
        lines.append(f"CLASS:{event.access}")
    if event.url:
        lines.append(fold(f"URL:{plain(event.url)}"))
    if event.created:
        created = stamp if event.created == event.stamp else instant_text(event.created)
        lines.append(f"CREATED:{created}\r\nLAST-MODIFIED:{stamp}")
    lines += shown.people
    lines.append("END:VEVENT\r\n")
    return "\r\n".join(lines)


@lru_cache(maxsize=1024)  # places, organisations and titles come again and again
def _text_line(name: str, text: str) -> str:
    return fold(f"{name}:{escape(text)}")


@lru_cache(maxsize=256)
def _list_line(name: str, texts: tuple[str, ...]) -> str:
    return fold(f"{name}:{','.join(map(escape, texts))}")
