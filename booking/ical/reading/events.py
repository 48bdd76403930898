"""One version of an event (a VEVENT): its times in one zone, its texts, what is doubtful."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from booking.core.checks import lines, one_line
from booking.core.imports import lasting
from booking.core.messages import Message, message
from booking.core.recurrence import to_local, to_utc
from booking.core.values import Visibility
from booking.ical.reading.limits import MOST_LISTED
from booking.ical.reading.moments import Moment, length, moment, moments
from booking.ical.reading.properties import Properties, Property
from booking.ical.reading.zones import Zones

MOST_TITLE = 200
MOST_NOTE = 2_000
MOST_LOCATION = 500
_DAY = timedelta(days=1)
_NOTHING = timedelta(0)
_ACCESS = {
    "PUBLIC": Visibility.PUBLIC,
    "CONFIDENTIAL": Visibility.MEMBERS,
    "PRIVATE": Visibility.PRIVATE,
}


class Refused(Exception):
    """This event cannot be kept; with the reason."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason.code)
        self.reason = reason


@dataclass(slots=True)
class Version:
    """What one VEVENT says, its times as naive wall clock of ``zone``.

    ``recurrence`` is the RECURRENCE-ID, in whose zone it was written; with
    ``following`` it stands for all dates from there on.
    """

    raw: Properties
    uid: str
    zone: str
    start: datetime
    end: datetime
    all_day: bool
    title: str
    note: str
    location: str
    cancelled: bool
    access: Visibility | None
    recurrence: Moment | None = None
    following: bool = False
    warnings: list[Message] = field(default_factory=list)

    @property
    def age(self) -> tuple[int, str]:
        """What tells the newer of two: SEQUENCE, then LAST-MODIFIED or DTSTAMP."""
        number = self.raw.value("SEQUENCE")
        changed = self.raw.value("LAST-MODIFIED") or self.raw.value("DTSTAMP")
        return (int(number) if number.isdecimal() and len(number) < 10 else 0, changed)

    def local(self, at: Moment, zones: Zones) -> datetime:
        """Return a time of a list in this version's wall clock; a date stays midnight."""
        if at.is_date:
            return at.local
        return in_zone(at.local, zone_of(at, zones, self.warnings), self.zone)

    def warn(self, warning: Message) -> None:
        """Note something once."""
        if warning not in self.warnings:
            self.warnings.append(warning)


def version_of(raw: Properties, uid: str, zones: Zones) -> Version:
    """Return what a VEVENT says.

    Raises:
        Refused: If it has no time that can be kept.
    """
    warnings: list[Message] = []
    start = _required(raw.first("DTSTART"))
    zone = zones.default if start.is_date else zone_of(start, zones, warnings)
    end = _end(raw, start, zone, zones, warnings)
    title, note, location = _texts(raw, warnings)
    recurrence = _recurrence(raw)
    begins = start.local
    if not start.is_date and not _recurs(raw):
        begins = _shown(start.local, zone)
    if end <= begins:  # the hour between them is skipped
        end = begins + (end - start.local)
    version = Version(
        raw=raw,
        uid=uid,
        zone=zone,
        start=begins,
        end=end,
        all_day=start.is_date,
        title=title,
        note=note,
        location=location,
        cancelled=raw.value("STATUS").upper() == "CANCELLED",
        access=_ACCESS.get(raw.value("CLASS").upper()),
        recurrence=recurrence,
        following=_is_following(raw),
        warnings=warnings,
    )
    if raw.broken:
        version.warn(message("line_unreadable", number=raw.broken))
    if raw.foreign:
        version.warn(message("not_in_utf8"))
    if raw.long:
        version.warn(message("line_too_long"))
    return version


def in_zone(local: datetime, zone: str, other: str) -> datetime:
    """Return a wall-clock time of one zone in another's; ``fold`` 1 is the second of two."""
    if zone == other:
        return local
    there = to_utc(local, zone)
    found = to_local(there, other)
    return found if to_utc(found, other) == there else found.replace(fold=1)


def zone_of(at: Moment, zones: Zones, warnings: list[Message]) -> str:
    """Return the zone of a time, with a warning where it is not known."""
    if not at.zone:
        return zones.default
    if at.zone == "UTC":
        return "UTC"
    zone = zones.find(at.zone)
    if zone is None:
        warning = message("event_zone_unknown", zone=one_line(at.zone)[:60])
        if warning not in warnings:
            warnings.append(warning)
        return zones.default
    return zone


def _required(found: Property | None) -> Moment:
    if found is None:
        raise Refused(message("event_without_start"))
    at = moment(found)
    if at is None:
        raise Refused(message("event_time_unreadable"))
    return at


def _recurs(raw: Properties) -> bool:
    return raw.first("RRULE") is not None or raw.first("RDATE") is not None


def _shown(local: datetime, zone: str) -> datetime:
    """Return a start as the clocks show it: one in an hour that is skipped is later."""
    return to_local(to_utc(local, zone), zone)


def _end(
    raw: Properties, start: Moment, zone: str, zones: Zones, warnings: list[Message]
) -> datetime:
    """Return the end in the wall clock of the start.

    Raises:
        Refused: If it cannot be read, or the event would not last.
    """
    found, lasts = raw.first("DTEND"), raw.value("DURATION")
    if found is not None:
        at = moment(found)
        if at is None:
            raise Refused(message("event_time_unreadable"))
        end = _end_at(at, start, zone, zones, warnings)
    elif lasts:
        duration = length(lasts)
        if duration is None:
            raise Refused(message("event_time_unreadable"))
        end = _end_after(start, zone, duration.days, duration.exact)
    else:
        end = start.local + _DAY if start.is_date else start.local
    if end < start.local:
        raise Refused(message("event_ends_before_start"))
    if end == start.local:
        if not start.is_date:
            raise Refused(message("event_without_length"))
        end = start.local + _DAY  # Some write the last day, not the day after.
    return end


def _end_at(
    at: Moment, start: Moment, zone: str, zones: Zones, warnings: list[Message]
) -> datetime:
    if at.is_date == start.is_date:
        if at.is_date:
            return at.local
        end = in_zone(at.local, zone_of(at, zones, warnings), zone)
        return lasting(start.local, end, zone)
    warnings.append(message("event_times_mixed"))
    if start.is_date:  # the day on which it ends counts whole
        midnight = datetime.combine(at.local.date(), time())
        return midnight if at.local == midnight else midnight + _DAY
    return at.local if at.local > start.local else at.local + _DAY


def _end_after(start: Moment, zone: str, days: int, exact: timedelta) -> datetime:
    """Return the end: days by the calendar, hours as they pass (RFC 5545 §3.3.6)."""
    try:
        end = start.local + timedelta(days=days)
        if start.is_date:
            whole = end + exact
            midnight = datetime.combine(whole.date(), time())
            return midnight if whole == midnight else midnight + _DAY
        if exact:
            there = to_utc(end, zone) + exact
            shown = to_local(there, zone)
            end = shown if shown > start.local or exact < _NOTHING else end + exact
        return end
    except OverflowError:
        raise Refused(message("event_time_unreadable")) from None


def _texts(raw: Properties, warnings: list[Message]) -> tuple[str, str, str]:
    def cut(text: str, most: int) -> str:
        if len(text) <= most:
            return text
        if (warning := message("text_cut", most=most)) not in warnings:
            warnings.append(warning)
        return text[: most - 1].rstrip() + "…"

    title = cut(one_line(raw.text("SUMMARY")), MOST_TITLE)
    note = cut(lines(raw.text("DESCRIPTION")), MOST_NOTE)
    return title, note, one_line(raw.text("LOCATION"))[:MOST_LOCATION]


def _recurrence(raw: Properties) -> Moment | None:
    found = raw.first("RECURRENCE-ID")
    if found is None:
        return None
    at = moment(found)
    if at is None:
        raise Refused(message("event_time_unreadable"))
    return at


def _is_following(raw: Properties) -> bool:
    found = raw.first("RECURRENCE-ID")
    return found is not None and found.params.get("RANGE", "").upper() == "THISANDFUTURE"


def listed(
    version: Version, name: str, zones: Zones, *, tell: Callable[[Message], None]
) -> list[tuple[datetime, bool]]:
    """Return the times of RDATE or EXDATE in the version's wall clock, and whether each is a date.

    Raises:
        Refused: If there are too many.
    """
    found: list[tuple[datetime, bool]] = []
    for each in version.raw.lines.get(name, ()):
        if each.params.get("VALUE", "").upper() == "PERIOD":
            tell(message("period_taken_as_start"))
        good, wrong = moments(each)
        if wrong:
            tell(message("dates_unreadable", number=wrong))
        if len(found) + len(good) > MOST_LISTED:
            raise Refused(message("event_too_many_dates", most=MOST_LISTED))
        found += [(version.local(at, zones), at.is_date) for at in good]
    return found
