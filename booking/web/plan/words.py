"""What a space is at an instant, in words: the same for the plan, the list and the card."""

from datetime import date, datetime, time

from flask_babel import LazyString, format_decimal, gettext
from flask_babel import lazy_gettext as _l

from booking.core.plan import Spot, SpotState
from booking.core.recurrence import to_local
from booking.core.values import OccurrenceView
from booking.web.bookings.words import times_words
from booking.web.dates import dateformat

SPOT_STATES: dict[SpotState, LazyString] = {
    SpotState.FREE: _l("free"),
    SpotState.LET: _l("let"),
    SpotState.PRESENT: _l("receiving visitors"),
    SpotState.IN_USE: _l("in use"),
    SpotState.CLOSED: _l("closed"),
}


def state_until(name: object, until: str) -> str:
    """Return state and end: "in use until 12:00"."""
    return gettext("%(state)s until %(time)s", state=name, time=until) if until else str(name)


def until_words(until: datetime | None, zone: str, day: date) -> str:
    """Return when a state ends, with the day where it is another one; "" for the day's end."""
    if until is None:
        return ""
    local = to_local(until, zone)
    if local.date() == day:
        return f"{local:%H:%M}"
    if local.time() == time(0) and (local.date() - day).days == 1:
        return "24:00"
    return times_words(local, local, day).partition("–")[0]


def who_words(view: OccurrenceView) -> str:
    """Return what is on and by whom, as far as the reader may know."""
    who = view.organisation_name or view.organiser_name
    if view.redacted or not view.title:
        return gettext("Busy")
    return f"{view.title}, {who}" if who else view.title


def detail_words(spot: Spot) -> str:
    """Return what makes the state: the bookings that run, who has it, why it is closed."""
    if spot.closure is not None:
        return spot.closure.reason
    if spot.running:
        return "; ".join(who_words(each) for each in spot.running)
    return ", ".join(each.organisation_name for each in spot.leases)


def lease_end(ends: date | None) -> str:
    """Return until when a space is let."""
    if ends is None:
        return gettext("without an end")
    return gettext("until %(day)s", day=dateformat(ends, "long"))


def square_metres(area: float | None) -> str:
    """Return an area as "38.5 m²", "" for none."""
    return "" if area is None else f"{format_decimal(area, '#,##0.##')} m²"
