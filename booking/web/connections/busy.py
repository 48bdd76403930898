"""Which calendars of a member tell others when the member is busy."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import connections as verbs
from booking.core.busy import AHEAD, BusyCalendar, Way
from booking.core.connections import ConnectionView, Standing
from booking.core.errors import BookingError
from booking.db import db
from booking.i18n import sentence
from booking.queries.busy import busy_calendars
from booking.web.connections.blueprint import ONE, REFUSED, blueprint, own, page
from booking.web.connections.lines import line_of, local
from booking.web.context import actor, now, signed_in


@dataclass(frozen=True, slots=True)
class BusyLine:
    """A calendar that counts: what is kept of it, since when, and what is wrong with it."""

    name: str
    read: datetime | None
    times: int
    left: int
    is_events: bool
    is_stale: bool
    wrong: str


@blueprint.get(f"{ONE}/busy")
@signed_in
def busy(connection_id: int) -> Response:
    """Ask which calendars count."""
    found = own(connection_id)
    if found.state is Standing.DRAFT:
        return redirect(url_for(".choose", connection_id=connection_id))
    chosen = [each.url for each in busy_calendars(db.session(), connection_id, now=now())]
    return _ask(found, chosen or [found.url])


@blueprint.post(f"{ONE}/busy")
@signed_in
def share_busy(connection_id: int) -> Response:
    """Keep the choice."""
    found, chosen = own(connection_id), request.form.getlist("calendar")
    if "stop" in request.form:
        chosen = []
    try:
        verbs.share_busy(connection_id, chosen, actor(), now=now())
    except REFUSED as error:
        return _ask(found, chosen, error=error)
    if chosen:
        flash(_("Others see from now on when you are busy, and nothing else."))
    else:
        flash(_("Your busy times are deleted. Nobody sees them any more."))
    return redirect(url_for(".show", connection_id=connection_id), 303)


def busy_lines(found: ConnectionView) -> list[BusyLine]:
    """Return the calendars of a connection that count; one statement where there are any."""
    if not found.shares_busy:
        return []
    return [_line(each) for each in busy_calendars(db.session(), found.id, now=now())]


def _line(each: BusyCalendar) -> BusyLine:
    return BusyLine(
        each.name,
        local(each.read_at),
        each.times,
        each.left,
        each.way is Way.EVENTS,
        each.is_stale(now()),
        sentence(each.reason) if each.reason else "",
    )


def _ask(
    found: ConnectionView, chosen: list[str], *, error: BookingError | None = None
) -> Response:
    there = dict(found.found) | ({} if found.url in dict(found.found) else {found.url: found.name})
    return page(
        "connections/busy.html",
        error,
        connection=line_of(found),
        calendars=[*there.items()],
        chosen=chosen,
        shares=found.shares_busy,
        days=AHEAD.days,
    )
