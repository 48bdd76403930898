"""The settings of a house: name, address, hours, and the rules that count everywhere in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import partial

from babel.dates import get_month_names
from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import spaces as verbs
from booking.actions.spaces import SiteEdit
from booking.core.errors import InvalidRequest, Stale
from booking.core.values import Seasons, Site, SitePolicy, Stance
from booking.db import db
from booking.i18n import STANCES
from booking.queries import houses
from booking.web.admin.shell import admins, blueprint, chosen_site, own_sites
from booking.web.admin.typed import (
    closing_text,
    closing_time,
    length,
    length_text,
    number,
    text_of,
    told,
)
from booking.web.bookings.choices import school_zones
from booking.web.bookings.reading import read_clock
from booking.web.context import actor, now, sites
from booking.web.forms import Reading
from booking.web.numbers import is_id

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USUAL = SitePolicy()
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Typed:
    """Settings as they are typed."""

    name: str
    address: str
    country: str
    region: str
    school_zone: str
    opens: str
    closes: str
    bookable_days: str
    holidays: str
    expire_days: str
    remind_hours: str
    offer_hours: str
    programme: str
    open_rooms: str
    lease_end_days: str
    lease_notice_days: str
    embedders: str
    season_month: str
    season_day: str
    season_ask: str
    season_due: str
    season_warn: str
    version: str

    @classmethod
    def from_form(cls) -> "Typed":
        """Return what was sent."""
        return cls(*(text_of(request.form, name) for name in cls.__slots__))

    @classmethod
    def from_site(cls, site: Site) -> "Typed":
        """Return what is stored, for the form."""
        seasons = site.policy.seasons or Seasons()
        return cls(
            name=site.name,
            address=site.address,
            country=site.country,
            region=site.region,
            school_zone=site.school_zone,
            opens=f"{site.opens:%H:%M}",
            closes=closing_text(site.closes),
            bookable_days=str(site.bookable_days),
            holidays=site.policy.holidays.value,
            expire_days=length_text(site.policy.expire_after, DAY),
            remind_hours=length_text(site.policy.remind_before, HOUR),
            offer_hours=length_text(site.policy.offer_for, HOUR),
            programme="1" if site.policy.programme else "",
            open_rooms="1" if site.policy.open_rooms else "",
            lease_end_days=length_text(site.policy.lease_end_before, DAY),
            lease_notice_days=length_text(site.policy.lease_notice_before, DAY),
            embedders="\n".join(site.policy.embedders),
            season_month=str(seasons.month) if site.policy.seasons else "",
            season_day=str(seasons.day),
            season_ask=str(seasons.ask // DAY),
            season_due=str(seasons.due // DAY),
            season_warn=str(seasons.warn // DAY),
            version=str(site.version),
        )

    def edit(self, stored: SitePolicy) -> SiteEdit:
        """Return what was typed; rules that are not in the form stay as they are stored.

        Raises:
            InvalidRequest: With a message for each field that makes no sense.
        """
        reading = Reading()
        held = reading.take(lambda: length(self.offer_hours, "offer_hours", HOUR), None)
        remind = reading.take(lambda: length(self.remind_hours, "remind_hours", HOUR), None)
        edit = SiteEdit(
            name=self.name,
            address=self.address,
            country=self.country.upper(),
            region=self.region.upper(),
            opens=reading.take(lambda: read_clock(self.opens, "opens"), time(8)),
            closes=reading.take(lambda: closing_time(self.closes, "closes"), time(20)),
            bookable_days=reading.take(lambda: number(self.bookable_days, "bookable_days"), None)
            or 0,
            policy=replace(
                stored,
                holidays=reading.take(self._stance, Stance.ALLOW),
                expire_after=reading.take(
                    lambda: length(self.expire_days, "expire_days", DAY), None
                ),
                remind_before=remind or USUAL.remind_before,
                programme=bool(self.programme),
                open_rooms=bool(self.open_rooms),
                lease_end_before=reading.take(
                    lambda: length(self.lease_end_days, "lease_end_days", DAY), None
                )
                or USUAL.lease_end_before,
                lease_notice_before=reading.take(
                    lambda: length(self.lease_notice_days, "lease_notice_days", DAY), None
                )
                or USUAL.lease_notice_before,
                embedders=tuple(each.lower().rstrip("/") for each in self.embedders.split()),
                offer_for=held or USUAL.offer_for,
                seasons=reading.take(self._seasons, None),
            ),
            school_zone=self.school_zone,
        )
        reading.done()
        return edit

    def _seasons(self) -> Seasons | None:
        """Return the seasons, None where no month is chosen."""
        if not self.season_month:
            return None
        reading, usual = Reading(), Seasons()
        found = {
            name: reading.take(partial(_whole, getattr(self, f"season_{name}"), name), default)
            for name, default in {
                "month": usual.month,
                "day": usual.day,
                "ask": usual.ask // DAY,
                "due": usual.due // DAY,
                "warn": usual.warn // DAY,
            }.items()
        }
        reading.done()
        lengths = {name: found[name] * DAY for name in ("ask", "due", "warn")}
        return Seasons(found["month"], found["day"], **lengths)

    def _stance(self) -> Stance:
        if self.holidays not in set(Stance):
            raise InvalidRequest.because("choice_invalid", "holidays")
        return Stance(self.holidays)


def _whole(text: str, name: str) -> int:
    found = number(text, f"season_{name}")
    if found is None or found > MOST_DAYS:
        raise InvalidRequest.because("number_invalid", f"season_{name}")
    return found


@blueprint.get("/settings", endpoint="settings")
@admins()
def index() -> Response:
    """Show the settings of a house."""
    site = chosen_site()
    return _page(Typed.from_site(site), site)


@blueprint.post("/settings")
@admins()
def settings_post() -> Response:
    """Change the settings of a house."""
    site, typed = chosen_site(), Typed.from_form()
    version = int(typed.version) if is_id(typed.version) else 0
    try:
        verbs.edit_site(site.id, typed.edit(site.policy), actor(), version=version, now=now())
    except (InvalidRequest, Stale) as error:
        errors, status = told(error)
        if isinstance(error, Stale):
            site = houses.site(db.session(), site.id)
            typed = Typed.from_site(site)
        return _page(typed, site, errors=errors, status=status)
    flash(_("Saved. What is booked already stays as it is."))
    return redirect(url_for("admin.settings", site=site.slug if len(sites()) > 1 else None), 303)


def _page(
    typed: Typed,
    site: Site,
    *,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    found = dict(errors or {})
    if "remind_before" in found:  # told by the rule, typed in hours
        found["remind_hours"] = found["remind_before"]
    return make_response(
        render_template(
            "admin/settings.html",
            v=typed,
            site=site,
            own=own_sites(),
            errors=found,
            school_zones=[
                (each, _("zone %(zone)s", zone=each))
                for each in sorted(school_zones(site, typed.school_zone))
            ],
            months=[*get_month_names("wide", "stand-alone", get_locale()).items()],
            stances=[(each.value, STANCES[each.value]) for each in Stance],
        ),
        status,
    )
