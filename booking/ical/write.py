"""Events in, bytes out: a whole VCALENDAR (RFC 5545 §3.4, §3.6.1; RFC 7986 §5).

The same events give the same bytes, so the bytes can be cached and compared.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
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


# A zone -> the first and the last year in which it must be explained.
Years = Mapping[str, tuple[int, int]]


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
    text = _of_event(event, event, moment=moment, recurrence=recurrence)
    first, last = event.start.year, event.end.year
    for each in event.overrides:
        recurrence = [moment("RECURRENCE-ID", each.recurrence_id)]
        text += _of_event(event, each, moment=moment, recurrence=recurrence)
        first, last = min(first, each.start.year), max(last, each.start.year)
    return Component(text, zone_to_explain(event.zone, event.all_day), first, last)


def zone_to_explain(zone: str, all_day: bool) -> str:
    """Return the zone of an event's times, "" where they have none: days, and what is in UTC."""
    return "" if all_day or zone in UTC_NAMES else zone


def _of_event(
    event: CalendarEvent,
    shown: CalendarEvent | CalendarOverride,
    *,
    moment: Callable[..., str],
    recurrence: list[str],
) -> str:
    return vevent(
        uid=event.uid,
        stamp=instant_text(event.stamp),
        start=moment("DTSTART", shown.start),
        end=moment("DTEND", shown.end),
        recurrence="".join([f"\r\n{each}" for each in recurrence]) if recurrence else "",
        sequence=event.sequence,
        status=shown.status,
        summary=shown.summary,
        location=shown.location,
        description=shown.description,
        categories=event.categories,
        access=event.access,
        url=event.url,
        created=instant_text(event.created) if event.created else "",
        people=shown.people,
    )


def vevent(
    *,
    uid: str,
    stamp: str,
    start: str,
    end: str,
    recurrence: str,
    sequence: int,
    status: Status,
    summary: str,
    location: str,
    description: str,
    categories: tuple[str, ...],
    access: Access | None,
    url: str,
    created: str,
    people: tuple[str, ...],
) -> str:
    """Return one VEVENT; the only place where one is written.

    ``start``, ``end``, ``recurrence`` and ``people`` are whole lines, ``stamp`` and
    ``created`` times in UTC; texts are as they are, and left out where they are empty.
    """
    address = f"\r\n{fold(f'URL:{plain(url)}')}" if url else ""
    dated = f"\r\nCREATED:{created}\r\nLAST-MODIFIED:{stamp}" if created else ""
    told = "".join([f"\r\n{each}" for each in people]) if people else ""
    return (
        f"BEGIN:VEVENT\r\n{fold(f'UID:{escape(uid)}')}\r\nDTSTAMP:{stamp}\r\n{start}\r\n{end}"
        f"{recurrence}\r\nSEQUENCE:{sequence}\r\n{_STATUS[status]}\r\n{_summary(summary)}"
        f"{_about(location, description, categories, access)}{address}{dated}{told}"
        "\r\nEND:VEVENT\r\n"
    )


def calendar(name: str, components: Collection[Component]) -> bytes:
    """Return a VCALENDAR to publish: UTF-8, lines ended by CRLF, events in the given order.

    Raises:
        ZoneInfoNotFoundError: If an event's zone does not exist (a ``KeyError``).
    """
    years = years_of(components)
    return "".join(pieces(name, years, [each.text for each in components])).encode()


def pieces(name: str, years: Years, texts: Iterable[str]) -> Iterator[str]:
    """Yield a VCALENDAR to publish, like ``calendar``: its head, texts of events, its end.

    Raises:
        ZoneInfoNotFoundError: If a zone of ``years`` does not exist (a ``KeyError``).
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
    yield "".join(("\r\n".join(head), *timezones(years)))
    yield from texts
    yield "END:VCALENDAR\r\n"


def scheduling(method: str, components: Collection[Component]) -> bytes:
    """Return a VCALENDAR that asks or answers something (RFC 5546 §1.4), like ``calendar``."""
    head = "\r\n".join(
        ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "")
    )
    texts = (each.text for each in components)
    zones = timezones(years_of(components))
    parts = [head, f"METHOD:{method}\r\n", *zones, *texts, "END:VCALENDAR\r\n"]
    return "".join(parts).encode()


def calendar_object(written: Component) -> str:
    """Return the VCALENDAR of one event as CalDAV stores it: without METHOD (RFC 4791 §4.1)."""
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nCALSCALE:GREGORIAN\r\n"
    zones = timezones(years_of([written]))
    return "".join((head, *zones, written.text, "END:VCALENDAR\r\n"))


def years_of(components: Iterable[Component], also: Years | None = None) -> Years:
    """Return the years in which the zones of events must be explained, ``also`` among them."""
    years = {**also} if also else {}
    for _text, zone, first, last in components:
        seen = years.get(zone)
        if seen is None or first < seen[0] or last > seen[1]:
            before = seen or (first, last)
            years[zone] = min(first, before[0]), max(last, before[1])
    return years


def timezones(years: Years) -> Iterator[str]:
    """Yield one VTIMEZONE for each zone, in the order of names; none for "" (days and UTC)."""
    for zone, (first, last) in sorted(years.items()):
        if zone:
            yield timezone(zone, first, last)


@lru_cache(maxsize=64)
def _moments(zone: str, all_day: bool) -> Callable[..., str]:
    """Return what writes a property with times of an event: name, then the times."""
    return dates if all_day else partial(times, zone)


# What was cancelled takes no time of anybody.
_STATUS = {
    each: f"STATUS:{each}\r\nTRANSP:{'TRANSPARENT' if each is Status.CANCELLED else 'OPAQUE'}"
    for each in Status
}


@lru_cache(maxsize=1024)  # the same titles come again and again, as do places and people
def _summary(text: str) -> str:
    return fold(f"SUMMARY:{escape(text)}")


@lru_cache(maxsize=1024)
def _about(
    location: str, description: str, categories: tuple[str, ...], access: Access | None
) -> str:
    """Return the lines of where it is, and of what is told below the title."""
    lines = [""]
    if location:
        lines.append(fold(f"LOCATION:{escape(location)}"))
    if description:
        lines.append(fold(f"DESCRIPTION:{escape(description)}"))
    if categories:
        lines.append(fold(f"CATEGORIES:{','.join(map(escape, categories))}"))
    if access:
        lines.append(f"CLASS:{access}")
    return "\r\n".join(lines)
