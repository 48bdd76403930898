"""Who receives where and when, for anybody: by day, week and organisation."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from booking.core.errors import NotFound
from booking.core.recurrence import to_local
from booking.core.values import Site
from booking.db import db
from booking.queries.permanences import Days, permanences, public_dates
from booking.web.board.choice import read_day
from booking.web.context import config, now, sites, spaces
from booking.web.numbers import is_id
from booking.web.permanences.blueprint import blueprint
from booking.web.permanences.lines import lines_of
from booking.web.programme import shown_sites

VIEWS = {"day": 1, "week": 7, "month": 28}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which days are shown, from which on, and of which organisation (None: of all)."""

    view: str
    first: date
    organisation_id: int | None

    @property
    def last(self) -> date:
        """The day after the last one."""
        return self.first + timedelta(days=VIEWS[self.view])

    @property
    def last_shown(self) -> date:
        """The last day."""
        return self.last - timedelta(days=1)

    def moved(self, steps: int) -> date:
        """Return the first day so many pages later."""
        return self.first + timedelta(days=steps * VIEWS[self.view])

    def query(self, today: date, **other: object) -> dict[str, object]:
        """Return the query of the address, defaults left out."""
        said = {"view": self.view, "day": self.first, "organisation": self.organisation_id} | other
        return {
            "view": said["view"] if said["view"] != "week" else None,
            "day": said["day"] if said["day"] != today else None,
            "organisation": said["organisation"],
        }


@blueprint.get("/permanences")
@blueprint.get("/permanences/<slug>")
def index(slug: str = "") -> Response:
    """Show who receives on some days, a week from today on unless others are asked for."""
    site = next((each for each in shown_sites() if slug in ("", each.slug)), None)
    if site is None:
        raise NotFound("site", slug)
    today = to_local(now(), site.zone).date()
    asked = _asked(today)
    known = {key: each for key, each in spaces().items() if each.site_id == site.id}
    days = Days.of(site, known, asked.first, asked.last, now=now())
    found = public_dates(db.session(), days, now=now())
    organisations = _organisations(site)
    wanted = [
        each
        for each in found
        if asked.organisation_id in (None, each.organisation_id)
        and all(space_id in known for space_id in each.space_ids)
    ]
    lines = [
        each
        for each in lines_of(wanted, {site.id: site}, known, now=now())
        if asked.first <= each.on < asked.last
    ]
    by_day = {day: [*some] for day, some in groupby(lines, lambda each: each.on)}
    if asked.first <= today < asked.last:
        by_day = {today: by_day.get(today, [])} | by_day
    answer = make_response(
        render_template(
            "permanences/index.html",
            site=site,
            asked=asked,
            today=today,
            days=sorted(by_day.items()),
            organisations=organisations,
            named=site.slug if len(sites()) > 1 else None,
            feed=_feed(site),
            others=[each for each in shown_sites() if each.id != site.id],
        )
    )
    answer.headers["Vary"] = "Cookie, Accept-Language"
    return answer


def _asked(today: date) -> Asked:
    view, organisation = request.args.get("view", "week"), request.args.get("organisation", "")
    if view not in VIEWS:
        raise NotFound("page", view)
    if organisation and not is_id(organisation):
        raise NotFound("organisation", organisation)
    day = request.args.get("day", "")
    return Asked(view, read_day(day) if day else today, int(organisation) if organisation else None)


def _organisations(site: Site) -> dict[int, str]:
    """Return the organisations that receive in this house, by name."""
    found = permanences(db.session(), now=now())
    return {
        each.organisation_id: each.organisation_name
        for each in found
        if each.site_id == site.id and each.organisation_id is not None
    }


def _feed(site: Site) -> str:
    base = (config().server.public_url or request.host_url).rstrip("/")
    return f"{base}/permanences/{site.slug}.ics"
