"""The page of one booking: what, where, when, what became of it, who did what."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from flask import make_response, render_template, request
from flask_babel import get_locale
from werkzeug.wrappers import Response

from booking.actions.bookings.expansion import reasons
from booking.actions.checkins import may_check_in
from booking.core.checkin import to_check_in
from booking.core.intervals import Interval
from booking.core.permissions import may_approve, may_change
from booking.core.recurrence import parse_rule, to_local
from booking.core.series import GIVEN_UP, own_date
from booking.core.values import Actor, BookingView, Space, State, Want, combined_state
from booking.core.waiting import number_waiting
from booking.db import db
from booking.i18n import FEATURES, STATES, VISIBILITIES
from booking.queries import agenda, houses
from booking.queries.waiting import open_wants
from booking.web.bookings.blueprint import BOOKING, blueprint
from booking.web.bookings.form import readable
from booking.web.bookings.history import lines
from booking.web.bookings.inviting import invited
from booking.web.bookings.offers import offered
from booking.web.bookings.season import season_of
from booking.web.bookings.swapping import can_be_wanted, swapped
from booking.web.bookings.words import day_off_words, repeat_words, span_words, times_words
from booking.web.context import actor, all_sites, is_fragment, now, signed_in

SHOWN_DATES = 8


@dataclass(frozen=True, slots=True)
class DateLine:
    """One date of a booking.

    ``waits`` tells that the reader is on the waiting list for it, ``own`` that
    it is not as its series says, ``returnable`` that it may take place after all.
    """

    occurrence_id: int
    start: datetime
    end: datetime
    state: State
    rooms: tuple[str, ...]
    over: bool
    cancellable: bool
    waits: bool = False
    own: bool = False
    returnable: bool = False


@dataclass(frozen=True, slots=True)
class RoomLine:
    """A space of the booking with its state; ``reason`` is the approver's answer."""

    space: Space
    state: State
    reason: str


@blueprint.get(BOOKING)
@signed_in
def show(booking_id: int) -> Response:
    """Show a booking as the reader may see it; the dialog gets the short form."""
    stored = agenda.booking(db.session(), booking_id)
    booking, looking = readable(stored), actor()
    spaces = houses.spaces_by_id(db.session(), booking.space_ids)
    there = open_wants(db.session(), _span(stored))
    dates = _dates(booking, spaces, now(), _places(there, stored, looking))
    coming = [each for each in dates if not each.over]
    asked = _asked(dates)
    may_edit = may_change(looking, stored)
    decides = may_edit or _decides(looking, stored)
    short = is_fragment()
    waits = any(
        each.state is State.REQUESTED
        and each.interval.end > now()
        and may_approve(looking, space_id=each.space_id, site_id=each.site_id)
        for each in stored.occurrences
    )
    answer = make_response(
        render_template(
            "bookings/show.html" if short else "bookings/show_page.html",
            booking=booking,
            when=_when(booking, coming, asked),
            asked=asked,
            rooms=_rooms(booking, spaces),
            dates=dates,
            waits_alone=booking.rule is None and any(each.waits for each in dates),
            coming=coming,
            past=[each for each in reversed(dates) if each.over],
            shown=SHOWN_DATES,
            times=times_words,
            this_year=to_local(now(), booking.zone).year,
            may_edit=may_edit,
            offered=offered(booking) if may_edit else [],
            swaps=swapped(stored) if may_edit else [],
            invited=None if short else invited(stored),
            season=season_of(stored) if may_edit else None,
            can_swap=can_be_wanted(booking),
            can_check_in=may_check_in(looking, stored)
            and bool(to_check_in(stored.occurrences, spaces, stored.updated_at, now=now())),
            has_begun=any(
                each.state.is_open and each.interval.start <= now() for each in stored.occurrences
            ),
            is_there=any(
                each.checked_in_at and each.interval.end > now() for each in booking.occurrences
            ),
            is_open=any(each.state.is_open for each in coming),
            waiting=_waiting(stored, there, spaces),
            waits_for_me=waits,
            history=lines(booking, spaces) if decides and not short else [],
            rule=repeat_words(booking),
            left_out=_left_out(booking),
            held=_held(booking),
            local=lambda at: to_local(at, booking.zone),
            VISIBILITIES=VISIBILITIES,
            FEATURES=FEATURES,
            STATES=STATES,
        )
    )
    answer.headers["Vary"] = "X-Fragment, Cookie"
    return answer


def _held(booking: BookingView) -> date | None:
    """Return the last day that a series without an end holds so far."""
    if booking.rule is None or booking.redacted or not parse_rule(booking.rule).is_endless:
        return None
    days = [each.recurrence_id.date() for each in booking.occurrences if each.state.is_open]
    return max(days, default=None)


def _left_out(booking: BookingView) -> list[tuple[datetime, str]]:
    """Return the coming dates that a series leaves out, and why."""
    today = to_local(now(), booking.zone).date()
    coming = [each for each in booking.exdates if each.date() >= today]
    if not coming or booking.redacted:
        return []
    site = all_sites()[booking.site_id]
    why = reasons(booking.leaves_out, coming, site, language=str(get_locale()))
    return [(each, day_off_words(why.get(each))) for each in coming]


def _span(booking: BookingView) -> Interval:
    times = [each.interval for each in booking.occurrences]
    return Interval(min(each.start for each in times), max(each.end for each in times))


def _waiting(booking: BookingView, there: Sequence[Want], spaces: Mapping[int, Space]) -> int:
    """Return how many people wait for a time that the booking has."""
    times = {each.interval for each in booking.occurrences if each.state.is_open}
    return number_waiting(booking.space_ids, times, there, spaces) if there else 0


def _places(there: Iterable[Want], booking: BookingView, looking: Actor) -> set[date]:
    """Return the days of the dates of a series that the reader waits for."""
    return {
        each.recurrence_id.date()
        for each in there
        if each.recurrence_id
        and each.booking_id == booking.id
        and each.person_id == looking.person_id
    }


def _decides(looking: Actor, booking: BookingView) -> bool:
    return any(
        may_approve(looking, space_id=each, site_id=booking.site_id) for each in booking.space_ids
    )


def _asked(dates: list[DateLine]) -> DateLine | None:
    """Return the date of a series that the page was opened from, if any."""
    asked = request.args.get("date", "")
    return next((each for each in dates if str(each.occurrence_id) == asked), None)


def _when(booking: BookingView, coming: list[DateLine], asked: DateLine | None) -> str:
    """Return the booking's time in words; of a series, that of the date asked for or the next."""
    upcoming = asked or next((each for each in coming if each.state.is_open), None)
    if upcoming is None:
        return span_words(booking.starts_at, booking.ends_at, all_day=booking.all_day)
    return span_words(upcoming.start, upcoming.end, all_day=booking.all_day)


def _dates(
    booking: BookingView, spaces: Mapping[int, Space], at: datetime, places: Collection[date]
) -> list[DateLine]:
    """Return a line for each date, in order."""
    by_date = groupby(
        sorted(booking.occurrences, key=attrgetter("interval.start", "occurrence_id")),
        key=attrgetter("occurrence_id"),
    )
    found = []
    for occurrence_id, group in by_date:
        views = list(group)
        over = views[0].interval.end <= at
        is_open = any(each.state.is_open for each in views)
        found.append(
            DateLine(
                occurrence_id=occurrence_id,
                start=to_local(views[0].interval.start, booking.zone),
                end=to_local(views[0].interval.end, booking.zone),
                state=combined_state({each.state for each in views}),
                rooms=tuple(spaces[each.space_id].name for each in views),
                over=over,
                cancellable=is_open and not over,
                waits=views[0].recurrence_id.date() in places,
                own=own_date(booking, views) is not None,
                returnable=not over and GIVEN_UP.issuperset({each.state for each in views}),
            )
        )
    return found


def _rooms(booking: BookingView, spaces: Mapping[int, Space]) -> list[RoomLine]:
    """Return each space with the state of all its dates together."""
    found = []
    for space_id in booking.space_ids:
        mine = [each for each in booking.occurrences if each.space_id == space_id]
        state = combined_state({each.state for each in mine})
        reason = next((each.reason for each in mine if each.reason and each.state is state), "")
        found.append(RoomLine(spaces[space_id], state, reason))
    return sorted(found, key=lambda each: list(spaces).index(each.space.id))
