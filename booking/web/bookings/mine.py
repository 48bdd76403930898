"""The list of one's own bookings, and of one's organisations' for their managers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date
from flask import make_response, render_template, request
from flask_babel import get_locale
from werkzeug.wrappers import Response

from booking.core.recurrence import to_local
from booking.core.values import OccurrenceView, Space, State, combined_state
from booking.db import db
from booking.i18n import STATES
from booking.queries import houses
from booking.queries.own import OwnBooking, Show, own_bookings
from booking.web.bookings.blueprint import blueprint
from booking.web.bookings.words import times_words
from booking.web.context import actor, now, signed_in, sites
from booking.web.numbers import page_number

PAGE_SIZE = 25
# What a filter may ask for; without one, everything but what was given up.
FILTERS = (State.CONFIRMED, State.REQUESTED, State.REFUSED, State.CANCELLED)
USUAL = tuple(each for each in State if each not in (State.CANCELLED, State.SKIPPED))


@dataclass(frozen=True, slots=True)
class Line:
    """One booking of the list; ``start`` and ``end`` are of its next, or last, date (local)."""

    booking_id: int
    view: OccurrenceView
    state: State
    rooms: tuple[Space, ...]
    start: datetime
    end: datetime
    others: int


@blueprint.get("/bookings")
@signed_in
def mine() -> Response:
    """Show what comes, what waits or what is over."""
    asked = request.args
    show = next((each for each in Show if each == asked.get("show")), Show.COMING)
    state = next((each for each in FILTERS if each == asked.get("state")), None)
    if show is Show.WAITING:
        state = None
    of_organisation = asked.get("of") == "organisation" and bool(actor().manages)
    page = page_number()
    found = own_bookings(
        db.session(),
        person_id=None if of_organisation else actor().person_id,
        organisation_ids=actor().manages if of_organisation else (),
        show=show,
        states=_states(show, state),
        now=now(),
        limit=PAGE_SIZE + 1,
        offset=(page - 1) * PAGE_SIZE,
    )
    spaces = houses.spaces_by_id(
        db.session(), {view.space_id for each in found for view in each.views}
    )
    zones = {site.id: site.zone for site in sites()}
    return make_response(
        render_template(
            "bookings/mine.html",
            lines=[_line(each, spaces, zones) for each in found[:PAGE_SIZE]],
            show=show.value,
            times=times_words,
            state=state.value if state else "",
            of="organisation" if of_organisation else None,
            filters=[("", None), *((each.value, STATES[each.value]) for each in FILTERS)],
            page=page,
            has_more=len(found) > PAGE_SIZE,
            STATES=STATES,
        )
    )


@blueprint.app_template_filter()
def month_short(local: datetime) -> str:
    """Return the month in short."""
    return format_date(local, "MMM", locale=get_locale())


@blueprint.app_template_filter()
def weekday_short(local: datetime) -> str:
    """Return the weekday in short."""
    return format_date(local, "EEE", locale=get_locale())


def _states(show: Show, state: State | None) -> tuple[State, ...]:
    if show is Show.WAITING:
        return (State.REQUESTED,)
    return (state,) if state else USUAL


def _line(own: OwnBooking, spaces: Mapping[int, Space], zones: Mapping[int, str]) -> Line:
    view = own.views[0]
    zone = zones[view.site_id]
    return Line(
        booking_id=own.booking_id,
        view=view,
        state=combined_state({each.state for each in own.views}),
        rooms=tuple(spaces[each.space_id] for each in own.views),
        start=to_local(view.interval.start, zone),
        end=to_local(view.interval.end, zone),
        others=own.dates - 1,
    )
