"""The rule of a series as it was written, and the series cut by "this and following"."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from booking.core.errors import InvalidRequest
from booking.core.imports import ImportedEvent, lasting
from booking.core.messages import message
from booking.core.recurrence import (
    Rule,
    ended_before,
    moved,
    parse_rule,
    starts_from,
    with_count,
)
from booking.ical.reading.events import Refused, Version, in_zone
from booking.ical.reading.zones import Zones

_END_OF_DAY = time(23, 59, 59)


def rule_of(master: Version, zones: Zones) -> Rule | None:
    """Return the rule of a series in its wall clock; its start moves to a date of the rule.

    Raises:
        Refused: If the rule cannot be kept.
    """
    found = master.raw.lines.get("RRULE", [])
    if not found:
        return None
    if len({each.value for each in found}) > 1:
        raise Refused(message("event_several_rules"))
    _keep_wall_clock(master, zones)
    try:
        rule = parse_rule(_plain(found[0].value, master.start))
        if rule.until is not None and rule.until.tzinfo is not None and master.all_day:
            rule = replace(rule, until=datetime.combine(rule.until.date(), _END_OF_DAY))
        return _begun(rule.in_zone(master.zone), master)
    except InvalidRequest as error:
        raise Refused(replace(error.messages[0], field="")) from error
    except OverflowError:
        raise Refused(message("time_out_of_range")) from None


def _keep_wall_clock(master: Version, zones: Zones) -> None:
    """Let a series in UTC keep the wall clock of its calendar, where that tells its zone."""
    if master.zone == "UTC" and zones.calendar and not master.all_day:
        start, end = (in_zone(each, "UTC", zones.calendar) for each in (master.start, master.end))
        master.start, master.zone = start, zones.calendar
        master.end = lasting(start, end, zones.calendar)


def _plain(text: str, start: datetime) -> str:
    """Return a rule without empty parts, and without BYHOUR and the like that say the start's."""
    usual = {"BYHOUR": start.hour, "BYMINUTE": start.minute, "BYSECOND": start.second}
    kept = []
    for part in map(str.strip, text.upper().strip().removeprefix("RRULE:").split(";")):
        name, _, value = part.partition("=")
        says_start = name in usual and value.isdecimal() and int(value[:4]) == usual[name]
        if part and not says_start and not name.startswith("X-"):
            kept.append(part)
    return ";".join(kept)


def _begun(rule: Rule, master: Version) -> Rule:
    """Return a rule that has a date; the event's start moves to the first one."""
    first = next(starts_from(master.start, rule, since=master.start), None)
    if first is None:
        raise Refused(message("empty_series"))
    if first[1] != master.start.replace(fold=0):
        master.warn(message("start_off_rule", first=first[1].date()))
        length = master.end - master.start
        master.start, master.end = first[1], first[1] + length
    return rule


@dataclass(frozen=True, slots=True)
class Part:
    """A series, or what is left of one; ``shift`` is how far its dates moved meanwhile."""

    event: ImportedEvent
    shift: timedelta = timedelta(0)

    def place(self, change: Version, zones: Zones) -> datetime:
        """Return which date a version is about, in the wall clock of the series."""
        at = change.recurrence
        if at is None:
            return change.start
        if at.is_date or self.event.all_day:
            return datetime.combine(at.local.date(), self.event.start.time())
        zone = change.zone if not at.zone else zones.find(at.zone) or self.event.zone
        return in_zone(at.local, zone, self.event.zone).replace(fold=0) + self.shift

    def known(self, changes: Sequence[Version], zones: Zones) -> set[datetime]:
        """Return the starts of the series as far as the versions reach, left out ones as well."""
        event = self.event
        found = {event.start, *event.rdates, *event.exdates}
        if event.rule is None or not changes:
            return found
        last = max(self.place(each, zones) for each in changes)
        for _number, local in starts_from(event.start, event.rule, since=event.start):
            if local > last:
                break
            found.add(local)
        return found


def split(
    whole: ImportedEvent, changes: Sequence[Version], zones: Zones
) -> tuple[list[Part], list[Version]]:
    """Return the parts of a series that "this and following" makes, and the versions of no date.

    Raises:
        Refused: If the rule cannot move to where it should.
    """
    parts, strange = [Part(whole)], []
    for change in sorted(changes, key=lambda each: Part(whole).place(each, zones)):
        last = parts[-1]
        at = last.place(change, zones)
        if last.event.rule is None or at not in last.known([change], zones):
            strange.append(change)
            continue
        before, after = _before(last.event, at), _after(last, at, change)
        parts[-1:] = [after] if before is None else [replace(last, event=before), after]
    return parts, strange


def _before(event: ImportedEvent, at: datetime) -> ImportedEvent | None:
    """Return the series before one of its dates, None where that is its first."""
    if event.rule is None or at <= event.start:
        return None
    return replace(
        event,
        rule=ended_before(event.rule, at),
        rdates=tuple(each for each in event.rdates if each < at),
        exdates=tuple(each for each in event.exdates if each < at),
    )


def _after(part: Part, at: datetime, change: Version) -> Part:
    """Return the series from one of its dates on, as the change has it."""
    event = part.event
    assert event.rule is not None  # noqa: S101  it was asked before
    counted = next(starts_from(event.start, event.rule, since=at), None)
    if counted is None:
        raise Refused(message("empty_series"))
    start, end = (in_zone(each, change.zone, event.zone) for each in (change.start, change.end))
    end, shift = lasting(start, end, event.zone), start - at
    try:
        rule = moved(event.rule, at.date(), start.date())
        if rule.count is not None:
            rule = with_count(rule, rule.count - counted[0])
        elif rule.until is not None:
            rule = replace(rule, until=rule.until + shift)
    except InvalidRequest as error:
        raise Refused(replace(error.messages[0], field="")) from error
    following = replace(
        event,
        uid=f"{event.uid}/{at:%Y%m%dT%H%M%S}",
        start=start,
        end=end,
        title=change.title or event.title,
        note=change.note or event.note,
        location=change.location or event.location,
        cancelled=change.cancelled,
        rule=rule,
        rdates=tuple(each + shift for each in event.rdates if each > at),
        exdates=tuple(each + shift for each in event.exdates if each > at),
        follows=at,
    )
    return Part(following, part.shift + shift)
