"""The list of bookings: one's own, one's organisations' for their managers, the house's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from babel.dates import format_date
from flask import make_response, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from booking.core.recurrence import to_local
from booking.core.values import Actor, OccurrenceView, Space, State, combined_state
from booking.core.visibility import seen_by
from booking.core.words import words_of
from booking.db import db
from booking.i18n import STATES
from booking.queries import houses
from booking.queries.own import OwnBooking, Show, own_bookings
from booking.web.bookings.blueprint import blueprint
from booking.web.bookings.season import unanswered_of
from booking.web.bookings.words import times_words
from booking.web.context import actor, all_sites, now, signed_in, spaces
from booking.web.numbers import is_id, page_number

PAGE_SIZE = 25
MOST_TEXT = 100
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked for, as its address says it.

    ``of`` is whose bookings: "" one's own, ``organisation``, or ``house``.
    """

    show: Show
    state: State | None
    of: str
    text: str
    space: str
    page: int

    @classmethod
    def read(cls) -> "Asked":
        """Return what the address asks; what makes no sense is left out."""
        asked = request.args
        show = next((each for each in Show if each == asked.get("show")), Show.COMING)
        state = next((each for each in FILTERS if each == asked.get("state")), None)
        of = asked.get("of", "")
        if of != "house" and not (of == "organisation" and actor().manages):
            of = ""
        space = asked.get("space", "")
        return cls(
            show=show,
            state=None if show is Show.WAITING else state,
            of=of,
            text=" ".join(asked.get("q", "").split())[:MOST_TEXT],
            space=space if is_id(space) else "",
            page=page_number(),
        )

    @property
    def states(self) -> tuple[State, ...]:
        """Which states are listed."""
        if self.show is Show.WAITING:
            return (State.REQUESTED,)
        return (self.state,) if self.state else USUAL

    def address(self, **other: object) -> str:
        """Return the address of this list, with some of it otherwise."""
        asked = {
            "show": self.show.value,
            "state": self.state.value if self.state else "",
            "of": self.of,
            "q": self.text,
            "space": self.space,
            **other,
        }
        kept = {name: value for name, value in asked.items() if value not in ("", None)}
        return url_for("bookings.mine", **cast("dict[str, Any]", kept))


@blueprint.get("/bookings")
@signed_in
def mine() -> Response:
    """Show what comes, what waits or what is over, as far as the reader may know."""
    asked, reader = Asked.read(), actor()
    words = words_of(asked.text)
    # All that the house has to come is what the planning is for: here it is searched.
    searches = asked.of == "house"
    found = (
        []
        if searches and not words
        else own_bookings(
            db.session(),
            person_id=None if asked.of else reader.person_id,
            organisation_ids=reader.manages if asked.of else (),
            reader=reader if searches else None,
            show=asked.show,
            states=asked.states,
            now=now(),
            limit=PAGE_SIZE + 1,
            offset=(asked.page - 1) * PAGE_SIZE,
            words=words,
            space_id=int(asked.space) if asked.space else None,
        )
    )
    # Archived ones too: what was booked there can still be read.
    booked = houses.spaces_by_id(
        db.session(), {view.space_id for each in found for view in each.views}
    )
    zones = {site.id: site.zone for site in all_sites().values()}
    lines = (_line(each, booked, zones, reader) for each in found[:PAGE_SIZE])
    return make_response(
        render_template(
            "bookings/mine.html",
            lines=[each for each in lines if each is not None],
            asked=asked,
            needs_words=searches and not words,
            times=times_words,
            rooms=[each for each in spaces().values() if each.bookable],
            filters=[("", None), *((each.value, STATES[each.value]) for each in FILTERS)],
            has_more=len(found) > PAGE_SIZE,
            STATES=STATES,
            unanswered=unanswered_of(reader, of=asked.of) if asked.show is Show.COMING else [],
            counts=any(each.policy.fair_use.is_on for each in all_sites().values()),
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


def _line(
    own: OwnBooking, booked: Mapping[int, Space], zones: Mapping[int, str], reader: Actor
) -> Line | None:
    """Return the line of a booking; None where nothing of it may be read after all."""
    views = [seen_by(each, reader) for each in own.views]
    view = next((each for each in views if not each.redacted), None)
    if view is None:
        return None
    zone = zones[view.site_id]
    return Line(
        booking_id=own.booking_id,
        view=view,
        state=combined_state({each.state for each in views}),
        rooms=tuple(booked[each.space_id] for each in views),
        start=to_local(view.interval.start, zone),
        end=to_local(view.interval.end, zone),
        others=own.dates - 1,
    )
