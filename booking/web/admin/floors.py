"""The floors of a house: named, ordered by their level, taken away where nothing is on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions.spaces import floors as verbs
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.values import Site
from booking.db import db
from booking.queries.floors import floors
from booking.web.admin.shell import admins, blueprint, chosen_site, own_sites
from booking.web.admin.typed import signed, text_of, told
from booking.web.context import actor, now, sites
from booking.web.numbers import is_id

FLOOR = "/floors/<int(max=2147483647):floor_id>"


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was typed for a floor (0: a new one), and what is wrong with it."""

    floor_id: int
    level: str
    name: str
    errors: Mapping[str, list[str]]


@blueprint.get("/floors", endpoint="floors")
@admins()
def index() -> Response:
    """List the floors of a house, each as a form."""
    return _page(chosen_site())


@blueprint.post("/floors")
@admins()
def new_floor() -> Response:
    """Add a floor."""
    site, level, name = chosen_site(), text_of(request.form, "level"), text_of(request.form, "name")
    try:
        verbs.create_floor(site.id, signed(level, "level"), name, actor(), now=now())
    except InvalidRequest as error:
        errors, status = told(error)
        return _page(site, Wrong(0, level, name, errors), status=status)
    flash(_("Saved."))
    return redirect(_back(site), 303)


@blueprint.post(FLOOR)
@admins()
def floor_post(floor_id: int) -> Response:
    """Change a floor, or (``what`` remove) take it away."""
    site, level, name = chosen_site(), text_of(request.form, "level"), text_of(request.form, "name")
    seen = request.form.get("version", "")
    version = int(seen) if is_id(seen) else 0
    try:
        if request.form.get("what") == "remove":
            verbs.remove_floor(floor_id, actor(), version=version, now=now())
        else:
            verbs.edit_floor(
                floor_id, signed(level, "level"), name, actor(), version=version, now=now()
            )
    except (InvalidRequest, Stale) as error:
        errors, status = told(error)
        return _page(site, Wrong(floor_id, level, name, errors), status=status)
    except NotAllowed:
        raise NotFound("floor", floor_id) from None
    flash(_("Saved."))
    return redirect(_back(site), 303)


def _back(site: Site) -> str:
    return url_for("admin.floors", site=site.slug if len(sites()) > 1 else None)


def _page(
    site: Site,
    wrong: Wrong = Wrong(-1, "", "", MappingProxyType({})),
    *,
    status: int = 200,
) -> Response:
    page = render_template(
        "admin/floors.html",
        site=site,
        own=own_sites(),
        floors=floors(db.session(), site.id),
        wrong=wrong,
    )
    return make_response(page, status)
