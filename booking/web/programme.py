"""The programme: what is public in a house, by day, for anybody."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from booking.core.errors import NotFound
from booking.core.intervals import Interval
from booking.core.recurrence import to_local, to_utc
from booking.core.values import OccurrenceView, Site, Space
from booking.core.visibility import seen_by
from booking.db import db
from booking.queries import agenda
from booking.web.bookings.words import times_words
from booking.web.context import category_names, config, now, sites, spaces

blueprint = Blueprint("programme", __name__)
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
FIRST_YEAR, LAST_YEAR = 2000, 2200


@dataclass(frozen=True, slots=True)
class Event:
    """A date of the programme in words; times are naive local ones."""

    title: str
    times: str
    start: datetime
    end: datetime
    place: str
    organisation: str
    category: str
    hue: int


@blueprint.get("/programme")
@blueprint.get("/programme/<slug>")
def index(slug: str = "") -> Response:
    """Show a month, this one without ``month``; what is over today is left out."""
    site = next((each for each in shown_sites() if slug in ("", each.slug)), None)
    if site is None:
        raise NotFound("site", slug)
    local = to_local(now(), site.zone)
    month = _month(request.args.get("month", ""), local.date())
    after = _next(month)
    window = Interval(
        max(to_utc(datetime.combine(month, datetime.min.time()), site.zone), now())
        if month <= local.date() < after
        else to_utc(datetime.combine(month, datetime.min.time()), site.zone),
        to_utc(datetime.combine(after, datetime.min.time()), site.zone),
    )
    known = {key: each for key, each in spaces().items() if each.site_id == site.id}
    views = agenda.public_occurrences(db.session(), known, window)
    events = sorted(_events(views, site, known), key=lambda each: (each.start, each.title))
    answer = make_response(
        render_template(
            "programme/index.html",
            site=site,
            days=[
                (day, [*some])
                for day, some in groupby(events, lambda each: max(each.start.date(), month))
            ],
            month=month,
            before=_next(month, -1) if month.year > FIRST_YEAR else None,
            after=after if after.year < LAST_YEAR else None,
            is_past=after <= local.date(),
            named=site.slug if len(sites()) > 1 else None,
            others=[each for each in shown_sites() if each.id != site.id],
            feed=_feed(site),
        )
    )
    answer.headers["Vary"] = "Cookie, Accept-Language"
    return answer


@blueprint.app_template_global()
def shown_sites() -> list[Site]:
    """Return the houses whose programme anybody can read."""
    return [each for each in sites() if each.policy.programme]


def _month(asked: str, today: date) -> date:
    """Return the first day of the month that is asked for.

    Raises:
        NotFound: If it is none.
    """
    if not asked:
        return today.replace(day=1)
    if not _MONTH.fullmatch(asked) or not FIRST_YEAR <= int(asked[:4]) < LAST_YEAR:
        raise NotFound("page", asked)
    return date.fromisoformat(f"{asked}-01")


def _next(month: date, by: int = 1) -> date:
    return (month + timedelta(days=15 + 30 * by)).replace(day=1)


def _events(
    views: Iterable[OccurrenceView], site: Site, known: Mapping[int, Space]
) -> Iterable[Event]:
    """Yield each date once, with all of its spaces, as anybody may see it."""
    for _id, some in groupby(views, lambda each: each.occurrence_id):
        rooms = [*some]
        view = seen_by(rooms[0], None)
        start, end = (to_local(at, site.zone) for at in (view.interval.start, view.interval.end))
        yield Event(
            view.title,
            "" if view.all_day else times_words(start, end),
            start,
            end,
            ", ".join(known[each.space_id].name for each in rooms),
            view.organisation_name,
            category_names()[view.category],
            known[view.space_id].colour,
        )


def _feed(site: Site) -> str:
    base = (config().server.public_url or request.host_url).rstrip("/")
    return f"{base}/programme/{site.slug}.ics" if len(sites()) > 1 else f"{base}/programme.ics"
