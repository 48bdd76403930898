"""The houses: all of them, and a further one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from zoneinfo import available_timezones

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import spaces as verbs
from booking.actions.spaces import SiteRequest
from booking.core.errors import InvalidRequest, Stale
from booking.db import db
from booking.queries import houses
from booking.web.admin.shell import admins, blueprint
from booking.web.admin.typed import closing_time, text_of, told
from booking.web.bookings.reading import read_clock
from booking.web.context import actor, all_sites, now
from booking.web.forms import Reading
from booking.web.numbers import is_id


@dataclass(frozen=True, slots=True)
class Typed:
    """A new house as it is typed."""

    name: str = ""
    address: str = ""
    zone: str = "Europe/Paris"
    country: str = "FR"
    region: str = ""
    opens: str = "08:00"
    closes: str = "20:00"

    @classmethod
    def from_form(cls) -> "Typed":
        """Return what was sent."""
        return cls(*(text_of(request.form, name) for name in cls.__slots__))

    def wanted(self) -> SiteRequest:
        """Return what was typed.

        Raises:
            InvalidRequest: With a message for each time that makes no sense.
        """
        reading = Reading()
        wanted = SiteRequest(
            name=self.name,
            zone=self.zone,
            address=self.address,
            country=self.country.upper(),
            region=self.region.upper(),
            opens=reading.take(lambda: read_clock(self.opens, "opens"), time(8)),
            closes=reading.take(lambda: closing_time(self.closes, "closes"), time(20)),
        )
        reading.done()
        return wanted


@blueprint.get("/sites", endpoint="sites")
@admins(everywhere=True)
def index() -> Response:
    """List the houses beside the form of a new one."""
    return _page(Typed())


@blueprint.post("/sites")
@admins(everywhere=True)
def new_site() -> Response:
    """Make a house, and lead to its settings."""
    typed = Typed.from_form()
    try:
        site_id = verbs.create_site(typed.wanted(), actor(), now=now())
    except InvalidRequest as error:
        errors, status = told(error)
        return _page(typed, errors=errors, status=status)
    flash(_("Made. Add its rooms next."))
    made = houses.site(db.session(), site_id)
    return redirect(url_for("admin.settings", site=made.slug), 303)


@blueprint.post("/sites/<int(max=2147483647):site_id>/archive")
@admins(everywhere=True)
def archive_site(site_id: int) -> Response:
    """Archive a house, or (``what`` restore) bring it back."""
    asked = request.form.get("version", "")
    version = int(asked) if is_id(asked) else 0
    does = verbs.restore_site if request.form.get("what") == "restore" else verbs.archive_site
    try:
        does(site_id, actor(), version=version, now=now())
    except (InvalidRequest, Stale) as error:
        errors, status = told(error)
        return _page(Typed(), refused=" ".join(errors[""]), status=status)
    flash(_("Saved."))
    return redirect(url_for("admin.sites"), 303)


def _page(
    typed: Typed,
    *,
    errors: Mapping[str, list[str]] | None = None,
    refused: str = "",
    status: int = 200,
) -> Response:
    page = render_template(
        "admin/sites.html",
        v=typed,
        all_sites=[*all_sites().values()],
        refused=refused,
        zones=sorted(each for each in available_timezones() if "/" in each),
        errors=errors or {},
    )
    return make_response(page, status)
