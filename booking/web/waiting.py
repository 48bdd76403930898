"""The waiting list: what one waits for, one's place in line, what is offered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.actions import waiting as verbs
from booking.core.errors import BookingError, InvalidRequest, NotFound
from booking.core.recurrence import to_local
from booking.core.values import Site, Space, State, WaitMode, Want, WantState
from booking.core.waiting import number_before
from booking.db import db
from booking.queries import houses, waiting
from booking.web.bookings.blueprint import BOOKING
from booking.web.bookings.form import refused, told
from booking.web.bookings.reading import read_request
from booking.web.bookings.typed import Typed
from booking.web.bookings.words import span_words, times_words
from booking.web.context import actor, all_sites, now, signed_in
from booking.web.numbers import is_id

blueprint = Blueprint("waiting", __name__)

WANT = "/waiting/<int(max=2147483647):want_id>"
REMEMBERED = timedelta(days=30)
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A place in the list; times are local, ``before`` is who comes first."""

    want: Want
    rooms: str
    when: str
    start: datetime
    end: datetime
    until: datetime | None
    before: int


@blueprint.get("/waiting")
@signed_in
def index() -> str:
    """Show what is offered, what is waited for, and what was over lately."""
    session, person_id = db.session(), actor().person_id or 0
    found = waiting.of_person(session, person_id, since=now() - REMEMBERED, limit=MOST_SHOWN)
    others = waiting.beside(session, person_id)
    spaces = houses.spaces_by_id(
        session, {one for each in (*found, *others) for one in each.space_ids}
    )
    lines = [_line(each, others, spaces, all_sites()[each.site_id]) for each in found]
    return render_template(
        "waiting/index.html",
        offered=[each for each in lines if each.want.state is WantState.OFFERED],
        waits=[each for each in lines if each.want.state is WantState.WAITING],
        over=[each for each in reversed(lines) if not each.want.state.is_open],
        times=times_words,
        counts=any(each.policy.fair_use.is_on for each in all_sites().values()),
    )


@blueprint.post("/waiting")
@signed_in
def wait() -> Response:
    """Take a place in the list for what was typed into the form of a booking."""
    typed = Typed.from_form(request.form)
    mode = request.form.get("mode", "")
    try:
        if mode not in set(WaitMode):
            raise InvalidRequest.because("choice_invalid")
        wish = read_request(typed)
        want_id = verbs.wait(wish, WaitMode(mode), actor(), now=now())
    except BookingError as error:
        return refused(error, typed)
    return told(_placed(want_id), lambda: url_for(".index"))


@blueprint.post(f"{BOOKING}/wait")
@signed_in
def wait_for_date(booking_id: int) -> Response:
    """Take a place in the list for a date that was left out of a series."""
    asked = request.form.get("occurrence", "")
    if not is_id(asked):
        raise NotFound("booking", asked)
    verbs.wait_for_date(booking_id, int(asked), WaitMode.CLAIM, actor(), now=now())
    flash(_("It is booked for you when it becomes free."))
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)


@blueprint.post(f"{WANT}/accept")
@signed_in
def accept(want_id: int) -> Response:
    """Book what is held for the reader."""
    made = verbs.accept(want_id, actor(), now=now())
    if made.state is State.REQUESTED:
        flash(_("Asked for. An approver has to agree."))
    else:
        flash(_("Booked for you."))
    return redirect(url_for("bookings.show", booking_id=made.booking_id), 303)


@blueprint.post(f"{WANT}/leave")
@signed_in
def leave(want_id: int) -> Response:
    """Give a place up."""
    verbs.leave(want_id, actor(), now=now())
    flash(_("You do not wait for it any more."))
    return redirect(url_for(".index"), 303)


def _placed(want_id: int) -> str:
    """Return the sentence that tells somebody the place in line."""
    session = db.session()
    found = waiting.want(session, want_id)
    if found is None:
        return ""
    others = waiting.open_wants(session, found.interval)
    spaces = houses.spaces_by_id(session, {one for each in others for one in each.space_ids})
    said = {
        "title": found.title,
        "when": span_words(found.starts_at, found.ends_at, all_day=found.all_day),
    }
    before = number_before(found, others, spaces)
    if not before:
        return _("On the waiting list: %(title)s, %(when)s. You are next.", **said)
    return ngettext(
        "On the waiting list: %(title)s, %(when)s. %(num)s person is before you.",
        "On the waiting list: %(title)s, %(when)s. %(num)s people are before you.",
        before,
        **said,
    )


def _line(want: Want, others: Iterable[Want], spaces: Mapping[int, Space], site: Site) -> Line:
    start, end = (to_local(at, site.zone) for at in (want.interval.start, want.interval.end))
    return Line(
        want,
        ", ".join(spaces[each].name for each in want.space_ids if each in spaces),
        span_words(start, end, all_day=want.all_day),
        start,
        end,
        to_local(want.expires_at, site.zone) if want.expires_at else None,
        number_before(want, others, spaces),
    )
