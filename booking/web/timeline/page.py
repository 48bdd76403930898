"""The page of the timeline."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from booking.core.intervals import Interval
from booking.core.permissions import may_administer
from booking.core.recurrence import to_local, to_utc
from booking.core.timeline import Scale
from booking.core.values import OccurrenceView, Site, Space
from booking.core.visibility import seen_by
from booking.db import db
from booking.i18n import SPACE_KINDS
from booking.queries import agenda
from booking.queries.leases import leases_within
from booking.queries.permanences import details_of_all
from booking.queries.timeline import use_by
from booking.web.context import actor, now, signed_in, sites, spaces
from booking.web.plan.page import chosen_site
from booking.web.timeline.asked import VIEWS, Asked, columns, read_asked
from booking.web.timeline.rows import Material, by_space, row_of

blueprint = Blueprint("timeline", __name__)
DAY_S = 86_400
DAY_MIN = 1440


@blueprint.get("/timeline")
@signed_in
def show() -> Response:
    """Show the spaces of a house over a day, a week, a month or a year."""
    site = chosen_site()
    today = to_local(now(), site.zone).date()
    asked = read_asked(request.args, today)
    there = [each for each in spaces().values() if each.site_id == site.id]
    kinds = dict.fromkeys(each.kind for each in there)
    shown = sorted(
        (each for each in there if asked.kind in (None, each.kind)),
        key=lambda each: [*kinds].index(each.kind),
    )
    known = _material(site, asked, shown)
    scale = known.scale
    rows = [row_of(each, known) for each in shown]
    page = render_template(
        "timeline/index.html",
        site=site,
        asked=asked,
        scale=scale,
        views=VIEWS,
        columns=columns(asked, scale),
        groups=[
            (SPACE_KINDS[kind.value], [*some])
            for kind, some in groupby(rows, lambda each: each.space.kind)
        ],
        kinds=[(each.value, SPACE_KINDS[each.value]) for each in kinds],
        today=today,
        now_x=_now_x(site, scale, today),
        hours=_hours(scale) if asked.view == "day" else (),
        may_let=known.may_let,
        room_at=url_for("rooms.show", space_id=0).removesuffix("0"),
        named=site.slug if len(sites()) > 1 else None,
        others=[each for each in sites() if each.id != site.id],
    )
    return make_response(page)


def _material(site: Site, asked: Asked, shown: Sequence[Space]) -> Material:
    """Read what the rows are made of: three statements, however many spaces."""
    session = db.session()
    whole = asked.scale((0, DAY_MIN))
    bounds = (datetime.combine(day, time()) for day in (asked.first, asked.moved(1)))
    window = Interval(*(to_utc(each, site.zone) for each in bounds))
    leases = by_space(leases_within(session, site.id, whole.first, whole.last))
    may_let = may_administer(actor(), site.id)
    ids = [each.id for each in shown]
    if asked.view in ("month", "year"):
        step = 7 if asked.view == "year" else 1
        use = by_space(use_by(session, ids, window, step * DAY_S))
        return Material(site, whole, step, leases, use=use, may_let=may_let)
    views = [seen_by(each, actor()) for each in agenda.occurrences(session, ids, window)]
    receiving = details_of_all(session, {each.booking_id for each in views if not each.redacted})
    scale = asked.scale(_shown_hours(site, views, whole))
    return Material(
        site,
        scale,
        1,
        leases,
        views=by_space(views),
        receiving=frozenset(receiving),
        may_let=may_let,
    )


def _shown_hours(site: Site, views: Sequence[OccurrenceView], scale: Scale) -> tuple[int, int]:
    """Return the minutes of a day that are shown: the house's hours, and what lies outside them."""
    first = site.opens.hour * 60
    last = site.closes.hour * 60 + (60 if site.closes.minute else 0) or DAY_MIN
    for each in views:
        start, end = (to_local(at, site.zone) for at in (each.interval.start, each.interval.end))
        if scale.first <= start.date() <= scale.last:
            first = min(first, start.hour * 60)
        if end.date() > start.date():
            last = DAY_MIN
        elif scale.first <= end.date() <= scale.last:
            last = max(last, min(end.hour * 60 + (60 if end.minute else 0), DAY_MIN))
    return first, last


def _now_x(site: Site, scale: Scale, today: date) -> int | None:
    if not scale.first <= today <= scale.last:
        return None
    return scale.at(to_local(now(), site.zone))


def _hours(scale: Scale) -> list[tuple[str, int]]:
    """Return the full hours of a day with where they lie."""
    midnight = datetime.combine(scale.first, time())
    hours = range(scale.opens // 60, -(-scale.closes // 60))
    return [(f"{each}:00", scale.at(midnight + timedelta(hours=each))) for each in hours]
