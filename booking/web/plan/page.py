"""The page of the plan, and the card of a space."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import make_response, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from booking.core.errors import NotFound
from booking.core.intervals import Interval
from booking.core.permissions import may_administer
from booking.core.plan import Guest, Spot, SpotState, guests, plan_at
from booking.core.recurrence import to_local
from booking.core.values import Actor, LeaseView, OccurrenceView, Site, Space, State
from booking.core.visibility import closure_seen_by, seen_by
from booking.db import db
from booking.i18n import A_SPACE, FEATURES, SPACE_KINDS
from booking.queries import agenda
from booking.queries.closures import closures
from booking.queries.leases import leases_at
from booking.queries.permanences import expected
from booking.queries.plan import FloorPlan, Place, floor_plans, places
from booking.queries.plan import underlay as underlay_of
from booking.web.board.days import window as day_window
from booking.web.context import actor, all_sites, is_fragment, now, signed_in, sites, spaces
from booking.web.plan.asked import STEP_MIN, Moment, chosen_floor, moment
from booking.web.plan.blueprint import blueprint
from booking.web.plan.drawing import sheet
from booking.web.plan.lines import Writer
from booking.web.plan.words import (
    SPOT_STATES,
    detail_words,
    lease_end,
    square_metres,
    who_words,
)

FOR_EVER = "public, max-age=31536000, immutable"
# A drawing is a picture, wherever it is opened: no script, no frame, nothing from elsewhere.
NOTHING_ELSE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A house on a day as somebody may see it: what holds its spaces, and at the instant what."""

    site: Site
    moment: Moment
    window: Interval
    spaces: Mapping[int, Space]
    places: Mapping[int, Place]
    views: tuple[OccurrenceView, ...]
    leases: tuple[LeaseView, ...]
    spots: Mapping[int, Spot]

    @property
    def writer(self) -> Writer:
        """What puts it into words."""
        return Writer(self.site, self.moment)

    @property
    def guests(self) -> list[Guest]:
        """Who is in the house on this day."""
        return guests(self.views, self.leases)


@blueprint.get("/plan")
@signed_in
def index() -> Response:
    """Show a floor of a house at an instant; a script that asks for a fragment gets that alone."""
    site = chosen_site()
    floors = floor_plans(db.session(), site.id)
    floor = chosen_floor(floors)
    day = read_day(site, moment(site), actor())
    drawn = sheet(floor, day.places, day.spots) if floor else None
    writer, names = day.writer, {key: each.name for key, each in day.spaces.items()}
    shared = {"site": site, "day": day, "floor": floor}
    page = render_template(
        "plan/floor.html",
        **shared,
        sheet=drawn,
        figures=[writer.drawn(each) for each in drawn.figures] if drawn else [],
        groups=[
            (name, [writer.line(each) for each in spots])
            for name, spots in _groups(day, floors, floor)
        ],
        guests=[(each.organisation, writer.stays(each, names)) for each in day.guests],
        counts=_counts(day, floor),
        SPOT_STATES=SPOT_STATES,
    )
    if not is_fragment():
        # By itself, above: an included part passes each of its thousand pieces up four frames.
        page = render_template(
            "plan/index.html",
            **shared,
            floors=floors,
            plan=Markup(page),  # noqa: S704  a template has escaped it
            others=[each for each in sites() if each.id != site.id],
            named=site.slug if len(sites()) > 1 else None,
            runs_it=may_administer(actor(), site.id),
            step=STEP_MIN,
            today=to_local(now(), site.zone).date(),
        )
    answer = make_response(page)
    answer.headers["Vary"] = "X-Fragment"
    return answer


@blueprint.get("/plan/spaces/<int(max=2147483647):space_id>")
@signed_in
def card(space_id: int) -> str:
    """Show the card of a space at an instant."""
    site = _site_of(space_id)
    day = read_day(site, moment(site), actor())
    spot, place = day.spots[space_id], day.places[space_id]
    floors = {each.id: each for each in floor_plans(db.session(), site.id)}
    return render_template(
        "plan/card.html" if is_fragment() else "plan/card_page.html",
        site=site,
        day=day,
        spot=spot,
        space=spot.space,
        place=place,
        floor=floors.get(place.floor_id or 0),
        kind=A_SPACE[spot.space.kind.value],
        area=square_metres(place.area_m2),
        book=_book_link(spot, day),
        FEATURES=FEATURES,
        tenant_end=lease_end,
        late=_late(spot, site),
        **words_of(day),
    )


def _late(spot: Spot, site: Site) -> dict[int, str]:
    """Return date id -> from when somebody is there, where a permanence is late."""
    views = [each for each in (*spot.running, *spot.coming) if not each.redacted]
    at = expected(db.session(), {each.booking_id for each in views})
    found = {each.occurrence_id: at.get((each.booking_id, each.recurrence_id)) for each in views}
    return {
        key: f"{to_local(value, site.zone):%H:%M}"
        for key, value in found.items()
        if value is not None
    }


@blueprint.get("/plan/floors/<int(max=2147483647):floor_id>/<digest>")
def underlay(floor_id: int, digest: str) -> Response:
    """Answer what lies under a floor's plan; its address changes with it, so it may be kept."""
    if request.if_none_match.contains(digest):
        answer = make_response("", 304)
    else:
        content, media_type = underlay_of(db.session(), floor_id, digest)
        answer = make_response(content)
        answer.mimetype = media_type
    answer.set_etag(digest)
    answer.headers["Cache-Control"] = FOR_EVER
    answer.headers["Content-Security-Policy"] = NOTHING_ELSE
    return answer


def chosen_site() -> Site:
    """Return the house of ``?site=``, else the first.

    Raises:
        NotFound: If there is none.
    """
    asked = request.args.get("site", "")
    found = next((each for each in sites() if asked in ("", each.slug)), None)
    if found is None:
        raise NotFound("site", asked)
    return found


def _site_of(space_id: int) -> Site:
    space = spaces().get(space_id)
    if space is None:
        raise NotFound("space", space_id)
    return all_sites()[space.site_id]


def read_day(site: Site, shown: Moment, viewer: Actor | None) -> Day:
    """Return a house on a day as somebody may see it; a fixed number of statements."""
    session = db.session()
    here = {key: each for key, each in spaces().items() if each.site_id == site.id}
    window = day_window(shown.day, shown.day, ZoneInfo(site.zone))
    found = agenda.occurrences(session, here, window)
    views = tuple(seen_by(each, viewer) for each in found)
    let = tuple(leases_at(session, site.id, shown.day))
    closed = [closure_seen_by(each, viewer) for each in closures(session, site.id, window)]
    spots = plan_at(here, views, closed, let, at=shown.at)
    known = places(session, site.id)
    return Day(site, shown, window, here, known, views, let, spots)


def _groups(
    day: Day, floors: Iterable[FloorPlan], floor: FloorPlan | None
) -> list[tuple[str, list[Spot]]]:
    """Return the spaces of a floor by kind, then those that are on none."""
    known = {each.id for each in floors}
    here = [
        spot
        for space_id, spot in day.spots.items()
        if floor and day.places[space_id].floor_id == floor.id
    ]
    kinds = dict.fromkeys(spot.space.kind for spot in here)
    found = [
        (str(SPACE_KINDS[kind.value]), [each for each in here if each.space.kind is kind])
        for kind in kinds
    ]
    rest = [
        spot for space_id, spot in day.spots.items() if day.places[space_id].floor_id not in known
    ]
    return [*found, ("", rest)] if rest else found


def _counts(day: Day, floor: FloorPlan | None) -> list[tuple[SpotState, int]]:
    """Return how many drawn spaces of a floor are what, those that are none left out."""
    found = [
        spot.state
        for space_id, spot in day.spots.items()
        if floor and day.places[space_id].floor_id == floor.id and day.places[space_id].shape
    ]
    return [(each, found.count(each)) for each in SpotState if each in found]


def _book_link(spot: Spot, day: Day) -> str:
    """Return where the space is booked from the instant on, "" where it cannot be."""
    start = max(day.moment.local, to_local(now(), day.site.zone))
    start = _next_quarter(start)
    if not spot.space.bookable or day.moment.at < now() - timedelta(minutes=1):
        return ""
    if spot.state not in (SpotState.FREE, SpotState.LET):
        if spot.until is None:
            return ""
        start = _next_quarter(to_local(spot.until, day.site.zone))
    end = start + AN_HOUR
    if spot.state in (SpotState.FREE, SpotState.LET) and spot.until is not None:
        end = min(end, to_local(spot.until, day.site.zone))
    if end.date() != start.date() or end <= start:
        return url_for("bookings.new", space=spot.space.id, date=start.date())
    times: dict[str, Any] = {"date": start.date(), "start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
    return url_for("bookings.new", space=spot.space.id, **times)


def _next_quarter(local: datetime) -> datetime:
    minutes = -(-(local.hour * 60 + local.minute) // STEP_MIN) * STEP_MIN
    return datetime.combine(local.date(), datetime.min.time()) + timedelta(minutes=minutes)


def words_of(day: Day) -> dict[str, object]:
    """Return what templates say things with."""
    writer = day.writer
    return {
        "SPOT_STATES": SPOT_STATES,
        "State": State,
        "state_words": writer.state,
        "until": writer.until,
        "detail": detail_words,
        "who": who_words,
        "times": lambda view: writer.times(view.interval),
    }
