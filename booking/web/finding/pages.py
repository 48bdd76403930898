"""The pages of the search: a GET each, so that what was searched is a link."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from booking.actions.finding import Found, find_for_series, find_openings, find_together
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.hours import last_bookable_day
from booking.core.values import Site
from booking.db import db
from booking.i18n import FEATURES, SPACE_KINDS
from booking.queries import houses
from booking.queries.fitting import Offered, offered
from booking.web.bookings.choices import (
    an_hour_after,
    first_times,
    grouped,
    school_zones,
    times_of,
)
from booking.web.bookings.reading import read_request, read_spaces
from booking.web.bookings.typed import Typed
from booking.web.bookings.words import (
    NTHS,
    dates_words,
    rule_words,
    span_words,
    weekday_name,
    weekday_order,
)
from booking.web.context import actor, now, signed_in, site_named, sites
from booking.web.finding.asked import ANY, Asked, read_fitting, read_search
from booking.web.finding.blueprint import blueprint
from booking.web.finding.lines import days_of, limits_of, rooms_of
from booking.web.spoken import by_field

FIRST_SERIES = Typed(repeat="weekly", ends="count", count="12")
NOTHING_WRONG: Mapping[str, list[str]] = {}


@blueprint.get("/find")
@signed_in
def openings() -> Response:
    """Show when rooms that fit are free."""
    if not sites():
        return nothing()
    site = site_asked()
    there = offered(db.session(), site.id)
    asked = Asked.from_args(request.args, site, there, now())
    found, errors = None, NOTHING_WRONG
    try:
        like, search = read_fitting(asked, site, there), read_search(asked)
        found = find_openings(like, search, actor(), now=now())
    except InvalidRequest as error:
        errors = by_field(error)
    return _page("finding/openings.html", site, there, asked, found, errors)


@blueprint.get("/find/together")
@signed_in
def together() -> Response:
    """Show when several rooms are free at once."""
    if not sites():
        return nothing()
    site = site_asked()
    there = offered(db.session(), site.id)
    asked = Asked.from_args(request.args, site, there, now())
    found, errors = None, NOTHING_WRONG
    try:
        space_ids, search = read_spaces(asked.space), read_search(asked)
        if space_ids:
            found = find_together(space_ids, search, actor(), now=now())
    except (InvalidRequest, NotAllowed) as error:
        errors = by_field(error)
    rooms = [each for each in houses.spaces(db.session(), site.id) if each.bookable]
    groups = grouped(rooms, actor())
    return _page("finding/together.html", site, there, asked, found, errors, groups=groups)


@blueprint.get("/find/series")
@signed_in
def series() -> Response:
    """Show which rooms are free at all dates of a series."""
    if not sites():
        return nothing()
    site = site_asked()
    there = offered(db.session(), site.id)
    asked = Asked.from_args(request.args, site, there, now())
    typed = _typed(site)
    found, errors, when, words = None, NOTHING_WRONG, "", ""
    try:
        like = read_fitting(asked, site, there)
        # Neither texts nor rooms matter yet.
        wish = read_request(replace(typed, title="-", space=("1",)))
        when = span_words(wish.start, wish.end, all_day=wish.all_day)
        words = dates_words(wish.rule, wish.rdates, wish.leaves_out)
        found = find_for_series(like, wish, actor(), now=now())
    except InvalidRequest as error:
        errors = by_field(error)
    return _answer(
        "finding/series.html",
        422 if errors else 200,
        site=site,
        asked=asked,
        errors=errors,
        v=typed,
        found=found,
        rooms=rooms_of(found, typed) if found else [],
        limits=limits_of(found) if found else [],
        rule=words,
        when=when,
        nths=[(str(number), str(name)) for number, name in NTHS.items()],
        rule_words=rule_words,
        times=times_of(site),
        last_day=last_bookable_day(site, now()),
        school_zones=school_zones(site),
        **choices(there),
    )


def _typed(site: Site) -> Typed:
    """Return the series of the address; at first weekly, from the next free half hour on."""
    if "date" in request.args:
        return replace(Typed.from_form(request.args), space=())
    day, start = first_times(site, now())
    return replace(FIRST_SERIES, date=day, start=start, end=an_hour_after(start))


def _page(
    template: str,
    site: Site,
    there: Offered,
    asked: Asked,
    found: Found | None,
    errors: Mapping[str, list[str]],
    **more: object,
) -> Response:
    return _answer(
        template,
        422 if errors else 200,
        site=site,
        asked=asked,
        errors=errors,
        found=found,
        days=days_of(found, attendance=asked.attendance) if found else [],
        limits=limits_of(found) if found else [],
        address=address,
        last_day=last_bookable_day(site, now()),
        **choices(there),
        **more,
    )


def _answer(template: str, status: int, **values: object) -> Response:
    return make_response(render_template(template, **values), status)


def choices(there: Offered) -> dict[str, object]:
    """Return what the fields offer: kinds, features and weekdays, as (code, name)."""
    kinds = [(code, name) for code, name in SPACE_KINDS.items() if code in there.kinds]
    features = sorted(
        (str(FEATURES.get(code, code.replace("_", " "))), code) for code in there.features
    )
    return {
        "kinds": [*kinds, (ANY, "")],
        "features": [(code, name) for name, code in features],
        "weekdays": [(str(each), weekday_name(each, "abbreviated")) for each in weekday_order()],
    }


def address(**changed: str) -> str:
    """Return the address of this search with other days."""
    kept = [(name, each) for name, each in request.args.items(multi=True) if name not in changed]
    return f"{request.path}?{urlencode([*kept, *changed.items()])}"


def site_asked() -> Site:
    slug = request.args.get("site", "")
    return site_named(slug) if slug else sites()[0]


def nothing() -> Response:
    return make_response(render_template("board/nothing.html"), 404)
