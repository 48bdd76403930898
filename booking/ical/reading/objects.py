"""All versions of one UID become one object: a series with the dates that differ."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time

from booking.core.checks import one_line
from booking.core.imports import ImportedDate, ImportedEvent, Left, lasting
from booking.core.messages import Message, message
from booking.core.recurrence import Rule
from booking.ical.reading.events import (
    MOST_TITLE,
    Refused,
    Version,
    in_zone,
    listed,
    version_of,
)
from booking.ical.reading.limits import MOST_CATEGORIES, MOST_VERSIONS
from booking.ical.reading.properties import Properties
from booking.ical.reading.rules import Part, rule_of, split
from booking.ical.reading.zones import Zones

Read = ImportedEvent | Left


def objects_of(uid: str, raws: Sequence[Properties], zones: Zones) -> list[Read]:
    """Return what the versions of one UID come to: mostly one event.

    A change of "this and following" makes a second one; versions without
    their series are events by themselves.
    """
    if len(raws) > MOST_VERSIONS:
        return [_left(uid, raws[0], message("event_too_many_dates", most=MOST_VERSIONS))]
    read: list[Read] = []
    versions: list[Version] = []
    for raw in raws:
        try:
            versions.append(version_of(raw, uid, zones))
        except Refused as error:
            read.append(_left(_numbered(uid, len(read)), raw, error.reason))
    masters = _newest([each for each in versions if each.recurrence is None])
    changes = [each for each in versions if each.recurrence is not None]
    for number, master in enumerate(masters):
        master.uid = _numbered(uid, number)
        try:
            read += _object(master, [] if number else changes, zones)
        except Refused as error:
            read.append(_left(master.uid, master.raw, error.reason, start=master.start))
    if not masters:
        read += [_alone(each, message("event_without_series")) for each in changes]
    return read


def _numbered(uid: str, number: int) -> str:
    return f"{uid}/{number + 1}" if number else uid


def _newest(masters: Sequence[Version]) -> list[Version]:
    """Return the versions that count: of one event the newest, of a UID used twice both."""
    found: list[Version] = []
    for each in masters:
        twin = next((at for at, one in enumerate(found) if _is_same(one, each)), None)
        if twin is None:
            if found:
                each.warn(message("uid_twice"))
            found.append(each)
        elif each.age > found[twin].age:
            found[twin] = each
    return found


def _is_same(one: Version, other: Version) -> bool:
    # Another SEQUENCE: the event was moved.  The same one at another time: two events.
    return one.start == other.start or one.age[0] != other.age[0]


def _object(master: Version, changes: Sequence[Version], zones: Zones) -> list[Read]:
    """Return a series with its dates, cut where "this and following" begins, or a single event.

    Raises:
        Refused: If its rule cannot be kept: half a series would be worse than none.
    """
    if master.raw.first("EXRULE") is not None:
        raise Refused(message("event_exrule"))
    rule = rule_of(master, zones)
    rdates = _starts(master, "RDATE", zones) - {master.start}
    exdates = _starts(master, "EXDATE", zones)
    whole = _event(master, rule, rdates, exdates)
    following = [each for each in changes if each.following]
    parts, strange = split(whole, following, zones)
    single = [each for each in changes if not each.following]
    own, outside = _placed(parts, single, zones)
    told = message("event_outside_series")
    return [
        *(_with_dates(part.event, mine) for part, mine in zip(parts, own, strict=True)),
        *(_alone(each, told) for each in (*strange, *outside) if not each.cancelled),
    ]


def _starts(master: Version, name: str, zones: Zones) -> set[datetime]:
    """Return a list of dates as starts; a day alone means the date of that day."""
    clock = time() if master.all_day else master.start.time()
    return {
        datetime.combine(at.date(), clock) if is_date or master.all_day else at.replace(fold=0)
        for at, is_date in listed(master, name, zones, tell=master.warn)
    }


def _placed(
    parts: Sequence[Part], changes: Sequence[Version], zones: Zones
) -> tuple[list[dict[datetime, Version]], list[Version]]:
    """Return the changed dates of each part by their place in it, and those of no part."""
    own: list[dict[datetime, Version]] = [{} for _ in parts]
    outside = []
    known = [part.known(changes, zones) for part in parts]
    for change in changes:
        for part, mine, starts in zip(parts, own, known, strict=True):
            at = part.place(change, zones)
            if at in starts:
                if at not in mine or change.age >= mine[at].age:
                    mine[at] = change
                break
        else:
            outside.append(change)
    return own, outside


def _with_dates(event: ImportedEvent, own: dict[datetime, Version]) -> ImportedEvent:
    if not own and (event.is_series or not event.exdates):
        return event
    dates = tuple(_date(event, at, own[at]) for at in sorted(own))
    event = replace(event, warnings=_together(event.warnings, own.values()))
    if event.is_series:
        return replace(event, dates=dates)
    if event.start in event.exdates:
        event = replace(event, cancelled=True)
    for each in dates:  # a single event, and a version of its one date
        event = replace(
            event,
            start=each.start,
            end=each.end,
            title=event.title if each.title is None else each.title,
            note=event.note if each.note is None else each.note,
            location=event.location if each.location is None else each.location,
            cancelled=each.cancelled,
        )
    return replace(event, exdates=())


def _together(told: Sequence[Message], changes: Iterable[Version]) -> tuple[Message, ...]:
    found = list(told)
    for change in changes:
        found += [each for each in change.warnings if each not in found]
    return tuple(found)


def _date(event: ImportedEvent, at: datetime, change: Version) -> ImportedDate:
    start, end = change.start, change.end
    if not change.all_day and not event.all_day:
        start, end = (in_zone(each, change.zone, event.zone) for each in (start, end))
        end = lasting(start, end, event.zone)
    return ImportedDate(
        recurrence_id=at,
        start=start,
        end=end,
        title=None if change.title == event.title else change.title,
        note=None if change.note == event.note else change.note,
        location=None if change.location == event.location else change.location,
        cancelled=change.cancelled,
    )


def _event(
    version: Version, rule: Rule | None, rdates: Iterable[datetime], exdates: Iterable[datetime]
) -> ImportedEvent:
    return ImportedEvent(
        uid=version.uid,
        zone=version.zone,
        start=version.start,
        end=version.end,
        title=version.title,
        note=version.note,
        location=version.location,
        all_day=version.all_day,
        cancelled=version.cancelled,
        tentative=version.raw.value("STATUS").upper() == "TENTATIVE",
        access=version.access,
        categories=tuple(version.raw.texts("CATEGORIES")[:MOST_CATEGORIES]),
        rule=rule,
        exdates=tuple(sorted(exdates)),
        rdates=tuple(sorted(rdates)),
        warnings=tuple(version.warnings),
    )


def _alone(version: Version, warning: Message) -> ImportedEvent:
    """Return a date whose series is not there as an event by itself."""
    at = version.recurrence.local if version.recurrence else version.start
    event = _event(version, None, (), ())
    return replace(
        event, uid=f"{version.uid}/{at:%Y%m%dT%H%M%S}", warnings=(*event.warnings, warning)
    )


def _left(uid: str, raw: Properties, reason: Message, *, start: datetime | None = None) -> Left:
    return Left(uid, one_line(raw.text("SUMMARY"))[:MOST_TITLE], reason, start)
