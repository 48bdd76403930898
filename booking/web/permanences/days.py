"""One's own permanences: who receives today, said with one tap."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import permanences as verbs
from booking.core.errors import Conflicted, InvalidRequest, NotFound
from booking.core.permanences import DayAsked, LateRequest, PermanenceView, Standing
from booking.core.permissions import may_administer, may_keep_permanence
from booking.core.recurrence import to_local
from booking.core.series import GIVEN_UP
from booking.core.values import Actor
from booking.db import db
from booking.queries.permanences import Days, dates_of, permanences
from booking.web.bookings.blueprint import BOOKING
from booking.web.bookings.reading import read_clock
from booking.web.bookings.words import rule_words, times_words
from booking.web.context import actor, now, signed_in, sites, spaces
from booking.web.dates import clock
from booking.web.permanences.blueprint import blueprint
from booking.web.permanences.lines import Line, lines_of

SHOWN_DAYS = 14
QUARTER = timedelta(minutes=15)
_DATE = f"{BOOKING}/dates/<int:occurrence_id>"
AWAY, BACK, LATE, ON_TIME = "away", "back", "late", "on_time"


@dataclass(frozen=True, slots=True)
class Day:
    """A date that the reader may say something about; ``later`` are the times to choose from."""

    line: Line
    is_today: bool
    is_given_up: bool
    is_late: bool
    may_move: bool
    later: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A permanence with its rule in words; ``may_change`` for those who look after it."""

    view: PermanenceView
    rule: str
    times: str
    places: str
    may_change: bool


@blueprint.get("/bookings/permanences")
@signed_in
def ours() -> str:
    """Show the permanences of one's organisations: today, the days to come, and the series."""
    looking, known = actor(), spaces()
    wanted = None if _runs_any(looking) else looking.organisations
    days: list[Day] = []
    for site in sites():
        today = to_local(now(), site.zone).date()
        asked = Days.of(
            site,
            [key for key, each in known.items() if each.site_id == site.id],
            today,
            today + timedelta(days=SHOWN_DAYS),
            now=now(),
        )
        found = [
            each
            for each in dates_of(db.session(), asked, wanted)
            if each.interval.end > now()
            and (each.state.is_open or each.state in GIVEN_UP)
            and {*each.space_ids} <= known.keys()
        ]
        lines = lines_of(found, {site.id: site}, known, now=now())
        days += [_day(each, site.zone) for each in lines if not each.is_elsewhere]
    kept = permanences(db.session(), now=now(), organisation_ids=wanted)
    return render_template(
        "permanences/ours.html",
        today=[each for each in days if each.is_today],
        coming=[each for each in days if not each.is_today],
        kept=[_kept(each, looking) for each in kept],
        may_make=bool(looking.manages) or _runs_any(looking),
    )


@blueprint.post(f"{_DATE}/standing")
@signed_in
def say(booking_id: int, occurrence_id: int) -> Response:
    """Say that a date is given up, back, late or on time."""
    day, said = DayAsked(booking_id, occurrence_id), request.form.get("say", "")
    try:
        flash(_said(said, day))
    except (InvalidRequest, Conflicted) as error:
        if isinstance(error, Conflicted):
            flash(_("The office is taken by now: choose a further date, or another room."), "error")
        else:
            raise
    return redirect(url_for("permanences.ours", _anchor=f"date-{occurrence_id}"), 303)


def _said(said: str, day: DayAsked) -> str:
    """Do what was said; return what visitors read now."""
    if said == AWAY:
        verbs.stay_away(day, actor(), now=now())
        return _(
            "Visitors read from now on: nobody receives that day. The office is free for others."
        )
    if said == BACK:
        verbs.come_after_all(day, actor(), now=now())
        return _("Visitors read from now on: it takes place.")
    if said == ON_TIME:
        verbs.be_late(LateRequest(day, None), actor(), now=now())
        return _("Visitors read from now on: on time.")
    if said == LATE:
        expected = read_clock(request.form.get("expected", ""), "expected")
        verbs.be_late(LateRequest(day, expected), actor(), now=now())
        return _("Visitors read from now on: late, from %(time)s.", time=clock(expected))
    raise NotFound("page", said)


def _runs_any(looking: Actor) -> bool:
    return any(may_administer(looking, each.id) for each in sites())


def _day(line: Line, zone: str) -> Day:
    at = to_local(now(), zone)
    is_today = line.on == at.date()
    return Day(
        line,
        is_today,
        is_given_up=not line.entry.state.is_open,
        is_late=line.entry.standing(now()) is Standing.LATE,
        may_move=may_keep_permanence(
            actor(), line.entry.organisation_id, site_id=line.entry.site_id
        ),
        later=_later(line, at) if is_today else (),
    )


def _later(line: Line, at: datetime) -> tuple[str, ...]:
    """Return up to four quarters of an hour from which somebody who is late may be there."""
    first = max(line.start + QUARTER, at.replace(minute=0, second=0, microsecond=0))
    while first <= at:
        first += QUARTER
    steps = (first, first + QUARTER, first + 2 * QUARTER, first + 4 * QUARTER)
    return tuple(f"{each:%H:%M}" for each in steps if each < line.end)


def _kept(view: PermanenceView, looking: Actor) -> Kept:
    return Kept(
        view,
        rule_words(view.rule) if view.rule else "",
        times_words(view.starts_at, view.ends_at),
        ", ".join(spaces()[each].name for each in view.space_ids if each in spaces()),
        may_keep_permanence(looking, view.organisation_id, site_id=view.site_id),
    )
