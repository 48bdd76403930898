"""The programme: what is public in a house, by day, for anybody."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from booking.core.errors import NotFound
from booking.core.intervals import Interval
from booking.core.recurrence import to_local, to_utc, zone_info
from booking.core.sources import SourceMode
from booking.core.values import OccurrenceView, Site, Space
from booking.core.visibility import seen_by, source_event_seen_by
from booking.db import db
from booking.queries.programme import public_date, public_occurrences
from booking.queries.sources import source_events
from booking.web.bookings.words import span_words, times_words
from booking.web.context import category_names, config, now, sites, spaces
from booking.web.security import POLICY

blueprint = Blueprint("programme", __name__)
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
FIRST_YEAR, LAST_YEAR = 2000, 2200
EMBEDDED_AHEAD, MOST_EMBEDDED = timedelta(weeks=13), 30
A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Event:
    """A date of the programme in words; times are naive local ones.

    ``id`` is 0 for one of a calendar of others, which has no page of its own.
    """

    id: int
    title: str
    times: str
    start: datetime
    end: datetime
    place: str
    organisation: str
    category: str
    hue: int

    @property
    def until(self) -> date | None:
        """The last day of what takes several whole days."""
        last = (self.end - A_MOMENT).date()
        return last if not self.times and last > self.start.date() else None


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
    events = _all_events(site, known, window)
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


@blueprint.get("/programme/events/<int(max=2147483647):occurrence_id>")
def event(occurrence_id: int) -> Response:
    """Show one date of the programme, with what search engines read of it."""
    views = public_date(db.session(), occurrence_id)
    site = next((each for each in shown_sites() if views and each.id == views[0].site_id), None)
    if site is None:
        raise NotFound("event", occurrence_id)
    [shown] = _events(views, site, spaces())
    answer = make_response(
        render_template(
            "programme/event.html",
            site=site,
            event=shown,
            when=span_words(shown.start, shown.end, all_day=views[0].all_day),
            data=_linked_data(shown, views[0], site),
            named=site.slug if len(sites()) > 1 else None,
            file=url_for("feeds.programme_event", occurrence_id=occurrence_id),
        )
    )
    answer.headers["Vary"] = "Cookie, Accept-Language"
    return answer


@blueprint.get("/embed/programme")
@blueprint.get("/embed/programme/<slug>")
def embedded(slug: str = "") -> Response:
    """Show what comes in a bare page, that the websites of the house's choice may frame."""
    site = next((each for each in shown_sites() if slug in ("", each.slug)), None)
    if site is None:
        raise NotFound("site", slug)
    known = {key: each for key, each in spaces().items() if each.site_id == site.id}
    window = Interval(now(), now() + EMBEDDED_AHEAD)
    events = _all_events(site, known, window)
    today = to_local(now(), site.zone).date()
    shown = events[:MOST_EMBEDDED]
    answer = make_response(
        render_template(
            "programme/embedded.html",
            site=site,
            days=[
                (day, [*some])
                for day, some in groupby(shown, lambda each: max(each.start.date(), today))
            ],
            named=site.slug if len(sites()) > 1 else None,
        )
    )
    allowed = " ".join(site.policy.embedders) or "'none'"
    framed = f"frame-ancestors {allowed}"
    answer.headers["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'none'", framed)
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.headers["Vary"] = "Accept-Language"
    return answer


def _linked_data(event: Event, view: OccurrenceView, site: Site) -> dict[str, object]:
    """Return an event in the words of schema.org, for those who read pages by program."""
    zone = zone_info(site.zone)
    start, end = (at.astimezone(zone) for at in (view.interval.start, view.interval.end))
    place = {"@type": "Place", "name": f"{event.place}, {site.name}"}
    if site.address:
        place["address"] = site.address
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": event.title,
        "startDate": f"{start.date()}" if view.all_day else start.isoformat(),
        "endDate": f"{(end - A_MOMENT).date()}" if view.all_day else end.isoformat(),
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": place,
        "url": f"{_base()}{url_for('programme.event', occurrence_id=event.id)}",
    }
    if event.organisation:
        data["organizer"] = {"@type": "Organization", "name": event.organisation}
    return data


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


def _all_events(site: Site, known: Mapping[int, Space], window: Interval) -> list[Event]:
    """Return what is public within a window, by start: bookings, and calendars of others."""
    session = db.session()
    found = [*_events(public_occurrences(session, known, window), site, known)]
    for each in source_events(session, site.id, window, [SourceMode.PUBLIC]):
        seen = source_event_seen_by(each, None)
        start, end = (to_local(at, site.zone) for at in (each.interval.start, each.interval.end))
        room = known.get(each.space_id or 0)
        found.append(
            Event(
                0,
                seen.title,
                "" if each.all_day else times_words(start, end),
                start,
                end,
                room.name if room else seen.place,
                seen.source,
                "",
                room.colour if room else 0,
            )
        )
    return sorted(found, key=lambda each: (each.start, each.title))


def _events(
    views: Iterable[OccurrenceView], site: Site, known: Mapping[int, Space]
) -> Iterable[Event]:
    """Yield each date once, with all of its spaces, as anybody may see it."""
    for _id, some in groupby(views, lambda each: each.occurrence_id):
        rooms = [*some]
        view = seen_by(rooms[0], None)
        start, end = (to_local(at, site.zone) for at in (view.interval.start, view.interval.end))
        yield Event(
            view.occurrence_id,
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
    name = f"/programme/{site.slug}.ics" if len(sites()) > 1 else "/programme.ics"
    return f"{_base()}{name}"


def _base() -> str:
    return (config().server.public_url or request.host_url).rstrip("/")
