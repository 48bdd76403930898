"""The page of a screen: what anybody may read, asked for again twice a minute."""

import logging
import re
from datetime import datetime, timedelta
from typing import Any

from flask import make_response, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from booking.actions.screens import USE_NOTED_EVERY, touch_screen
from booking.core.errors import NotFound
from booking.core.plan import Spot, SpotState
from booking.core.recurrence import to_local
from booking.core.values import Site
from booking.db import db
from booking.queries.plan import FloorPlan, floor_plans, places
from booking.queries.screens import ScreenView, screen_of_token
from booking.secrets import hash_token
from booking.web.context import config, is_fragment, now, sites, spaces
from booking.web.plan.asked import STEP_MIN, Moment
from booking.web.plan.page import read_day, words_of
from booking.web.plan.visits import Visit, visits
from booking.web.screens.blueprint import blueprint

log = logging.getLogger("booking.web")
HALF_AN_HOUR = timedelta(minutes=30)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


@blueprint.get("/screens/<token>")
def show(token: str) -> Response:
    """Show a screen; its script asks for the fragment alone."""
    screen, site = _screen(token)
    page = _door(screen, site) if screen.space_id is not None else _lobby(screen, site)
    answer = make_response(page)
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Vary"] = "X-Fragment, Accept-Language"
    _note_use(screen)
    return answer


def _lobby(screen: ScreenView, site: Site) -> str:
    """Return what is on today and who receives, what is over left out."""
    shown = _present(site)
    known = {key: each for key, each in spaces().items() if each.site_id == site.id}
    floors = {each.id: each for each in floor_plans(db.session(), site.id)}
    lying = places(db.session(), site.id)
    here = floors.get(screen.floor_id or 0)
    found = [each for each in visits(site, known, shown) if each.end > shown.local]
    return _page(
        "lobby",
        screen,
        site,
        shown,
        visits=found,
        here=here,
        where=lambda visit: [
            (known[key].name, *_way(floors.get(lying[key].floor_id or 0), here))
            for key in visit.space_ids
        ],
        runs=lambda visit: _runs(visit, shown),
    )


def _door(screen: ScreenView, site: Site) -> str:
    """Return what a room is now, what comes next, and a code that books it."""
    shown = _present(site)
    day = read_day(site, shown, None)
    spot = day.spots.get(screen.space_id or 0)
    if spot is None:  # archived
        raise NotFound("screen")
    return _page(
        "door",
        screen,
        site,
        shown,
        spot=spot,
        css=f"is-{spot.state.value.replace('_', '-')}",
        coming=spot.coming[:4],
        book=_code(spot, shown, site),
        **words_of(day),
    )


def _page(name: str, screen: ScreenView, site: Site, shown: Moment, **values: object) -> str:
    body = f"screens/{name}.html"
    return render_template(
        body if is_fragment() else "screens/page.html",
        body=body,
        screen=screen,
        site=site,
        m=shown,
        **values,
    )


def _screen(token: str) -> tuple[ScreenView, Site]:
    if not _TOKEN.fullmatch(token):
        raise NotFound("screen")
    screen = screen_of_token(db.session(), hash_token(token))
    site = next((each for each in sites() if each.id == screen.site_id), None)
    if site is None:
        raise NotFound("screen")
    return screen, site


def _present(site: Site) -> Moment:
    local = to_local(now(), site.zone).replace(second=0, microsecond=0)
    return Moment(now(), local, is_now=True)


def _runs(visit: Visit, shown: Moment) -> bool:
    return visit.runs(shown.local)


def _way(floor: FloorPlan | None, here: FloorPlan | None) -> tuple[str, str]:
    """Return the floor's name, and the arrow that leads there from the screen's own."""
    if floor is None:
        return "", ""
    if here is None:
        return floor.name, ""
    arrow = "↑" if floor.level > here.level else "↓" if floor.level < here.level else "→"
    return floor.name, arrow


def _code(spot: Spot, shown: Moment, site: Site) -> str:
    """Return the code that opens the form for the next half hour, "" where it is not free."""
    if not spot.space.bookable or spot.state not in (SpotState.FREE, SpotState.LET):
        return ""
    minutes = -(-shown.minute // STEP_MIN) * STEP_MIN
    start = datetime.combine(shown.day, datetime.min.time()) + timedelta(minutes=minutes)
    end = start + HALF_AN_HOUR
    if end.date() != shown.day or (spot.until and to_local(spot.until, site.zone) < end):
        return ""
    import segno  # noqa: PLC0415  no other page draws codes

    home = config().server.public_url.rstrip("/") or request.host_url.rstrip("/")
    times: dict[str, Any] = {"date": start.date(), "start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
    address = home + url_for("bookings.new", space=spot.space.id, **times)
    # Black on white on every screen: not every camera reads the reverse.
    return str(segno.make(address, error="m").svg_data_uri(scale=4, border=3, light="#fff"))


def _note_use(screen: ScreenView) -> None:
    """Keep the time of the last use, once an hour; what is shown is worth more than that."""
    used = screen.last_used_at
    if used is not None and now() - used < USE_NOTED_EVERY:
        return
    try:
        touch_screen(screen.id, now=now())
    except SQLAlchemyError as error:
        db.session.rollback()
        log.warning("the last use of a screen was not stored", extra={"reason": str(error)})
