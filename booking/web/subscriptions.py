"""Calendar links: the list, a new one with its secret, and the way to revoke them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions.subscriptions import (
    NewSubscription,
    SubscriptionRequest,
    create_subscription,
    revoke_subscription,
)
from booking.core.errors import BookingError, InvalidRequest, NotAllowed
from booking.db import db
from booking.queries import houses
from booking.queries.subscriptions import SubscriptionView, subscriptions
from booking.web.context import actor, all_sites, config, now, signed_in, sites
from booking.web.errors import status_of
from booking.web.numbers import is_id
from booking.web.spoken import by_field

blueprint = Blueprint("subscriptions", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A link as the page shows it; ``used`` is naive local time, None before the first use."""

    id: int
    name: str
    what: str
    detail: str
    made: str
    used: datetime | None


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: the name, the value of the choice, and the detail."""

    name: str = ""
    space: str = ""
    detail: str = "full"


@blueprint.get("/calendars")
@signed_in
def index() -> Response:
    """List the own links, and offer to make one; ``?space=ID`` chooses a room."""
    return _page(Typed(space=request.args.get("space", "")))


@blueprint.post("/calendars")
@signed_in
def create() -> Response:
    """Make a link and show it, this once."""
    form = request.form
    typed = Typed(form.get("name", ""), form.get("space", ""), form.get("detail", "full"))
    try:
        if typed.space and not is_id(typed.space):
            raise InvalidRequest.because("space_unknown", "space")
        space_id = int(typed.space) if typed.space else None
        wanted = SubscriptionRequest(typed.name, space_id, typed.detail)
        made = create_subscription(wanted, actor(), now=now())
    except (InvalidRequest, NotAllowed) as error:
        return _page(typed, error=error)
    return _link_page(made, typed)


@blueprint.post("/calendars/<int(max=2147483647):subscription_id>/revoke")
@signed_in
def revoke(subscription_id: int) -> Response:
    """End a link."""
    revoke_subscription(subscription_id, actor(), now=now())
    flash(_("The link is revoked. Calendar programs that use it get nothing any more."))
    return redirect(url_for(".index"))


def _page(typed: Typed, *, error: BookingError | None = None) -> Response:
    found = subscriptions(db.session(), actor().person_id)
    answer = make_response(
        render_template(
            "subscriptions/index.html",
            lines=[_line(each) for each in found],
            typed=typed,
            choices=_choices(),
            errors=by_field(error) if error else {},
        )
    )
    if error is not None:
        answer.status_code = status_of(error)
    return answer


def _link_page(made: NewSubscription, typed: Typed) -> Response:
    import segno  # noqa: PLC0415  no other page draws codes

    home = config().server.public_url.rstrip("/") or request.host_url.rstrip("/")
    address = home + made.path
    webcal = "webcal://" + address.partition("://")[2]
    return make_response(
        render_template(
            "subscriptions/link.html",
            name=typed.name,
            what=dict(_choices()).get(typed.space, ""),
            address=address,
            webcal=webcal,
            # Black on white in both themes: not every camera reads the reverse.
            qr=segno.make(webcal, error="m").svg_data_uri(scale=4, border=4, light="#fff"),
            is_local=request.host.partition(":")[0] in ("127.0.0.1", "localhost"),
        )
    )


def _choices() -> list[tuple[str, str]]:
    """Return (value, label) of all that a link can be for: the own bookings, then the rooms."""
    names = {site.id: site.name for site in all_sites().values()}
    several = len(names) > 1
    rooms = [
        (str(space.id), f"{space.name}, {names[space.site_id]}" if several else space.name)
        for space in houses.spaces(db.session())
        if space.bookable
    ]
    return [("", _("My bookings")), *rooms]


def _line(link: SubscriptionView) -> Line:
    used = link.last_used_at
    return Line(
        id=link.id,
        name=link.name,
        what=link.space_name if link.space_id else _("My bookings"),
        detail=_("Only free or busy") if link.detail == "busy" else _("With all details"),
        made=str(format_date(_local(link.created_at), "d MMM y")),
        used=_local(used) if used else None,
    )


def _local(moment: datetime) -> datetime:
    zone = next((site.zone for site in sites()), "UTC")
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
