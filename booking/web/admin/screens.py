"""Screens of a house: their list, a new one with its secret link, and the way to revoke it."""

from dataclasses import dataclass

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions.screens import NewScreen, ScreenRequest, create_screen, revoke_screen
from booking.core.errors import BookingError, InvalidRequest, NotAllowed
from booking.core.recurrence import to_local
from booking.core.values import Site
from booking.db import db
from booking.queries.floors import floors
from booking.queries.screens import screens
from booking.web.admin.shell import admins, blueprint, chosen_site, own_sites
from booking.web.admin.typed import number, text_of
from booking.web.context import actor, config, now, sites, spaces
from booking.web.errors import status_of
from booking.web.forms import Reading
from booking.web.spoken import by_field


@dataclass(frozen=True, slots=True)
class Typed:
    """A screen as it is typed; ``space`` "" hangs at the entrance."""

    name: str = ""
    space: str = ""
    floor: str = ""

    def request(self, site: Site) -> ScreenRequest:
        """Return what was typed.

        Raises:
            InvalidRequest: With a message for each field that makes no sense.
        """
        reading = Reading()
        space_id = reading.take(lambda: number(self.space, "space"), None)
        floor_id = reading.take(lambda: number(self.floor, "floor"), None)
        reading.done()
        return ScreenRequest(site.id, self.name, space_id, floor_id)


@blueprint.get("/screens", endpoint="screens")
@admins()
def index() -> Response:
    """List the screens of a house, and offer to set one up."""
    return _page(chosen_site(), Typed(space=request.args.get("space", "")))


@blueprint.post("/screens")
@admins()
def new_screen() -> Response:
    """Make a link and show it, this once."""
    site = chosen_site()
    form = request.form
    typed = Typed(text_of(form, "name"), text_of(form, "space"), text_of(form, "floor"))
    try:
        made = create_screen(typed.request(site), actor(), now=now())
    except (InvalidRequest, NotAllowed) as error:
        return _page(site, typed, error=error)
    return _link_page(made, typed)


@blueprint.post("/screens/<int(max=2147483647):screen_id>/revoke")
@admins()
def revoke_screen_post(screen_id: int) -> Response:
    """End a link."""
    site = chosen_site()
    revoke_screen(screen_id, actor(), now=now())
    flash(_("The link is revoked. The screen shows nothing any more."))
    named = site.slug if len(sites()) > 1 else None
    return redirect(url_for("admin.screens", site=named), 303)


def _page(site: Site, typed: Typed, *, error: BookingError | None = None) -> Response:
    own = [(each.id, each.name) for each in spaces().values() if each.site_id == site.id]
    levels = [(each.id, each.name) for each in floors(db.session(), site.id)]
    page = render_template(
        "admin/screens.html",
        site=site,
        own=own_sites(),
        named=site.slug if len(sites()) > 1 else None,
        screens=screens(db.session(), site.id),
        v=typed,
        spaces=[("", _("at the entrance: what is on today")), *own],
        floors=[("", _("not said")), *levels],
        local=lambda at: to_local(at, site.zone),
        errors=by_field(error) if error else {},
    )
    return make_response(page, status_of(error) if error else 200)


def _link_page(made: NewScreen, typed: Typed) -> Response:
    import segno  # noqa: PLC0415  no other page of administration draws codes

    home = config().server.public_url.rstrip("/") or request.host_url.rstrip("/")
    address = home + made.path
    page = render_template(
        "admin/screen.html",
        name=typed.name,
        address=address,
        qr=segno.make(address, error="m").svg_data_uri(scale=4, border=4, light="#fff"),
    )
    return make_response(page)
