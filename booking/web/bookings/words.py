"""Rules, times and bookings in words."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta

from babel.lists import format_list
from flask_babel import LazyString, get_locale, gettext, ngettext
from flask_babel import lazy_gettext as _l

from booking.core.days_off import DayOff, DayOffKind, zone_of
from booking.core.errors import InvalidRequest
from booking.core.recurrence import (
    ONCE,
    Frequency,
    Rule,
    is_last_working_day,
    nths_and_weekdays,
    parse_rule,
)
from booking.core.requests import OwnDate
from booking.core.values import BookingView, Space, State
from booking.i18n import SCHOOL_HOLIDAYS
from booking.web.dates import dateformat, day_long, day_short

NTHS: dict[int, LazyString] = {
    1: _l("first"),
    2: _l("second"),
    3: _l("third"),
    4: _l("fourth"),
    5: _l("fifth"),
    -1: _l("last"),
}


def rule_words(text: str) -> str:
    """Return how often a rule repeats, and until when, as one line."""
    try:
        rule = parse_rule(text)
    except InvalidRequest:
        return text
    if rule == ONCE:
        return gettext("On chosen dates")
    often = _frequency(rule)
    return f"{often}, {_end(rule)}" if often else text


def repeat_words(booking: BookingView) -> str:
    """Return the same of a booking with its further dates; nothing where it is single."""
    return dates_words(booking.rule, booking.rdates, booking.leaves_out)


def dates_words(rule: str | None, rdates: Collection[datetime], leaves_out: Collection[str]) -> str:
    """Return how often a rule repeats, with further dates, without days off; nothing for none."""
    if rule is None:
        return ""
    words, further = rule_words(rule), len(rdates)
    if leaves_out:
        left = listed_words(map(left_out_words, sorted(leaves_out)))
        words = gettext("%(rule)s, without %(days)s", rule=words, days=left)
    if not further or parse_rule(rule) == ONCE:
        return words
    return ngettext(
        "%(rule)s, and %(num)s further date",
        "%(rule)s, and %(num)s further dates",
        further,
        rule=words,
    )


def left_out_words(code: str) -> str:
    """Return what a code of days off means: "public holidays"."""
    zone = zone_of([code])
    return (
        gettext("school holidays of zone %(zone)s", zone=zone)
        if zone
        else gettext("public holidays")
    )


def day_off_words(day: DayOff | None) -> str:
    """Return why a date is left out; None where nobody knows any more."""
    if day is None:
        return gettext("day off")
    name = str(SCHOOL_HOLIDAYS.get(day.name, day.name))
    if day.kind is DayOffKind.PUBLIC:
        return gettext("public holiday: %(name)s", name=name)
    return name or gettext("school holidays")


def clock_words(asked: datetime, shown: datetime, kind: str) -> str:
    """Return what an hour means in which the clocks change."""
    said = {"day": dateformat(asked, "long"), "at": f"{asked:%H:%M}"}
    said["shown"] = f"{shown:%H:%M}"
    if kind == "gap":
        return gettext(
            "The clocks go forward on %(day)s: %(at)s does not exist, it is %(shown)s that day.",
            **said,
        )
    return gettext("The clocks go back on %(day)s: %(at)s comes twice, the first is meant.", **said)


def weekday_name(weekday: int, width: str = "wide") -> str:
    """Return the name of a weekday, 0 for Monday; ``width`` is wide or abbreviated."""
    return str(get_locale().days["stand-alone"][width][weekday])


def weekday_order() -> list[int]:
    """Return the weekdays in the reader's order."""
    first = get_locale().first_week_day
    return [(first + each) % 7 for each in range(7)]


def span_words(start: datetime, end: datetime, *, all_day: bool = False) -> str:
    """Return a naive local time as "Thursday, 11 March 2027, 10:00-11:00" in words."""
    midnight = end.time() == time(0) and end.date() > start.date()
    last = end - timedelta(days=1) if midnight else end
    first_day, last_day = day_words(start), day_words(last)
    if all_day and start.date() == last.date():
        return gettext("%(day)s, all day", day=first_day)
    if all_day:
        return gettext("%(first)s to %(last)s, all day", first=first_day, last=last_day)
    begin, finish = f"{start:%H:%M}", "24:00" if midnight else f"{end:%H:%M}"
    if start.date() == last.date():
        return gettext("%(day)s, %(start)s–%(end)s", day=first_day, start=begin, end=finish)
    return gettext(
        "%(first)s, %(start)s to %(last)s, %(end)s",
        first=first_day,
        start=begin,
        last=last_day,
        end=finish,
    )


def times_words(start: datetime, end: datetime, on: date | None = None) -> str:
    """Return a naive local time in short: ``09:00-10:30``, with each day that is not ``on``.

    Without ``on`` the day of the start goes without saying.  Whole days have no times.
    """
    if last_whole := _last_whole_day(start, end):
        return gettext("%(start)s to %(end)s", start=day_short(start), end=day_short(last_whole))
    begin, finish = f"{start:%H:%M}", f"{end:%H:%M}"
    last = end.date()
    if end.time() == time(0) and end > start:
        finish, last = "24:00", last - timedelta(days=1)
    if start.date() != (on or start.date()):
        begin = f"{day_short(start)}, {begin}"
    if last != start.date():
        finish = f"{day_short(last)}, {finish}"
        return gettext("%(start)s to %(end)s", start=begin, end=finish)
    return f"{begin}–{finish}"


def _last_whole_day(start: datetime, end: datetime) -> date | None:
    """Return the last of several days that are taken from midnight to midnight."""
    last = end.date() - timedelta(days=1)
    is_whole = start.time() == end.time() == time(0) and last > start.date()
    return last if is_whole else None


def done_words(booking: BookingView, spaces: dict[int, Space]) -> str:
    """Return the sentence that tells what was stored."""
    dates = len({each.occurrence_id for each in booking.occurrences if each.state.is_open})
    said = {
        "title": booking.title,
        "rooms": ", ".join(spaces[each].name for each in booking.space_ids),
        "when": span_words(booking.starts_at, booking.ends_at, all_day=booking.all_day),
    }
    asked = booking.state is State.REQUESTED
    if dates > 1 and asked:
        return ngettext(
            "Requested: %(title)s, %(rooms)s, %(num)s date from %(when)s. An approver answers.",
            "Requested: %(title)s, %(rooms)s, %(num)s dates from %(when)s. An approver answers.",
            dates,
            **said,
        )
    if dates > 1:
        return ngettext(
            "Booked: %(title)s, %(rooms)s, %(num)s date from %(when)s.",
            "Booked: %(title)s, %(rooms)s, %(num)s dates from %(when)s.",
            dates,
            **said,
        )
    if asked:
        return gettext("Requested: %(title)s, %(rooms)s, %(when)s. An approver answers.", **said)
    return gettext("Booked: %(title)s, %(rooms)s, %(when)s.", **said)


def own_words(dates: Iterable[OwnDate]) -> tuple[str, ...]:
    """Return single dates of a series in words, each with what it has of its own."""
    return tuple(_own_words(each) for each in dates)


def _own_words(own: OwnDate) -> str:
    """Return "Thu 18 March: 14:00-15:00, Concert"."""
    said = []
    if own.start is not None and own.end is not None:
        said.append(times_words(own.start, own.end, own.recurrence_id.date()))
    if own.space_ids is not None:
        said.append(gettext("another room"))
    if own.title:
        said.append(own.title)
    if own.note:
        said.append(gettext("a note"))
    return f"{day_short(own.recurrence_id)}: {', '.join(said)}"


def day_words(local: date) -> str:
    """Return a day as "Thursday, 11 March 2027"."""
    return day_long(local)


def _frequency(rule: Rule) -> str:
    """Return how often, or nothing where only the rule itself says it."""
    every = rule.interval
    if is_last_working_day(rule):
        return ngettext(
            "Every month, on the last working day",
            "Every %(num)s months, on the last working day",
            every,
        )
    if rule.by_month or rule.by_set_pos:
        return ""
    if rule.freq is Frequency.YEARLY:
        is_plain = not rule.by_day and not rule.by_month_day
        return ngettext("Every year", "Every %(num)s years", every) if is_plain else ""
    if rule.freq is Frequency.DAILY:
        is_plain = not rule.by_day and not rule.by_month_day
        return ngettext("Every day", "Every %(num)s days", every) if is_plain else ""
    if rule.freq is Frequency.WEEKLY and rule.by_day:
        days = ", ".join(weekday_name(each.weekday) for each in rule.by_day)
        return ngettext("Every week: %(days)s", "Every %(num)s weeks: %(days)s", every, days=days)
    if rule.freq is Frequency.WEEKLY:
        return ngettext("Every week", "Every %(num)s weeks", every)
    return _monthly(rule)


def _monthly(rule: Rule) -> str:
    every = rule.interval
    if len(rule.by_month_day) == 1 and not rule.by_day:
        day = rule.by_month_day[0]
        if day == -1:
            return ngettext(
                "Every month, on its last day", "Every %(num)s months, on the last day", every
            )
        return ngettext(
            "Every month, on day %(day)s", "Every %(num)s months, on day %(day)s", every, day=day
        )
    if found := nths_and_weekdays(rule):
        nths, weekdays = found
        return ngettext(
            "Every month, on the %(nth)s %(weekday)s",
            "Every %(num)s months, on the %(nth)s %(weekday)s",
            every,
            nth=listed_words(str(NTHS[each]) for each in nths),
            weekday=listed_words(map(weekday_name, weekdays)),
        )
    if rule.by_day or rule.by_month_day:
        return ""
    return ngettext("Every month", "Every %(num)s months", every)


def listed_words(words: Iterable[str]) -> str:
    """Return words as a list in a sentence: a, b and c."""
    return str(format_list(list(words), locale=get_locale()))


def _end(rule: Rule) -> str:
    if rule.count is not None:
        return ngettext("%(num)s time", "%(num)s times", rule.count)
    if rule.until is not None:
        return gettext("until %(day)s", day=dateformat(rule.until, "long"))
    return gettext("as long as bookings are open")
