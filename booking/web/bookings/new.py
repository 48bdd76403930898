"""A new booking: the form, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from booking.actions import bookings
from booking.core.errors import BookingError, InvalidRequest, NotFound
from booking.core.values import BookingView, Site, Space
from booking.db import db
from booking.queries import agenda
from booking.web.bookings.blueprint import blueprint
from booking.web.bookings.choices import an_hour_after, choose_site, first_times
from booking.web.bookings.displacing import displaced_with_reason
from booking.web.bookings.form import all_spaces, done, form_page, readable, refused
from booking.web.bookings.guests import guests
from booking.web.bookings.reading import read_request, read_times
from booking.web.bookings.typed import CARRIED, CARRIED_OF_RULE, Typed
from booking.web.context import actor, now, signed_in, sites
from booking.web.numbers import is_id
from booking.web.spoken import by_field

SERIES_WEEKS = 12


@blueprint.get("/bookings/new")
@signed_in
def new() -> Response:
    """Show the form, filled with what the address says, or with a copy of a booking."""
    return form_page(_blank())


@blueprint.post("/bookings")
@signed_in
def create() -> Response:
    """Book what was typed, or (``take``) one of the alternatives that were offered."""
    typed = Typed.from_form(request.form)
    try:
        typed = taking(typed)
        wish = read_request(typed)
        wish = replace(wish, invite=(*wish.invite, *guests(typed.guest)))
        booking_id = displaced_with_reason(wish)
        booking_id = booking_id or bookings.book(wish, actor(), now=now()).booking_id
    except BookingError as error:
        return refused(error, typed)
    return done(booking_id)


def taking(typed: Typed) -> Typed:
    """Return what was typed, with the alternative whose button was pressed, if any.

    Raises:
        InvalidRequest: If it is none of ours.
    """
    offer = request.form.get("take", "")
    return typed.taking(offer) if offer else typed


def _blank() -> Typed:
    asked = request.args
    spaces = all_spaces(None)
    wanted = tuple(each for each in asked.getlist("space") if is_id(each) and int(each) in spaces)
    if not sites():
        return Typed()
    copied = _copied(asked.get("copy", ""))
    site = choose_site(sites(), spaces.values(), wanted or copied.space)
    typed = _timed(replace(copied, space=wanted or copied.space), site)
    mine = sorted(actor().organisations)
    if not typed.organisation and mine:
        typed = replace(typed, organisation=str(mine[0]))
    if not typed.space:
        typed = replace(typed, space=_first_room(spaces, site))
    return _filled(replace(typed, until=_until(typed)))


def _filled(typed: Typed) -> Typed:
    """Fill in what the address says; what makes no sense is told when the form is sent."""
    told = Typed.from_form(request.args)
    names = {*CARRIED, *CARRIED_OF_RULE, "guest"} - {"date", "start", "end"}  # looked at already
    said: dict[str, Any] = {each: getattr(told, each) for each in names if each in request.args}
    return replace(typed, **said)


def _copied(asked: str) -> Typed:
    """Return what a copy takes along: not the person, not the series."""
    if not asked:
        return Typed()
    if not is_id(asked):
        raise NotFound("booking", asked)
    found: BookingView = readable(agenda.booking(db.session(), int(asked)))
    if found.redacted:
        return Typed()
    typed = Typed.from_booking(found)
    mine = found.organisation_id in actor().organisations
    return Typed(
        space=typed.space,
        date=typed.date if found.starts_at.date() >= now().date() else "",
        start=typed.start,
        end=typed.end,
        title=typed.title,
        organisation=typed.organisation if mine else "",
        attendance=typed.attendance,
        category=typed.category,
        visibility=typed.visibility,
        note=typed.note,
    )


def _timed(typed: Typed, site: Site) -> Typed:
    """Fill in the times: those of the address where they are times, else the next ones."""
    asked = {name: request.args.get(name, "").strip() for name in ("date", "start", "end")}
    day, start = first_times(site, now())
    start = typed.start or start
    wish = Typed(
        date=asked["date"] or typed.date or day,
        start=asked["start"] or start,
        end="24:00",
    )
    try:
        read_times(wish)
    except InvalidRequest as error:
        wrong = by_field(error)
        wish = replace(
            wish,
            date=day if "date" in wrong else wish.date,
            start=start if "start" in wrong else wish.start,
        )
    end = asked["end"] or (typed.end if not asked["start"] else "")
    try:
        read_times(replace(wish, end=end))
        is_time = end == "24:00" or end > wish.start
    except InvalidRequest:
        is_time = False
    return replace(
        typed,
        date=wish.date,
        start=wish.start,
        end=end if is_time else an_hour_after(wish.start),
    )


def _first_room(spaces: dict[int, Space], site: Site) -> tuple[str, ...]:
    """A house with a single room need not ask which."""
    ours = [each for each in spaces.values() if each.site_id == site.id and each.bookable]
    return (str(ours[0].id),) if len(ours) == 1 else ()


def _until(typed: Typed) -> str:
    """Return the day that a series ends on unless another is chosen."""
    start, _end = read_times(replace(typed, end="24:00"))
    try:
        return (start + timedelta(weeks=SERIES_WEEKS)).date().isoformat()
    except OverflowError:
        return ""
