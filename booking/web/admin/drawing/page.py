"""The page on which a floor is drawn, and the one save that stores all of it."""

from collections.abc import Mapping
from dataclasses import replace

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions.spaces import draw_floor
from booking.core.errors import InvalidRequest, NotFound, Redrawn, Stale
from booking.core.values import Site
from booking.db import db
from booking.i18n import SPACE_KINDS, sentence
from booking.queries.plan import FloorPlan, floor_plans, places
from booking.web.admin.drawing.typed import Typed
from booking.web.admin.floors import FLOOR
from booking.web.admin.shell import admins, blueprint, own_sites
from booking.web.context import actor, now, spaces
from booking.web.spoken import by_field

PLAN = f"{FLOOR}/plan"


@blueprint.get(PLAN)
@admins()
def draw(floor_id: int) -> Response:
    """Show a floor to draw on it."""
    site, floor = own_floor(floor_id)
    return drawing_page(site, floor, _stored(site, floor))


@blueprint.post(PLAN)
@admins()
def draw_post(floor_id: int) -> Response:
    """Save a floor; what cannot be saved comes back as it was typed."""
    site, floor = own_floor(floor_id)
    stored = _stored(site, floor)
    typed = stored.sent(request.form)
    try:
        draw_floor(floor_id, typed.drawing(), actor(), now=now())
    except InvalidRequest as error:
        return drawing_page(site, floor, typed.refused(by_field(error)), status=422)
    except Redrawn as error:
        typed = typed.redrawn(stored, error.versions)
        told = {"": [sentence(each) for each in error.messages]}
        return drawing_page(site, floor, typed.refused(told), status=409)
    except Stale as error:
        told = {"": [sentence(each) for each in error.messages]}
        again = replace(typed, version=floor.version).refused(told)
        return drawing_page(site, floor, again, status=409)
    flash(_("Saved."))
    return redirect(url_for("admin.draw", floor_id=floor_id), 303)


def own_floor(floor_id: int) -> tuple[Site, FloorPlan]:
    """Return a floor with its house, if the reader runs that.

    Raises:
        NotFound: Else.
    """
    for site in own_sites():
        for floor in floor_plans(db.session(), site.id):
            if floor.id == floor_id:
                return site, floor
    raise NotFound("floor", floor_id)


def drawing_page(
    site: Site,
    floor: FloorPlan,
    typed: Typed | None = None,
    *,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    """Return the page of a floor with a form, as it is stored without one."""
    page = render_template(
        "admin/draw.html",
        site=site,
        floor=floor,
        v=typed or _stored(site, floor),
        errors=errors or (typed.errors if typed else {}),
        kinds=SPACE_KINDS,
    )
    return make_response(page, status)


def _stored(site: Site, floor: FloorPlan) -> Typed:
    return Typed.stored(floor, spaces(), places(db.session(), site.id))
