"""A calendar link of several conditions: those of the planning, and further ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions.subscriptions import SubscriptionRequest, create_subscription
from booking.core.calendars import Filter, Scope
from booking.core.errors import BookingError, InvalidRequest, NotAllowed
from booking.core.permissions import may_administer
from booking.core.values import State
from booking.db import db
from booking.i18n import SPACE_KINDS
from booking.queries import houses
from booking.queries.floors import floors_in_use
from booking.web.board.choice import read_choice
from booking.web.context import actor, now, offered_categories, signed_in, sites
from booking.web.errors import status_of
from booking.web.numbers import is_id
from booking.web.spoken import by_field
from booking.web.subscriptions import link_page

blueprint = Blueprint("filters", __name__, url_prefix="/calendars/filter")
_STATES = {State.CONFIRMED.value: (State.CONFIRMED,), State.REQUESTED.value: (State.REQUESTED,)}


@blueprint.get("")
@signed_in
def form() -> Response:
    """Offer to save a filter; ``site`` with the planning's own query begins with its rooms."""
    slug = request.args.get("site", "")
    site = next((each for each in sites() if each.slug == slug), None)
    chosen: Sequence[int] = ()
    if site is not None:
        bookable = [each for each in houses.spaces(db.session(), site.id) if each.bookable]
        asked = {key: some for key, some in request.args.lists() if key != "site"}
        choice = read_choice("day", f"{now().date()}", asked, bookable)
        chosen = [each.id for each in choice.spaces(bookable)]
    return _page({"space": [f"{each}" for each in chosen]})


@blueprint.post("")
@signed_in
def save() -> Response:
    """Make the link of a filter and show it, this once."""
    typed = dict(request.form.lists())
    first = {name: (some or [""])[0] for name, some in typed.items()}
    try:
        scope = Scope(mine=first.get("mine") == "1", only=_read(typed))
        name = first.get("name", "")
        wanted = SubscriptionRequest(name, scope, first.get("detail", "full"))
        made = create_subscription(wanted, actor(), now=now())
    except (InvalidRequest, NotAllowed) as error:
        return _page(typed, error=error)
    return link_page(made, name, what=_("A filter"))


def _read(typed: Mapping[str, Sequence[str]]) -> Filter:
    """Return the conditions that were chosen.

    Raises:
        InvalidRequest: If an id is none.
    """

    def ids(field: str) -> tuple[int, ...]:
        some = tuple(typed.get(field, ()))
        if not all(is_id(each) for each in some):
            raise InvalidRequest.because("choice_invalid", field)
        return tuple(sorted({int(each) for each in some}))

    state = (*typed.get("state", ()), "")[0]
    return Filter(
        ids("space"),
        ids("floor"),
        ids("organisation"),
        tuple(sorted(set(typed.get("category", ())))),
        _STATES.get(state, ()),
    )


def _page(typed: Mapping[str, Sequence[str]], *, error: BookingError | None = None) -> Response:
    session = db.session()
    several = {each.id: each.name for each in sites()} if len(sites()) > 1 else {}
    spaces = [each for each in houses.spaces(session) if each.bookable]
    rooms: dict[Any, list[tuple[int, str, str, int | None]]] = {}
    for each in spaces:
        line = (each.id, each.name, several.get(each.site_id, ""), each.colour)
        rooms.setdefault(each.kind, []).append(line)
    mine = None if may_administer(actor()) else actor().organisations
    page = render_template(
        "subscriptions/filter.html",
        typed={name: list(some) for name, some in typed.items()},
        rooms=[(SPACE_KINDS[kind.value], some) for kind, some in rooms.items()],
        floors=[
            (id_, name, several.get(site_id, ""), None)
            for id_, name, site_id in floors_in_use(session)
        ],
        categories=[(code, name, "", None) for code, name in offered_categories("").items()],
        organisations=[
            (id_, name, "", None) for id_, name in houses.organisation_names(session, mine).items()
        ],
        states=[
            ("", _("booked or asked for")),
            (State.CONFIRMED.value, _("booked")),
            (State.REQUESTED.value, _("asked for")),
        ],
        errors=by_field(error) if error else {},
    )
    return Response(page, status_of(error) if error else 200, mimetype="text/html")
