"""The list of app passwords, a new one with its secret, and the end of one."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.actions.app_passwords import (
    AppPasswordRequest,
    create_app_password,
    revoke_app_password,
)
from booking.core.devices import Access
from booking.core.errors import BookingError, InvalidRequest, NotAllowed
from booking.db import db
from booking.queries.app_passwords import AppPasswordView, app_passwords
from booking.web.context import actor, now, signed_in, sites
from booking.web.dates import dateformat
from booking.web.devices.address import own_address
from booking.web.devices.blueprint import blueprint
from booking.web.devices.setting_up import made_page
from booking.web.errors import status_of
from booking.web.spoken import by_field


@dataclass(frozen=True, slots=True)
class Line:
    """A password as the page shows it; ``used`` is naive local time, None before the first use."""

    id: int
    name: str
    may: str
    lists: str
    made: str
    used: datetime | None


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form."""

    name: str = ""
    access: str = Access.WRITE.value


@blueprint.get("/profile/devices")
@signed_in
def index() -> Response:
    """List the own app passwords, and offer to make one."""
    return _page(Typed())


@blueprint.post("/profile/devices")
@signed_in
def create() -> Response:
    """Make a password and show it, this once."""
    typed = Typed(request.form.get("name", ""), request.form.get("access", Access.WRITE.value))
    try:
        wanted = AppPasswordRequest(typed.name, typed.access)
        made = create_app_password(wanted, actor(), now=now())
    except (InvalidRequest, NotAllowed) as error:
        return _page(typed, error=error)
    return made_page(made, typed.name)


@blueprint.post("/profile/devices/<int(max=2147483647):password_id>/revoke")
@signed_in
def revoke(password_id: int) -> Response:
    """End a password."""
    revoke_app_password(password_id, actor(), now=now())
    flash(_("The app password is revoked. The app that uses it gets nothing any more."))
    return redirect(url_for(".index"), 303)


def _page(typed: Typed, *, error: BookingError | None = None) -> Response:
    found = app_passwords(db.session(), actor().person_id)
    zone = ZoneInfo(next((site.zone for site in sites()), "UTC"))
    answer = make_response(
        render_template(
            "devices/index.html",
            lines=[_line(each, zone) for each in found],
            typed=typed,
            accesses=[(each.value, _access_words(each)) for each in (Access.WRITE, Access.READ)],
            errors=by_field(error) if error else {},
            at=own_address(),
        )
    )
    if error is not None:
        answer.status_code = status_of(error)
    return answer


def _access_words(access: Access) -> str:
    return _("Read, book and change") if access is Access.WRITE else _("Read only")


def _line(view: AppPasswordView, zone: ZoneInfo) -> Line:
    used, chosen = view.last_used_at, view.collections
    return Line(
        id=view.id,
        name=view.name,
        may=_access_words(view.access),
        lists=_("All calendars")
        if chosen is None
        else ngettext("%(num)s calendar", "%(num)s calendars", len(chosen)),
        made=dateformat(view.created_at.astimezone(zone).date(), "d MMM y"),
        used=used.astimezone(zone).replace(tzinfo=None) if used else None,
    )
