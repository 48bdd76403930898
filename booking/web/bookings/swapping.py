"""Two people exchange their places: proposed on the other's page, agreed to on one's own."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import swaps as verbs
from booking.core.errors import BookingError, InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.recurrence import to_local
from booking.core.requests import DateSeen, SwapRequest
from booking.core.values import BookingView, OccurrenceView, State
from booking.core.visibility import may_read, seen_by
from booking.db import db
from booking.queries import agenda, houses
from booking.queries.swaps import SwapView, open_swaps
from booking.web.bookings.blueprint import BOOKING, blueprint
from booking.web.bookings.form import told
from booking.web.bookings.words import span_words
from booking.web.context import actor, is_fragment, now, signed_in
from booking.web.numbers import is_id
from booking.web.spoken import by_field

SWAP = "/swaps/<int(max=2147483647):swap_id>"
FIELDS = ("given", "wanted", "words")
MOST_DATES = 60
NEAR = 5  # dates of one's own that are shown at once


@dataclass(frozen=True, slots=True)
class Place:
    """A date in words; ``key`` is what a form sends for it, ``title`` empty where it is secret."""

    occurrence_id: int
    key: str
    title: str
    rooms: str
    when: str


@dataclass(frozen=True, slots=True)
class Swapped:
    """A proposed swap for the page of one of its bookings; ``until`` is of the house's clock.

    ``is_asked`` tells that it is to be answered here, not withdrawn.
    """

    id: int
    who: str
    mine: Place
    theirs: Place
    words: str
    until: datetime
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form carries: the own date, the other's, a word with it."""

    given: str = ""
    wanted: str = ""
    words: str = ""


def can_be_wanted(booking: BookingView) -> bool:
    """Whether the reader may propose to swap for a date of this booking, which is somebody's."""
    me = actor().person_id
    return (
        me is not None
        and booking.organiser_id not in (None, me)
        and not booking.redacted
        and any(_is_free_to_go(each) for each in booking.occurrences)
    )


def swapped(booking: BookingView) -> list[Swapped]:
    """Return what is proposed for a booking of the reader's; three statements at most."""
    session = db.session()
    found = open_swaps(session, booking.id, now=now())
    if not found:
        return []
    ids = {seen.occurrence_id for each in found for seen in (each.given, each.wanted)}
    dates = _by_date(agenda.by_occurrence(session, ids))
    rooms = _room_names(one for views in dates.values() for one in views)
    return [_line(each, booking, dates, rooms) for each in found]


def _line(
    swap: SwapView,
    booking: BookingView,
    dates: dict[int, list[OccurrenceView]],
    rooms: dict[int, str],
) -> Swapped:
    is_asked = swap.wanted.booking_id == booking.id
    mine, theirs = (swap.wanted, swap.given) if is_asked else (swap.given, swap.wanted)
    return Swapped(
        swap.id,
        swap.made_by_name or _whose(dates[swap.given.occurrence_id])
        if is_asked
        else _whose(dates[theirs.occurrence_id]),
        _place(dates[mine.occurrence_id], rooms, booking.zone),
        _place(dates[theirs.occurrence_id], rooms, booking.zone),
        swap.words,
        to_local(swap.expires_at, booking.zone),
        is_asked,
    )


def _whose(date: list[OccurrenceView]) -> str:
    return seen_by(date[0], actor()).organiser_name or _("Somebody")


@blueprint.get(f"{BOOKING}/swap")
@signed_in
def swap(booking_id: int) -> Response:
    """Show what of one's own could be given for it."""
    return _page(_wanted(booking_id), Typed())


@blueprint.post(f"{BOOKING}/swap")
@signed_in
def swap_post(booking_id: int) -> Response:
    """Propose it."""
    form = request.form
    typed = Typed(form.get("given", ""), form.get("wanted", ""), form.get("words", ""))
    try:
        wish = SwapRequest(_read(typed.given, "given"), _read(typed.wanted, "wanted"), typed.words)
        if wish.wanted.booking_id != booking_id:
            raise InvalidRequest.because("choice_invalid", "wanted")
        verbs.propose_swap(wish, actor(), now=now())
    except (InvalidRequest, NotAllowed, Stale) as error:
        return _again(booking_id, typed, error)
    return told(
        _("Proposed. You find the answer in your inbox."),
        lambda: url_for(".show", booking_id=wish.given.booking_id),
    )


@blueprint.post(f"{SWAP}/accept")
@signed_in
def accept_swap(swap_id: int) -> Response:
    """Exchange the places."""
    done = verbs.accept_swap(swap_id, actor(), now=now())
    flash(_("Swapped. Both of you have the other’s place now."))
    return redirect(url_for("bookings.show", booking_id=done.booking_id), 303)


@blueprint.post(f"{SWAP}/decline")
@signed_in
def decline_swap(swap_id: int) -> Response:
    """Say no."""
    booking_id = verbs.decline_swap(swap_id, actor(), now=now())
    flash(_("Declined. Your booking stays as it is."))
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)


@blueprint.post(f"{SWAP}/withdraw")
@signed_in
def withdraw_swap(swap_id: int) -> Response:
    """Take it back."""
    booking_id = verbs.withdraw_swap(swap_id, actor(), now=now())
    flash(_("Withdrawn. Your booking stays as it is."))
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)


def _wanted(booking_id: int) -> BookingView:
    """Return the booking of which a date is wanted.

    Raises:
        NotFound: If there is none that the reader may read.
    """
    booking = agenda.booking(db.session(), booking_id)
    if not all(may_read(each, actor()) for each in booking.occurrences):
        raise NotFound("booking", booking_id)
    return booking


def _read(text: str, name: str) -> DateSeen:
    if not text:
        raise InvalidRequest.because("swap_choose", name)
    parts = text.split("-")
    if len(parts) != 3 or not all(is_id(each) for each in parts):
        raise InvalidRequest.because("choice_invalid", name)
    booking_id, occurrence_id, version = map(int, parts)
    return DateSeen(booking_id, occurrence_id, version)


def _again(booking_id: int, typed: Typed, error: BookingError) -> Response:
    """Return the form with what is wrong; the reasons of the rules stand above it."""
    booking = _wanted(booking_id)
    wrong = by_field(error)
    if wrong.get("reason"):
        wrong["words"] = wrong.pop("reason")
    above = [each for name, some in wrong.items() if name not in FIELDS for each in some]
    errors = {name: some for name, some in wrong.items() if name in FIELDS}
    if above:
        errors[""] = above
    if isinstance(error, Stale):
        return _page(booking, replace(typed, given="", wanted=""), 409, errors)
    return _page(booking, typed, 422, errors)


def _page(
    booking: BookingView,
    typed: Typed,
    status: int = 200,
    errors: dict[str, list[str]] | None = None,
) -> Response:
    theirs = _places(booking.occurrences, booking.zone)
    mine = _mine(booking)
    if not typed.wanted and theirs:
        typed = replace(typed, wanted=theirs[0].key)
    if not typed.given and len(mine) == 1:
        typed = replace(typed, given=mine[0].key)
    template = "bookings/swap.html" if is_fragment() else "bookings/swap_page.html"
    return make_response(
        render_template(
            template,
            booking=booking,
            typed=typed,
            errors=errors or {},
            theirs=theirs,
            mine=mine,
            near=NEAR,
            possible=can_be_wanted(booking),
        ),
        status,
    )


def _mine(booking: BookingView) -> list[Place]:
    """Return the dates that the reader could give: those near the wanted one first."""
    me = actor().person_id or 0
    own = agenda.of_person(db.session(), me, since=now())
    views = [
        each
        for each in own
        if each.organiser_id == me
        and each.site_id == booking.site_id
        and each.booking_id != booking.id
    ]
    coming = [each.interval.start for each in booking.occurrences if _is_free_to_go(each)]
    wanted = min(coming, default=now())
    places = _places(views, booking.zone)
    starts = {each.occurrence_id: each.interval.start for each in views}
    near = sorted(places, key=lambda each: abs(starts[each.occurrence_id] - wanted))[:NEAR]
    return sorted(places, key=lambda each: each not in near)


def _places(views: Iterable[OccurrenceView], zone: str) -> list[Place]:
    """Return the dates among some allocations that are confirmed and to come, by time."""
    dates = [
        some for some in _by_date(views).values() if all(_is_free_to_go(each) for each in some)
    ][:MOST_DATES]
    rooms = _room_names(each for some in dates for each in some)
    return [_place(each, rooms, zone) for each in dates]


def _is_free_to_go(view: OccurrenceView) -> bool:
    return view.state is State.CONFIRMED and view.interval.start > now()


def _by_date(views: Iterable[OccurrenceView]) -> dict[int, list[OccurrenceView]]:
    """Return allocations by the id of their date, by time."""
    ordered = sorted(views, key=attrgetter("interval.start", "occurrence_id", "space_id"))
    return {key: list(some) for key, some in groupby(ordered, key=attrgetter("occurrence_id"))}


def _room_names(views: Iterable[OccurrenceView]) -> dict[int, str]:
    ids = {each.space_id for each in views}
    if not ids:
        return {}
    return {each.id: each.name for each in houses.spaces_by_id(db.session(), ids).values()}


def _place(date: list[OccurrenceView], rooms: dict[int, str], zone: str) -> Place:
    first = seen_by(date[0], actor())
    start, end = (to_local(at, zone) for at in (first.interval.start, first.interval.end))
    return Place(
        first.occurrence_id,
        f"{first.booking_id}-{first.occurrence_id}-{first.version}",
        first.title,
        ", ".join(rooms[each.space_id] for each in date),
        span_words(start, end, all_day=first.all_day),
    )
