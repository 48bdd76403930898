"""The history of a booking in words: who, when, through which door, old and new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking.core.recurrence import to_local
from booking.core.values import BookingView, Space
from booking.db import db
from booking.i18n import DOORS, STATES, VISIBILITIES
from booking.queries import houses
from booking.queries.audit import AuditEntry, history, person_names
from booking.web.bookings.words import day_words, left_out_words, rule_words
from booking.web.context import category_names
from booking.web.dates import moment

VERBS: dict[str, LazyString] = {
    "book": _l("Booked"),
    "change": _l("Changed"),
    "cancel": _l("Cancelled"),
    "change_date": _l("One date changed"),
    "bring_back": _l("A date brought back"),
    "claim": _l("A date became free"),
    "approve": _l("Approved"),
    "override": _l("Booked over others"),
    "displace": _l("Displaced"),
    "hand_over": _l("Handed over"),
    "invite": _l("People invited by mail"),
    "uninvite": _l("Taken from the list of invited people"),
    "propose_swap": _l("Swap proposed"),
    "withdraw_swap": _l("Swap withdrawn"),
    "decline_swap": _l("Swap declined"),
    "swap": _l("Swapped"),
    "refuse": _l("Refused"),
    "expire": _l("Expired"),
    "retime": _l("At the same hours, by new rules for the clocks"),
    "check_in": _l("Checked in"),
    "no_show": _l("Nobody came"),
    "count_people": _l("People counted"),
    "still_needed": _l("Still needed"),
    "ask_season": _l("Asked about the next season"),
    "keep_season": _l("Kept for the next season"),
    "give_season_back": _l("Place given back"),
    "end_season": _l("Ended with the season: nobody answered"),
    "extend": _l("Went on, with dates that were taken"),
    "propose": _l("Something else proposed"),
    "withdraw_offer": _l("Proposal withdrawn"),
    "decline_offer": _l("Offer declined"),
    "late": _l("Later that day"),
    "change_words": _l("Words for visitors changed"),
}
LABELS: dict[str, LazyString] = {
    "title": _l("What for"),
    "spaces": _l("Rooms"),
    "start": _l("Start"),
    "end": _l("End"),
    "rule": _l("Repeat"),
    "rdates": _l("Further dates"),
    "leaves_out": _l("Leaves out"),
    "dates": _l("Number of dates"),
    "cancelled": _l("Cancelled dates"),
    "conflicts": _l("Dates that were taken"),
    "date": _l("Date"),
    "category": _l("Kind"),
    "visibility": _l("Who may read it"),
    "organisation_id": _l("Organisation"),
    "organiser_id": _l("For"),
    "attendance": _l("People expected"),
    "came": _l("People who came"),
    "note": _l("Note for the reception"),
    "invited": _l("Number of people"),
    "uninvited": _l("Number of people"),
    "state": _l("State"),
    "reason": _l("Reason"),
    "words": _l("A word with it"),
    "on": _l("Date"),
    "over": _l("More than the limit"),
    "expected": _l("Expected"),
    "text": _l("Words for visitors"),
    "phone": _l("Telephone"),
    "email": _l("E-mail"),
    "link": _l("Page on the web"),
    "appointment_link": _l("Link for appointments"),
    "season": _l("Season until"),
}
LIMITS: dict[str, LazyString] = {
    "use_included": _l("hours included in a month"),
    "use_month_hours": _l("hours a month"),
    "use_week_hours": _l("hours a week"),
    "use_month_peak": _l("hours at peak times a month"),
    "use_week_peak": _l("hours at peak times a week"),
    "use_month_dates": _l("bookings a month"),
    "use_week_dates": _l("bookings a week"),
    "use_coming": _l("bookings to come"),
}
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of the booking before and after, in words; ``old`` is empty where it was made."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Line:
    """One change; ``at`` is naive and local."""

    what: str
    who: str
    door: str
    at: datetime
    fields: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class _Names:
    spaces: Mapping[int, str]
    people: Mapping[int, str]
    organisations: Mapping[int, str]


def lines(booking: BookingView, spaces: Mapping[int, Space]) -> list[Line]:
    """Return the history of a booking, the latest first; at most four statements."""
    entries = history(db.session(), "booking", booking.id)
    names = _names(entries, spaces)
    return [
        Line(
            what=str(VERBS.get(each.verb, each.verb)),
            who=each.actor_name or _("The house"),
            door=str(DOORS.get(each.door.value, each.door.value)),
            at=to_local(each.at, booking.zone),
            fields=tuple(_differences(each, names)),
        )
        for each in entries
    ]


def _differences(entry: AuditEntry, names: _Names) -> Iterable[Difference]:
    old, new = entry.old or {}, entry.new or {}
    for key, label in LABELS.items():
        if key not in old and key not in new:
            continue
        if entry.old is None and new.get(key) in (None, "", []):
            continue  # of what was made, only what was said
        before = "" if entry.old is None or key not in old else _value(key, old[key], names)
        yield Difference(str(label), before, _value(key, new.get(key), names))


def _value(key: str, value: object, names: _Names) -> str:
    if value in (None, "", []):
        return NOTHING
    if key == "spaces" and isinstance(value, list):
        return ", ".join(names.spaces.get(each, str(each)) for each in value)
    if key == "over" and isinstance(value, list):
        return ", ".join(str(LIMITS.get(each, each)) for each in value)
    if key == "date" and isinstance(value, dict):
        return _date(value, names)
    if key in ("cancelled", "conflicts", "rdates") and isinstance(value, list):
        return "; ".join(_time(each) for each in value)
    if key == "leaves_out" and isinstance(value, list):
        return "; ".join(map(left_out_words, value))
    if isinstance(value, int) and key == "organiser_id":
        return names.people.get(value, NOTHING)
    if isinstance(value, int) and key == "organisation_id":
        return names.organisations.get(value, NOTHING)
    return _text(key, str(value))


def _date(value: Mapping[str, object], names: _Names) -> str:
    """Return what a date of a series was, or became, in one line."""
    spaces = _value("spaces", value.get("spaces"), names)
    end = str(value.get("end", ""))[-5:]
    parts = [f"{_time(value.get('start'))}–{end}", spaces, str(value.get("title", ""))]
    return " · ".join(parts)


def _text(key: str, value: str) -> str:
    words = {"category": category_names(), "visibility": VISIBILITIES, "state": STATES}
    if key in words:
        return str(words[key].get(value, value))
    if key in ("start", "end", "on", "expected"):
        return _time(value)
    if key == "season":
        return day_words(date.fromisoformat(value))
    return rule_words(value) if key == "rule" else value


def _time(value: object) -> str:
    try:
        return moment(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _names(entries: Iterable[AuditEntry], spaces: Mapping[int, Space]) -> _Names:
    session = db.session()
    said: dict[str, set[int]] = {"spaces": set(), "organiser_id": set(), "organisation_id": set()}
    for entry in entries:
        for part in (entry.old or {}, entry.new or {}):
            for key, ids in said.items():
                value = part.get(key)
                values = value if isinstance(value, list) else [value]
                ids.update(each for each in values if isinstance(each, int))
    known = {each.id: each.name for each in spaces.values()}
    if said["spaces"] - known.keys():
        known |= {
            each.id: each.name for each in houses.spaces_by_id(session, said["spaces"]).values()
        }
    people = person_names(session, said["organiser_id"]) if said["organiser_id"] else {}
    organisations = (
        houses.organisation_names(session, said["organisation_id"])
        if said["organisation_id"]
        else {}
    )
    return _Names(known, people, organisations)
