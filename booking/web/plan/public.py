"""The plan for visitors: rooms by name, who receives today, and nothing about anybody else."""

from collections.abc import Iterable, Mapping

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from booking.core.errors import NotFound
from booking.core.plan import Spot, SpotState
from booking.core.values import Space
from booking.db import db
from booking.queries.plan import floor_plans, places
from booking.web.context import sites, spaces
from booking.web.plan.asked import Moment, chosen_floor, moment
from booking.web.plan.blueprint import blueprint
from booking.web.plan.drawing import sheet
from booking.web.plan.visits import Visit, visits
from booking.web.programme import shown_sites


@blueprint.get("/plan/public")
@blueprint.get("/plan/public/<slug>")
def public(slug: str = "") -> Response:
    """Show a floor to anybody: today's public events and permanences, ``?here=`` marks a floor."""
    site = next((each for each in shown_sites() if slug in ("", each.slug)), None)
    if site is None:
        raise NotFound("site", slug)
    shown, session = moment(site), db.session()
    known = {key: each for key, each in spaces().items() if each.site_id == site.id}
    lying = places(session, site.id)
    floors = floor_plans(session, site.id)
    floor = chosen_floor(floors)
    found = visits(site, known, shown)
    drawn = sheet(floor, lying, spots_of(known, found, shown)) if floor else None
    page = render_template(
        "plan/public.html",
        site=site,
        m=shown,
        floors=floors,
        floor=floor,
        sheet=drawn,
        here=request.args.get("here", ""),
        visits=found,
        spaces=known,
        floor_of={
            each.space_id: level
            for each in lying.values()
            for level in floors
            if level.id == each.floor_id
        },
        named=site.slug if len(sites()) > 1 else None,
    )
    answer = make_response(page)
    answer.headers["Vary"] = "Cookie, Accept-Language"
    return answer


def spots_of(known: Mapping[int, Space], found: Iterable[Visit], shown: Moment) -> dict[int, Spot]:
    """Return the spaces as visitors see them: somebody receives there now, or nothing is said."""
    busy = {
        part
        for visit in found
        if visit.runs(shown.local)
        for space_id in visit.space_ids
        for part in known[space_id].part_ids
    }
    return {
        key: Spot(space, SpotState.PRESENT if busy & {*space.part_ids} else SpotState.FREE, None)
        for key, space in known.items()
    }
