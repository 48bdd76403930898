"""Calendar links: the list, a new one with its secret, and the way to revoke them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions.subscriptions import (
    NewSubscription,
    SubscriptionRequest,
    create_subscription,
    revoke_subscription,
)
from booking.core.calendars import Filter, Scope
from booking.core.errors import BookingError, InvalidRequest, NotAllowed
from booking.core.permissions import may_administer
from booking.db import db
from booking.queries import houses
from booking.queries.floors import floors_in_use
from booking.queries.subscriptions import SubscriptionView, subscriptions
from booking.web.context import (
    actor,
    all_sites,
    category_names,
    config,
    now,
    offered_categories,
    signed_in,
    sites,
)
from booking.web.dates import dateformat
from booking.web.errors import status_of
from booking.web.numbers import is_id
from booking.web.spoken import by_field

blueprint = Blueprint("subscriptions", __name__)
MOST_NAMED = 6  # conditions of a filter that the list names
# The value of a choice is a space's id, or one of these with an id behind it.
_OF: dict[str, Callable[[int], Scope]] = {
    "": lambda id_: Scope(space_id=id_),
    "floor": lambda id_: Scope(floor_id=id_),
    "house": lambda id_: Scope(site_id=id_),
    "organisation": lambda id_: Scope(organisation_id=id_),
}


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
    """What stands in the form: the name, the values of the choices, and the detail."""

    name: str = ""
    scope: str = ""
    category: str = ""
    detail: str = "full"


@blueprint.get("/calendars")
@signed_in
def index() -> Response:
    """List the own links, and offer to make one; ``?space=ID`` chooses a room."""
    return _page(Typed(scope=request.args.get("space", "")))


@blueprint.post("/calendars")
@signed_in
def create() -> Response:
    """Make a link and show it, this once."""
    form = request.form
    typed = Typed(
        name=form.get("name", ""),
        scope=form.get("scope", ""),
        category=form.get("category", ""),
        detail=form.get("detail", "full"),
    )
    try:
        scope = read_scope(typed.scope, typed.category)
        wanted = SubscriptionRequest(typed.name, scope, typed.detail)
        made = create_subscription(wanted, actor(), now=now())
    except (InvalidRequest, NotAllowed) as error:
        return _page(typed, error=error)
    what = _labels(_choices()).get(typed.scope, "")
    return link_page(made, typed.name, what=what, category=typed.category)


@blueprint.post("/calendars/<int(max=2147483647):subscription_id>/revoke")
@signed_in
def revoke(subscription_id: int) -> Response:
    """End a link."""
    revoke_subscription(subscription_id, actor(), now=now())
    flash(_("The link is revoked. Calendar programs that use it get nothing any more."))
    return redirect(url_for(".index"))


def _page(typed: Typed, *, error: BookingError | None = None) -> Response:
    found = subscriptions(db.session(), actor().person_id)
    choices = _choices()
    labels = _labels(choices)
    answer = make_response(
        render_template(
            "subscriptions/index.html",
            lines=[_line(each, labels) for each in found],
            typed=typed,
            choices=choices,
            categories=[("", _("All categories")), *offered_categories(typed.category).items()],
            errors=by_field(error) if error else {},
        )
    )
    if error is not None:
        answer.status_code = status_of(error)
    return answer


def link_page(made: NewSubscription, name: str, *, what: str, category: str = "") -> Response:
    """Show a new link, this once."""
    import segno  # noqa: PLC0415  no other page draws codes

    home = config().server.public_url.rstrip("/") or request.host_url.rstrip("/")
    address = home + made.path
    webcal = "webcal://" + address.partition("://")[2]
    return make_response(
        render_template(
            "subscriptions/link.html",
            name=name,
            what=what,
            category=category_names().get(category, ""),
            address=address,
            webcal=webcal,
            # Black on white in both themes: not every camera reads the reverse.
            qr=segno.make(webcal, error="m").svg_data_uri(scale=4, border=4, light="#fff"),
            is_local=request.host.partition(":")[0] in ("127.0.0.1", "localhost"),
        )
    )


def _labels(choices: Iterable[tuple[str, Iterable[tuple[str, str]]]]) -> dict[str, str]:
    return dict(each for _heading, options in choices for each in options)


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return all that a link can be of, in groups: (heading, [(value, label)])."""
    names = {site.id: site.name for site in all_sites().values()}
    several = len(names) > 1
    session, mine = db.session(), None if may_administer(actor()) else actor().organisations

    def placed(name: str, site_id: int) -> str:
        return f"{name}, {names[site_id]}" if several else name

    rooms = [
        (f"{each.id}", placed(each.name, each.site_id))
        for each in houses.spaces(session)
        if each.bookable
    ]
    floors = [
        (f"floor-{id_}", placed(name, site_id)) for id_, name, site_id in floors_in_use(session)
    ]
    organisations = houses.organisation_names(session, mine)
    wholes = [(f"house-{site.id}", site.name) for site in sites()]
    if several:
        wholes.append(("all", _("All houses")))
    groups = [
        ("", [("", _("My bookings"))]),
        (
            _("An organisation"),
            [(f"organisation-{each}", organisations[each]) for each in organisations],
        ),
        (_("A room"), rooms),
        (_("A floor"), floors),
        (_("A house"), wholes),
    ]
    return [(heading, options) for heading, options in groups if options]


def read_scope(what: str, category: str) -> Scope:
    """Return what the value of a choice stands for.

    Raises:
        InvalidRequest: ``space_unknown`` where it is none of ours.
    """
    kind, _dash, number = what.rpartition("-")
    only = category or None
    if what in ("", "all"):
        return Scope(mine=not what, category=only)
    if kind not in _OF or not is_id(number):
        raise InvalidRequest.because("space_unknown", "scope")
    return replace(_OF[kind](int(number)), category=only)


def scope_value(scope: Scope) -> str:
    """Return the value of the choice that stands for a scope."""
    if scope.space_id is not None:
        return f"{scope.space_id}"
    named = (
        ("floor", scope.floor_id),
        ("house", scope.site_id),
        ("organisation", scope.organisation_id),
    )
    found = next((f"{kind}-{id_}" for kind, id_ in named if id_ is not None), "all")
    return "" if scope.mine else found


def _line(link: SubscriptionView, labels: Mapping[str, str]) -> Line:
    # What is archived is not offered any more, and still has its name.
    what = labels.get(scope_value(link.scope)) or link.place or link.organisation_name
    if link.scope.only is not None:
        what = filter_words(link.scope.only, labels, mine=link.scope.mine)
    if link.scope.category:
        what = f"{what} · {category_names().get(link.scope.category, link.scope.category)}"
    used = link.last_used_at
    return Line(
        id=link.id,
        name=link.name,
        what=what,
        detail=_("Only free or busy") if link.detail == "busy" else _("With all details"),
        made=dateformat(_local(link.created_at), "d MMM y"),
        used=_local(used) if used else None,
    )


def filter_words(only: Filter, labels: Mapping[str, str], *, mine: bool) -> str:
    """Return what a filter is limited to, in words."""
    named = [f"{each}" for each in only.space_ids]
    named += [f"floor-{each}" for each in only.floor_ids]
    named += [f"organisation-{each}" for each in only.organisation_ids]
    words = [labels.get("", "")] if mine else []
    words += [labels[each] for each in named if each in labels][:MOST_NAMED]
    words += [category_names().get(each, each) for each in only.categories]
    if len(named) > MOST_NAMED:
        words.append("…")
    return ", ".join(words) or _("A filter")


def _local(moment: datetime) -> datetime:
    zone = next((site.zone for site in sites()), "UTC")
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
