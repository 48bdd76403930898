"""Limits of fair use: what everybody in a house may have, what an organisation of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import partial
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from booking.actions import spaces as verbs
from booking.core.errors import InvalidRequest, Stale
from booking.core.messages import Message
from booking.core.values import FairUse, Limits, Peak, Site, Stance
from booking.core.values.fairness import MOST_DATES, MOST_HOURS, check_limits
from booking.db import db
from booking.queries import houses
from booking.queries.allowances import own_limits
from booking.web.admin.organisations import ORGANISATION, entry
from booking.web.admin.shell import admins, blueprint, chosen_site, own_sites
from booking.web.admin.typed import (
    closing_text,
    closing_time,
    decimal,
    length_text,
    number,
    text_of,
    told,
)
from booking.web.bookings.reading import read_clock
from booking.web.bookings.words import weekday_name
from booking.web.context import actor, now, sites
from booking.web.forms import Reading

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HOURS = ("included", "month_hours", "week_hours", "month_peak", "week_peak")
DATES = ("month_dates", "week_dates", "coming")
STANCES = ("beyond", "over")
# What a house says to whoever would have more.
OVER: dict[str, LazyString] = {
    "allow": _l("can be booked, and is shown"),
    "ask": _l("an approver has to agree"),
    "refuse": _l("cannot be booked"),
}
EVERYBODY, PEOPLE = "o-", "p-"


@dataclass(frozen=True, slots=True)
class LimitsTyped:
    """Limits as they are typed; ``prefix`` tells several of one form apart."""

    prefix: str
    values: Mapping[str, str]

    @classmethod
    def from_form(cls, prefix: str) -> "LimitsTyped":
        """Return what was sent."""
        names = (*HOURS, *DATES, *STANCES)
        return cls(prefix, {each: text_of(request.form, prefix + each) for each in names})

    @classmethod
    def from_limits(cls, limits: Limits, prefix: str) -> "LimitsTyped":
        """Return what is stored, for the form."""
        values = {each: length_text(getattr(limits, each), HOUR) for each in HOURS}
        for each in DATES:
            stored = getattr(limits, each)
            values[each] = "" if stored is None else str(stored)
        values |= {each: getattr(limits, each).value for each in STANCES}
        return cls(prefix, values)

    def limits(self) -> Limits:
        """Return what was typed.

        Raises:
            InvalidRequest: With a message for each field that makes no sense.
        """
        reading = Reading()
        found: dict[str, Any] = {
            each: reading.take(partial(self._hours, each), None) for each in HOURS
        }
        found |= {each: reading.take(partial(self._dates, each), None) for each in DATES}
        found |= {each: reading.take(partial(self._stance, each), Stance.ALLOW) for each in STANCES}
        reading.done()
        limits = Limits(**found)
        try:
            check_limits(limits)
        except InvalidRequest as error:
            raise InvalidRequest(
                *(
                    Message(each.code, each.params, self.prefix + each.field)
                    for each in error.messages
                )
            ) from error
        return limits

    def _hours(self, name: str) -> timedelta | None:
        found = decimal(self.values[name], self.prefix + name)
        if found is None:
            return None
        if found > MOST_HOURS:
            self._out_of_range(name, MOST_HOURS)
        return round(found * (HOUR / MINUTE)) * MINUTE

    def _dates(self, name: str) -> int | None:
        found = number(self.values[name], self.prefix + name)
        if found is not None and found > MOST_DATES:
            self._out_of_range(name, MOST_DATES)
        return found

    def _out_of_range(self, name: str, most: int) -> None:
        field = self.prefix + name
        raise InvalidRequest.because("number_out_of_range", field, least=0, most=most)

    def _stance(self, name: str) -> Stance:
        if self.values[name] not in set(Stance):
            raise InvalidRequest.because("choice_invalid", self.prefix + name)
        return Stance(self.values[name])


@dataclass(frozen=True, slots=True)
class Typed:
    """The settings of a house as they are typed."""

    is_on: bool
    organisations: LimitsTyped
    people: LimitsTyped
    days: frozenset[str]
    start: str
    end: str
    version: str

    @classmethod
    def from_form(cls) -> "Typed":
        """Return what was sent."""
        form = request.form
        return cls(
            is_on="is_on" in form,
            organisations=LimitsTyped.from_form(EVERYBODY),
            people=LimitsTyped.from_form(PEOPLE),
            days=frozenset(form.getlist("peak_days")),
            start=text_of(form, "peak_start"),
            end=text_of(form, "peak_end"),
            version=text_of(form, "version"),
        )

    @classmethod
    def from_site(cls, site: Site) -> "Typed":
        """Return what is stored, for the form."""
        fair_use = site.policy.fair_use
        return cls(
            is_on=fair_use.is_on,
            organisations=LimitsTyped.from_limits(fair_use.organisations, EVERYBODY),
            people=LimitsTyped.from_limits(fair_use.people, PEOPLE),
            days=frozenset(map(str, fair_use.peak.days)),
            start=f"{fair_use.peak.start:%H:%M}",
            end=closing_text(fair_use.peak.end),
            version=str(site.version),
        )

    def fair_use(self) -> FairUse:
        """Return what was typed.

        Raises:
            InvalidRequest: With a message for each field that makes no sense.
        """
        reading = Reading()
        found = FairUse(
            is_on=self.is_on,
            organisations=reading.take(self.organisations.limits, Limits()),
            people=reading.take(self.people.limits, Limits()),
            peak=Peak(
                frozenset(each for each in range(7) if str(each) in self.days),
                reading.take(lambda: read_clock(self.start, "peak_start"), time(17)),
                reading.take(lambda: closing_time(self.end, "peak_end"), time(21)),
            ),
        )
        reading.done()
        return found


@blueprint.get("/use/limits")
@admins()
def limits() -> Response:
    """Show what everybody in a house may have."""
    site = chosen_site()
    return _page(Typed.from_site(site), site)


@blueprint.post("/use/limits")
@admins()
def limits_post() -> Response:
    """Set what everybody in a house may have."""
    site, typed = chosen_site(), Typed.from_form()
    try:
        policy = replace(site.policy, fair_use=typed.fair_use())
        version = number(typed.version, "") or 0
        verbs.set_site_policy(site.id, policy, actor(), version=version, now=now())
    except (InvalidRequest, Stale) as error:
        errors, status = told(error)
        if isinstance(error, Stale):
            site = houses.site(db.session(), site.id)
            typed = Typed.from_site(site)
        return _page(typed, site, errors=errors, status=status)
    flash(_("Saved. What is booked already stays as it is."))
    return redirect(url_for("admin.use", site=named(site)), 303)


@blueprint.get(f"{ORGANISATION}/limits")
@admins()
def own(organisation_id: int) -> Response:
    """Show what one organisation may have of a house."""
    site = chosen_site()
    stored = own_limits(db.session(), organisation_id, site.id)
    shown = site.policy.fair_use.organisations if stored.limits is None else stored.limits
    return _own_page(
        organisation_id,
        site,
        LimitsTyped.from_limits(shown, ""),
        is_own=stored.limits is not None,
        version=stored.version,
    )


@blueprint.post(f"{ORGANISATION}/limits")
@admins()
def own_post(organisation_id: int) -> Response:
    """Give an organisation limits of its own, or those of everybody."""
    site, typed = chosen_site(), LimitsTyped.from_form("")
    is_own = request.form.get("own") == "1"
    seen = text_of(request.form, "version")
    version = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else -1
    try:
        wanted = typed.limits() if is_own else None
        verbs.set_limits(organisation_id, site.id, wanted, actor(), version=version, now=now())
    except Stale as error:
        errors, status = told(error)
        stored = own_limits(db.session(), organisation_id, site.id)
        shown = site.policy.fair_use.organisations if stored.limits is None else stored.limits
        return _own_page(
            organisation_id,
            site,
            LimitsTyped.from_limits(shown, ""),
            is_own=stored.limits is not None,
            version=stored.version,
            errors=errors,
            status=status,
        )
    except InvalidRequest as error:
        errors, status = told(error)
        return _own_page(
            organisation_id,
            site,
            typed,
            is_own=is_own,
            version=version,
            errors=errors,
            status=status,
        )
    flash(_("Saved. What is booked already stays as it is."))
    return redirect(url_for("admin.use", site=named(site)), 303)


def named(site: Site) -> str | None:
    """Return what an address says of a house: nothing where there is only one."""
    return site.slug if len(sites()) > 1 else None


def _page(
    typed: Typed,
    site: Site,
    *,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    return make_response(
        render_template(
            "admin/limits.html",
            v=typed,
            site=site,
            named=named(site),
            own=own_sites(),
            errors=errors or {},
            over=[*OVER.items()],
            weekdays=[(str(each), weekday_name(each)) for each in range(7)],
        ),
        status,
    )


def _own_page(
    organisation_id: int,
    site: Site,
    typed: LimitsTyped,
    *,
    is_own: bool,
    version: int,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    return make_response(
        render_template(
            "admin/own_limits.html",
            v=typed,
            entry=entry(organisation_id),
            is_own=is_own,
            version=version,
            site=site,
            named=named(site),
            own=own_sites(),
            errors=errors or {},
            over=[*OVER.items()],
        ),
        status,
    )
