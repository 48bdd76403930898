"""Which calendars an app lists."""

from collections.abc import Collection

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions.app_passwords import choose_calendars
from booking.core.errors import BookingError, InvalidRequest, NotFound
from booking.db import db
from booking.queries import houses
from booking.queries.app_passwords import AppPasswordView, app_password
from booking.web.context import actor, now, signed_in, sites, spaces
from booking.web.devices.blueprint import blueprint
from booking.web.errors import status_of
from booking.web.spoken import by_field

_PATH = "/profile/devices/<int(max=2147483647):password_id>/calendars"
Group = tuple[str, list[tuple[str, str, bool]]]  # heading, then word, name and whether it is chosen


@blueprint.get(_PATH)
@signed_in
def calendars(password_id: int) -> Response:
    """Show what the app lists."""
    view = _own(password_id)
    chosen = None if view.collections is None else {str(each) for each in view.collections}
    return _page(view, chosen)


@blueprint.post(_PATH)
@signed_in
def calendars_post(password_id: int) -> Response:
    """Store what the app lists."""
    view = _own(password_id)
    is_some = request.form.get("which") == "some"
    chosen = set(request.form.getlist("calendar")) if is_some else None
    try:
        choose_calendars(password_id, chosen, actor(), now=now())
    except InvalidRequest as error:
        return _page(view, chosen, error=error)
    flash(_("Saved. The app shows it when it next looks for calendars."))
    return redirect(url_for(".index"), 303)


def _own(password_id: int) -> AppPasswordView:
    view = app_password(db.session(), password_id)
    if view.person_id != actor().person_id:
        raise NotFound("app_password", password_id)
    return view


def _page(
    view: AppPasswordView, chosen: Collection[str] | None, *, error: BookingError | None = None
) -> Response:
    answer = make_response(
        render_template(
            "devices/calendars.html",
            view=view,
            is_some=chosen is not None,
            groups=_groups(chosen or ()),
            errors=by_field(error) if error else {},
        )
    )
    if error is not None:
        answer.status_code = status_of(error)
    return answer


def _groups(chosen: Collection[str]) -> list[Group]:
    """Return all that an app can list, in groups."""
    organisations = houses.organisation_names(db.session(), actor().organisations)
    several = len(sites()) > 1
    named = {site.id: site.name for site in sites()}
    rooms = {
        f"space-{each.id}": f"{each.name}, {named[each.site_id]}" if several else each.name
        for each in spaces().values()
        if each.site_id in named
    }
    found = [
        (_("Yours"), {f"person-{actor().person_id}": _("My bookings")}),
        (_("Organisations"), {f"organisation-{id_}": organisations[id_] for id_ in organisations}),
        (_("Rooms"), rooms),
        (_("Programme"), {f"programme-{s.id}": s.name for s in sites() if s.policy.programme}),
    ]
    return [
        (heading, [(word, name, word in chosen) for word, name in named.items()])
        for heading, named in found
        if named
    ]
