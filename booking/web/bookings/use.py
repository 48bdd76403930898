"""What one's organisations, or oneself, may have of a house, and what is left of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import make_response, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.allowances import Period, Span, Standing, Uses, periods, standings
from booking.core.intervals import Interval
from booking.core.recurrence import to_local
from booking.core.values import Account, Limits, Site
from booking.db import db
from booking.i18n import hours_words
from booking.queries import houses
from booking.queries.allowances import all_limits, use_of, use_of_organisations
from booking.web.bookings.blueprint import blueprint
from booking.web.bookings.standing import UseLine, use_line
from booking.web.context import actor, now, signed_in, sites

A_MONTH = timedelta(days=31)
# So that every kind of period is there, with its peak times.
EVERY_LIMIT = Limits(month_peak=A_MONTH, week_peak=A_MONTH, coming=1)


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of time: this month, the next, this week, or all that is to come."""

    span: str
    first: date
    lines: tuple[UseLine, ...]


@dataclass(frozen=True, slots=True)
class AccountUse:
    """What one account may have of one house."""

    name: str
    site: Site
    sections: tuple[Section, ...]


@blueprint.get("/bookings/use")
@signed_in
def use() -> Response:
    """Show how one's organisations stand with the limits of each house that counts."""
    names = houses.organisation_names(db.session(), actor().organisations)
    found: list[AccountUse] = []
    for site in sites():
        if site.policy.fair_use.is_on:
            among = _periods(site, now())
            found += [*_organisations(site, names, among), _own(site, among)]
    return make_response(
        render_template("bookings/use.html", accounts=[each for each in found if each.sections])
    )


def _organisations(
    site: Site, names: Mapping[int, str], among: Sequence[Period]
) -> Iterator[AccountUse]:
    session = db.session()
    today = to_local(now(), site.zone).date()
    own = all_limits(session, site, today, today)
    used = use_of_organisations(session, names, among, site_id=site.id)
    for key, name in names.items():
        limits = own.get(key, site.policy.fair_use.organisations)
        yield _account(name, site, limits, among, used.get(key, {}))


def _own(site: Site, among: Sequence[Period]) -> AccountUse:
    account, limits = Account(None, actor().person_id), site.policy.fair_use.people
    used = use_of(db.session(), account, among, site_id=site.id)
    return _account(_("Without an organisation"), site, limits, among, used)


def _account(
    name: str, site: Site, limits: Limits, among: Sequence[Period], used: Uses
) -> AccountUse:
    found = standings(limits, among, stored=used, had={}, takes={})
    sections = (Section(each.span.value, each.first, _lines(found, each)) for each in among)
    return AccountUse(name, site, tuple(each for each in sections if each.lines))


def _periods(site: Site, now: datetime) -> list[Period]:
    """Return this month and the next, this week, and what is to come."""
    today = to_local(now, site.zone).date()
    ahead = (today.replace(day=1) + A_MONTH).replace(day=1) - today
    instants = [Interval(at, at + timedelta(seconds=1)) for at in (now, now + ahead)]
    found = periods(instants, EVERY_LIMIT, site.policy.fair_use.peak, site=site, now=now)
    return [each for each in found if each.span is not Span.WEEK or each.time.contains(now)]


def _lines(found: Iterable[Standing], period: Period) -> tuple[UseLine, ...]:
    return tuple(use_line(each, limit_words(each)) for each in found if each.period == period)


def limit_words(standing: Standing) -> str:
    """Return how much of a limit is used, without the time that it is about."""
    used, most = round(standing.used), round(standing.most)
    if standing.limit in ("month_dates", "week_dates", "coming"):
        return _("%(used)s of %(most)s bookings", used=used, most=most)
    hours = {"used": hours_words(used), "most": hours_words(most)}
    if standing.limit in ("month_peak", "week_peak"):
        return _("%(used)s of %(most)s at peak times", **hours)
    if standing.limit == "included":
        return _("%(used)s of the %(most)s included", **hours)
    return _("%(used)s of %(most)s at most", **hours)
