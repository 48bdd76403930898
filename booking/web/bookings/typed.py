"""What somebody typed into the form of a booking, as text: kept whatever becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from booking.core.errors import InvalidRequest
from booking.core.recurrence import (
    ONCE,
    Frequency,
    Rule,
    is_last_working_day,
    nths_and_weekdays,
    parse_rule,
)
from booking.core.values import BookingView

DAY = timedelta(days=1)
OPEN, UNTIL, COUNT = "open", "until", "count"


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of the form by their names; lists are tuples.

    ``date`` is ``YYYY-MM-DD``, ``start`` and ``end`` ``HH:MM`` (the end also
    24:00), ``weekday`` 0 for Monday, ``nth`` its place in the month (-1 the
    last), ``more`` the days of further dates (with ``THH:MM`` where they begin
    at another time), ``leaves`` codes of days off, ``skip`` the days of dates
    to leave out, ``waits`` what becomes of them when they are free, ``fix`` what
    becomes of dates that clash (``fix_value``), ``guest`` people of the house to invite
    (``booking.web.bookings.guests``).
    ``rule`` is an RRULE that the form has no fields for (``repeat`` "custom"),
    ``since`` the id of the date from which on a series changes.
    """

    space: tuple[str, ...] = ()
    date: str = ""
    start: str = ""
    end: str = ""
    end_date: str = ""
    all_day: str = ""
    title: str = ""
    organisation: str = ""
    organiser: str = ""
    attendance: str = ""
    category: str = "meeting"
    visibility: str = "members"
    note: str = ""
    invite: str = ""
    guest: tuple[str, ...] = ()
    repeat: str = "none"
    rule: str = ""
    every: str = "1"
    weekday: tuple[str, ...] = ()
    nth: tuple[str, ...] = ()
    ends: str = UNTIL
    until: str = ""
    count: str = "10"
    more: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    waits: str = ""
    fix: tuple[str, ...] = ()
    request_key: str = ""
    version: str = ""
    since: str = ""

    @classmethod
    def from_form(cls, form: "MultiDict[str, str]") -> "Typed":
        """Return what was posted; of a field sent twice, the first."""
        found: dict[str, Any] = {}
        for each in fields(cls):
            if each.name == "fix":
                found["fix"] = _fixes(form)
            elif each.name == "skip":
                found["skip"] = tuple(" ".join(form.getlist("skip")).split())
            elif each.type == tuple[str, ...]:
                found[each.name] = tuple(dict.fromkeys(filter(None, form.getlist(each.name))))
            elif each.name in form:
                found[each.name] = form[each.name]
        return cls(**found)

    @classmethod
    def from_booking(cls, booking: BookingView) -> "Typed":
        """Return what somebody would have to type for this booking."""
        start, end = booking.starts_at, booking.ends_at
        return cls(
            space=tuple(str(each) for each in booking.usual_spaces),
            title=booking.title,
            organisation=text_of(booking.organisation_id),
            organiser=text_of(booking.organiser_id),
            attendance=text_of(booking.attendance),
            category=booking.category,
            visibility=booking.visibility.value,
            note=booking.note,
            version=str(booking.version),
            **time_fields(start, end, all_day=booking.all_day),
            **_repeat_fields(booking),
        )

    def taking(self, offer: str, *, field: str = "") -> "Typed":
        """Return this with the time and the rooms of an alternative (see ``offer_value``).

        Raises:
            InvalidRequest: If it is none of ours; about ``field``.
        """
        parts = offer.split("|")
        if len(parts) != len(_OFFERED) + 1:
            raise InvalidRequest.because("choice_invalid", field)
        times: dict[str, Any] = dict(zip(_OFFERED, parts, strict=False))
        return replace(self, **times, space=tuple(parts[-1].split(",")))


# What an address carries from page to page; the rest of a form does not belong into one.
CARRIED = ("date", "start", "end", "end_date", "all_day", "title", "attendance", "more")
CARRIED_OF_RULE = ("leaves", "repeat", "rule", "every", "weekday", "nth", "ends", "until", "count")


def carried(typed: Typed) -> list[tuple[str, str]]:
    """Return the fields of time, repetition and people, as an address carries them."""
    names = CARRIED if typed.repeat in ("", "none") else (*CARRIED, *CARRIED_OF_RULE)
    found: list[tuple[str, str]] = []
    for name in names:
        value = getattr(typed, name)
        found += [
            (name, each) for each in (value if isinstance(value, tuple) else (value,)) if each
        ]
    return found


SKIP = "skip"
_OFFERED = ("date", "start", "end", "end_date", "all_day")


def offer_value(times: Mapping[str, str], space_ids: tuple[int, ...]) -> str:
    """Return an alternative as the value of one button."""
    return "|".join([*(times[name] for name in _OFFERED), ",".join(map(str, space_ids))])


def fix_value(day: date, choice: str) -> str:
    """Return what becomes of a date that clashes, as one value: an alternative, or ``SKIP``."""
    return f"{day.isoformat()}={choice}"


def _fixes(form: "MultiDict[str, str]") -> tuple[str, ...]:
    """Return what becomes of the dates that clash, of which button was pressed.

    One rule for all of them, or the choice for each; any other button leaves them alone.
    """
    if "fixes" in form:
        return tuple(form["fixes"].split())
    return tuple(form.getlist("fix")) if "resolve" in form else ()


def text_of(number: int | None) -> str:
    """Return a number as a field shows it."""
    return "" if number is None else str(number)


def time_fields(start: datetime, end: datetime, *, all_day: bool = False) -> dict[str, Any]:
    """Return the fields of a naive local time."""
    midnight = end.time() == time(0)
    last = (end - DAY if midnight else end).date()
    return {
        "date": start.date().isoformat(),
        "start": f"{start:%H:%M}",
        "end": "24:00" if midnight else f"{end:%H:%M}",
        "end_date": "" if last == start.date() else last.isoformat(),
        "all_day": "1" if all_day else "",
    }


def _repeat_fields(booking: BookingView) -> dict[str, Any]:
    if booking.rule is None:
        return {}
    start = booking.starts_at
    more = (
        each.date().isoformat()
        if each.time() == start.time()
        else each.isoformat(timespec="minutes")
        for each in booking.rdates
    )
    if booking.rdates and parse_rule(booking.rule) == ONCE:
        return {"more": tuple(more)}
    leaves = tuple(sorted(booking.leaves_out))
    return {**rule_fields(booking.rule, start), "more": tuple(more), "leaves": leaves}


def rule_fields(text: str, start: datetime) -> dict[str, Any]:
    """Return the fields of a rule; what the form cannot say stays a text."""
    rule = parse_rule(text)
    ends: dict[str, Any] = {"ends": OPEN}
    if rule.count is not None:
        ends = {"ends": COUNT, "count": str(rule.count)}
    elif rule.until is not None:
        ends = {"ends": UNTIL, "until": rule.until.date().isoformat()}
    repeat = _repeat(rule, start)
    weekdays = tuple(str(each.weekday) for each in rule.by_day) if repeat == "weekly" else ()
    nths: tuple[str, ...] = ()
    if repeat == "monthly_nth":
        of_month, of_week = nths_and_weekdays(rule) or ([], [])
        nths, weekdays = tuple(map(str, of_month)), tuple(map(str, of_week))
    return {
        "repeat": repeat,
        "rule": text if repeat == "custom" else "",
        "every": str(rule.interval),
        "weekday": weekdays,
        "nth": nths,
        **ends,
    }


def _repeat(rule: Rule, start: datetime) -> str:
    if is_last_working_day(rule):
        return "monthly_workday"
    if rule.by_month or rule.by_set_pos or rule.week_start or rule.freq is Frequency.YEARLY:
        return "custom"
    if rule.freq is Frequency.DAILY:
        return "custom" if rule.by_day or rule.by_month_day else "daily"
    if rule.freq is Frequency.WEEKLY:
        return "weekly"
    if rule.by_month_day in ((), (start.day,)) and not rule.by_day:
        return "monthly_day"
    if len(rule.by_day) == 1 and not rule.by_month_day:
        nth, weekday = rule.by_day[0]
        if weekday == start.weekday() and nth in (-1, (start.day - 1) // 7 + 1):
            return "monthly_last" if nth == -1 else "monthly_weekday"
    return "monthly_nth" if nths_and_weekdays(rule) else "custom"
