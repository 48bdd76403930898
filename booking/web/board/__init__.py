"""The planning board: a day or a week of the spaces of a site."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from booking.core.errors import NotFound
from booking.core.values import Site, Space, SpaceKind, Stance
from booking.db import db
from booking.holidays import NONE, public_holidays
from booking.i18n import FEATURES, SPACE_KINDS
from booking.queries import agenda, houses
from booking.queries.closures import closures
from booking.queries.waiting import offered
from booking.web.board.choice import GRIDS, VIEWS, Choice, read_choice, read_day
from booking.web.board.days import window
from booking.web.board.layout import House
from booking.web.board.listing import AgendaDay, build_agenda
from booking.web.board.others import others
from booking.web.board.shelf import kept
from booking.web.board.values import Board
from booking.web.board.view import build_board, related_spaces
from booking.web.context import actor, is_fragment, locale, now, signed_in, site_named, sites

blueprint = Blueprint("board", __name__)


@blueprint.get("/")
@signed_in
def today() -> Response:
    """Lead to today's board of the first site."""
    first = next(iter(sites()), None)
    if first is None:
        return make_response(render_template("board/nothing.html"))
    return redirect(url_for(".show", slug=first.slug, view="day", day=_today(first)))


@blueprint.get("/board/<slug>")
@blueprint.get("/board/<slug>/<view>")
@signed_in
def go(slug: str, view: str = "day") -> Response:
    """Lead to the board that a form asks for (date, filters); without a date to today's."""
    site = site_named(slug)
    if view not in VIEWS:
        raise NotFound("page", view)
    day = request.args.get("date", "")
    shown = read_day(day) if day else _today(site)
    return redirect(url_for(".show", slug=slug, view=view, day=shown, **_asked()))


@blueprint.get("/board/<slug>/<view>/<day>")
@signed_in
@kept
def show(slug: str, view: str, day: str) -> Response:
    """Show the board; a script that asks for a fragment gets the board alone."""
    session = db.session()
    site = site_named(slug)
    everything = houses.spaces(session, site.id)
    bookable = [space for space in everything if space.bookable]
    choice = read_choice(view, day, dict(request.args.lists()), bookable)
    values = {"choice": choice, "site": site, "today": _today(site)}
    if choice.view not in GRIDS:
        days = choice.days(get_locale().first_week_day)
        return make_response(
            render_template(
                f"board/{choice.view}.html",
                **values,
                **_filters(bookable, choice),
                days=days,
                agenda=_agenda(site, choice, days, bookable, everything),
                others=others(session, site, days, actor()),
            )
        )
    values["board"] = _board(site, choice, bookable, everything)
    if is_fragment():
        return make_response(render_template("board/board.html", **values))
    days = choice.days(get_locale().first_week_day)
    return make_response(
        render_template(
            "board/page.html",
            **values,
            **_filters(bookable, choice),
            days=days,
            others=others(session, site, days, actor()),
        )
    )


@blueprint.app_template_global()
def lang_url(code: str) -> str:
    """Return the address of this page in another language."""
    if request.endpoint is None or request.method != "GET":
        return url_for("board.today", lang=code)
    # Not through url_for: a query may say "_scheme", "endpoint" or the name of a path's part.
    asked = [each for each in request.args.items(multi=True) if each[0] != "lang"]
    page = url_for(request.endpoint, **(request.view_args or {}))
    return f"{page}?{urlencode([*asked, ('lang', code)])}"


@blueprint.app_template_filter()
def feature_name(code: str) -> str:
    """Return a feature of a space in the reader's language."""
    return str(FEATURES.get(code, code.replace("_", " ")))


def _board(site: Site, choice: Choice, bookable: list[Space], everything: list[Space]) -> Board:
    session = db.session()
    spaces = choice.spaces(bookable)
    zone = ZoneInfo(site.zone)
    days = choice.days(get_locale().first_week_day)
    related = related_spaces(spaces, everything)
    ids = {user.id for users in related.values() for user in users}
    shown = window(days[0], days[-1], zone)
    return build_board(
        House(site, zone, actor(), now(), related, _holidays(site, spaces, days)),
        spaces,
        days,
        agenda.occurrences(session, ids, shown),
        closures(session, site.id, shown),
        offered(session, site.id, shown),
    )


def _agenda(
    site: Site,
    choice: Choice,
    days: list[date],
    bookable: list[Space],
    everything: list[Space],
) -> list[AgendaDay]:
    session, zone = db.session(), ZoneInfo(site.zone)
    related = related_spaces(choice.spaces(bookable), everything)
    rooms = {user.id: user for users in related.values() for user in users}
    shown = window(days[0], days[-1], zone)
    return build_agenda(
        House(site, zone, actor(), now(), related, _holidays(site, rooms.values(), days)),
        rooms,
        days,
        agenda.occurrences(session, rooms, shown),
        [
            each
            for each in closures(session, site.id, shown)
            if each.space_id is None or each.space_id in rooms
        ],
        offered(session, site.id, shown),
    )


def _holidays(site: Site, spaces: Iterable[Space], days: list[date]) -> Mapping[date, str]:
    """Return the days off by name, where a rule closes something on them."""
    if not any((each.policy.holidays or site.policy.holidays) is Stance.REFUSE for each in spaces):
        return NONE
    return public_holidays(
        site.country, site.region, {each.year for each in days}, language=locale()
    )


def _filters(bookable: list[Space], choice: Choice) -> dict[str, object]:
    """Return what the filters offer; all of it is found among the spaces themselves."""
    of_kind = [space for space in bookable if space.kind is choice.kind]
    kinds = dict.fromkeys(space.kind for space in bookable)
    return {
        "space": next((space for space in bookable if space.id == choice.space_id), None),
        "groups": [
            (kind, SPACE_KINDS[kind.value], [space for space in bookable if space.kind is kind])
            for kind in kinds
        ],
        "capacities": sorted({space.capacity for space in of_kind if space.capacity}),
        "features": sorted({feature for space in of_kind for feature in space.features}),
    }


def _today(site: Site) -> date:
    return now().astimezone(ZoneInfo(site.zone)).date()


def _asked() -> dict[str, Any]:
    """Return the query that the filter form means: ``show`` is a space's id or a kind."""
    asked: dict[str, Any] = {
        name: kept
        for name in ("space", "kind", "capacity", "feature")
        if (kept := [value for value in request.args.getlist(name) if value])
    }
    show_only = request.args.get("show", "")
    if show_only:
        asked["space" if show_only.isdecimal() else "kind"] = show_only
    if asked.get("kind") == SpaceKind.MEETING_ROOM.value:
        del asked["kind"]
    return asked
