"""Desks side by side, a week at a time; one tap books a half-day or a day, one gives it back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from booking.actions import bookings
from booking.core.errors import Conflicted, InvalidRequest, NotAllowed, NotFound
from booking.core.half_days import Part, parts_of_day
from booking.core.hours import day as whole_day
from booking.core.intervals import Interval
from booking.core.permissions import is_own, may_change
from booking.core.policy import closed_times
from booking.core.recurrence import to_local
from booking.core.requests import BookingRequest, CancelRequest
from booking.core.values import Category, OccurrenceView, Site, Space, SpaceKind
from booking.core.visibility import seen_by
from booking.db import db
from booking.i18n import sentence
from booking.queries import agenda
from booking.queries.holds import holds_within
from booking.web.board.choice import read_day
from booking.web.bookings.words import day_words
from booking.web.context import actor, now, signed_in, site_named, sites, spaces
from booking.web.numbers import is_id

blueprint = Blueprint("desks", __name__)
DAYS = 7
NAMES = {
    Part.MORNING: _l("morning"),
    Part.AFTERNOON: _l("afternoon"),
    Part.DAY: _l("whole day"),
}
SHORT = {Part.MORNING: _l("a.m."), Part.AFTERNOON: _l("p.m."), Part.DAY: _l("day")}


@dataclass(frozen=True, slots=True)
class Cell:
    """A desk in a part of a day: ``free``, ``mine``, ``taken``, ``closed`` or ``over``.

    ``who`` is who sits there, as the reader may know it.
    """

    part: Part
    state: str
    who: str = ""
    view: OccurrenceView | None = None
    may_change: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A desk with its cells by day."""

    desk: Space
    days: tuple[tuple[date, tuple[Cell, ...]], ...]


@blueprint.get("/desks")
@blueprint.get("/desks/<slug>")
@signed_in
def show(slug: str = "") -> str:
    """Show the desks of a house in a week, by half-days or (``by``) days."""
    site = _site(slug)
    today = to_local(now(), site.zone).date()
    asked, by_day = request.args.get("day", ""), request.args.get("by", "") == "day"
    first = read_day(asked) if asked else today
    first -= timedelta(days=first.weekday())
    days = [first + timedelta(days=each) for each in range(DAYS)]
    desks = _desks(site)
    rows = _rows(site, desks, days, by_day=by_day)
    # A day on which no desk is open takes no room, nor do those of this week that are over.
    coming = [each for each in days if each >= today] or days
    shown = [day for n, day in enumerate(days) if any(row.days[n][1] for row in rows)]
    shown = [each for each in shown if each in coming]
    return render_template(
        "desks/index.html",
        site=site,
        rows=[Row(row.desk, tuple(each for each in row.days if each[0] in shown)) for row in rows],
        days=shown,
        columns=(Part.DAY,) if by_day else (Part.MORNING, Part.AFTERNOON),
        by_day=by_day,
        first=first,
        last=days[-1],
        today=today,
        before=first - timedelta(days=DAYS),
        after=first + timedelta(days=DAYS),
        names=NAMES,
        short=SHORT,
        named=site.slug if len(sites()) > 1 else None,
        others=[each for each in sites() if each.id != site.id and _desks(each)],
    )


@blueprint.post("/desks/book")
@signed_in
def book() -> Response:
    """Book the tapped part of a day at a desk."""
    desk, on, part = _tapped()
    site = next(each for each in sites() if each.id == desk.site_id)
    wanted = parts_of_day(desk, site, on).get(part)
    if wanted is None:
        raise NotFound("page", part)
    start, end = (to_local(at, site.zone) for at in (wanted.start, wanted.end))
    mine = sorted(actor().organisations)
    wish = BookingRequest(
        (desk.id,),
        start,
        end,
        _("Desk"),
        organisation_id=mine[0] if mine else None,
        category=Category.OTHER.value,
    )
    try:
        bookings.book(wish, actor(), now=now())
        said = {"desk": desk.name, "day": day_words(start), "part": NAMES[part]}
        flash(_("Booked: %(desk)s, %(day)s, %(part)s.", **said))
    except Conflicted:
        flash(_("Somebody was faster: %(desk)s is taken.", desk=desk.name), "error")
    except (InvalidRequest, NotAllowed) as error:
        flash(" ".join(sentence(each) for each in error.messages), "error")
    return _back(site, on)


@blueprint.post("/desks/give-back")
@signed_in
def give_back() -> Response:
    """Cancel a booking of a desk."""
    asked = request.form.get("booking", "")
    if not is_id(asked):
        raise NotFound("booking", asked)
    booking = agenda.booking(db.session(), int(asked))
    site = next(each for each in sites() if each.id == booking.site_id)
    try:
        bookings.cancel(CancelRequest(booking.id, booking.version), actor(), now=now())
        said = {"title": booking.title, "day": day_words(booking.starts_at)}
        flash(_("Given back: %(title)s, %(day)s.", **said))
    except InvalidRequest as error:
        flash(" ".join(sentence(each) for each in error.messages), "error")
    return _back(site, booking.starts_at.date())


def _back(site: Site, on: date) -> Response:
    by = "day" if request.form.get("by") == "day" else None
    named = site.slug if len(sites()) > 1 else None
    return redirect(url_for("desks.show", slug=named, day=on, by=by), 303)


def _tapped() -> tuple[Space, date, Part]:
    space_id, part = request.form.get("space", ""), request.form.get("part", "")
    if not is_id(space_id) or int(space_id) not in spaces():
        raise NotFound("space", space_id)
    if part not in set(Part):
        raise NotFound("page", part)
    return spaces()[int(space_id)], read_day(request.form.get("day", "")), Part(part)


def _site(slug: str) -> Site:
    if slug:
        return site_named(slug)
    found = next((each for each in sites() if _desks(each)), None) or next(iter(sites()), None)
    if found is None:
        raise NotFound("site", slug)
    return found


def _desks(site: Site) -> list[Space]:
    return [
        each
        for each in spaces().values()
        if each.kind is SpaceKind.DESK and each.site_id == site.id and each.bookable
    ]


def _rows(site: Site, desks: list[Space], days: list[date], *, by_day: bool) -> list[Row]:
    """Return the desks with what is free and taken; two statements."""
    if not desks:
        return []
    window = Interval(whole_day(site, days[0]).start, whole_day(site, days[-1]).end)
    views = agenda.occurrences(db.session(), [each.id for each in desks], window)
    parts = {part: 1 for each in desks for part in each.part_ids}
    holds = holds_within(db.session(), parts, [window])
    seen = [seen_by(each, actor()) for each in views]
    found = []
    for desk in desks:
        taken = [each.interval for each in holds if each.part_id in desk.part_ids]
        taken += closed_times(desk, days, actor(), site=site, now=now())
        own = [each for each in seen if each.space_id == desk.id]
        by_date = ((on, tuple(_cells(desk, site, on, own, taken, by_day=by_day))) for on in days)
        found.append(Row(desk, tuple(by_date)))
    return found


def _cells(
    desk: Space,
    site: Site,
    on: date,
    views: Iterable[OccurrenceView],
    taken: Iterable[Interval],
    *,
    by_day: bool,
) -> Iterable[Cell]:
    parts: Mapping[Part, Interval] = parts_of_day(desk, site, on)
    if not parts:
        return
    for part in (Part.DAY,) if by_day else (Part.MORNING, Part.AFTERNOON):
        # A day without halves is shown once, in both columns.
        when = parts.get(part, parts[Part.DAY])
        yield _cell(part, when, [each for each in views if each.interval.overlaps(when)], taken)


def _cell(
    part: Part, when: Interval, views: list[OccurrenceView], taken: Iterable[Interval]
) -> Cell:
    view = next((each for each in views if is_own(actor(), each)), None) or next(iter(views), None)
    if view is not None:
        state = "mine" if not view.redacted and is_own(actor(), view) else "taken"
        who = view.organiser_name or view.organisation_name
        changes = not view.redacted and may_change(actor(), view) and when.end > now()
        return Cell(part, state, who, None if view.redacted else view, changes)
    if when.end <= now():
        return Cell(part, "over")
    if any(each.overlaps(when) for each in taken):
        return Cell(part, "closed")
    return Cell(part, "free")
