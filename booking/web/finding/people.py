"""The page that finds a time for people: who, how long, which days; a board, and times to tap."""

from dataclasses import replace
from datetime import date

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from booking.actions.connections import read_busy_soon
from booking.actions.finding_people import find_for_people
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.hours import last_bookable_day
from booking.core.permissions import may_change
from booking.core.requests import SearchRequest
from booking.core.values import BookingView
from booking.db import db
from booking.queries import agenda
from booking.queries.fitting import offered
from booking.web.context import actor, all_sites, now, signed_in, sites
from booking.web.finding.asked import Asked, read_fitting, read_search
from booking.web.finding.blueprint import blueprint
from booking.web.finding.meeting import Board, Pages, board_of, days_of, limits_of, pills_of
from booking.web.finding.pages import address, choices, nothing, site_asked
from booking.web.finding.who import read_who
from booking.web.numbers import is_id
from booking.web.spoken import by_field


@blueprint.get("/find/people")
@signed_in
def people() -> Response:
    """Show when people and a room are free at once."""
    if not sites():
        return nothing()
    booking = _booking()
    site = site_asked() if booking is None else all_sites()[booking.site_id]
    there = offered(db.session(), site.id)
    who = read_who(request.args, booking)
    asked = Asked.from_args(request.args, site, there, now())
    if booking is not None and "length" not in request.args:
        asked = replace(asked, length=_minutes(booking))
    errors = {"who": who.wrong} if who.wrong else {}
    found = pages = board = None
    try:
        like, search = read_fitting(asked, site, there), read_search(asked)
        like = replace(like, attendance=like.attendance or len(who.people))
        found = find_for_people(
            [each.id for each in who.people],
            like,
            search,
            actor(),
            now=now(),
            but_for=booking.id if booking else None,
        )
        if found.times.due:
            read_busy_soon(found.times.due, now=now())
        pages = Pages(found, who.people, booking, asked.attendance)
        board = _board(pages, search)
    except InvalidRequest as error:
        errors = {**by_field(error), **errors}
    return make_response(
        render_template(
            "finding/people.html",
            site=site,
            asked=asked,
            errors=errors,
            who=who,
            booking=booking,
            found=found,
            board=board,
            pills=pills_of(found) if found else [],
            days=days_of(pages, board.day) if pages and board else [],
            limits=limits_of(found) if found else [],
            address=address,
            last_day=last_bookable_day(site, now()),
            **choices(there),
        ),
        422 if errors and found is None else 200,
    )


def _board(pages: Pages, search: SearchRequest) -> Board | None:
    """Return the board of the day that is asked for, else of the first with a time."""
    found = pages.found
    if not found.days:
        return None
    wanted = request.args.get("day", "")
    days = {each.isoformat(): each for each in found.days}
    first: date = found.proposals[0].day if found.proposals else found.days[0]
    return board_of(pages, search, days.get(wanted, first))


def _booking() -> BookingView | None:
    """Return the booking for which another time is looked for, if one is.

    Raises:
        NotAllowed: If it is somebody else's.
        NotFound: If there is none.
    """
    asked = request.args.get("booking", "")
    if not is_id(asked):
        return None
    booking = agenda.booking(db.session(), int(asked))
    if not may_change(actor(), booking):
        raise NotAllowed.because("not_your_booking")
    return booking


def _minutes(booking: BookingView) -> str:
    return str(int((booking.ends_at - booking.starts_at).total_seconds() // 60))
