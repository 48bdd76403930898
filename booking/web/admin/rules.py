"""The rules of a space: hours, lengths, lead times, who may book, when an approver has to agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import spaces as verbs
from booking.actions.spaces import Asking
from booking.addresses import room_address
from booking.core.allowances import WHOLE
from booking.core.errors import InvalidRequest, Stale
from booking.core.values import ByMail, Hours, Policy, Role, Site, Space, Stance
from booking.db import db
from booking.i18n import BY_MAIL, ROLES, STANCES
from booking.queries import houses
from booking.web.admin.shell import admins, blueprint
from booking.web.admin.spaces import SPACE, own_entry
from booking.web.admin.typed import (
    closing_text,
    closing_time,
    decimal,
    length,
    length_text,
    text_of,
    told,
)
from booking.web.bookings.reading import read_clock
from booking.web.bookings.words import weekday_name
from booking.web.context import actor, config, now
from booking.web.forms import Reading
from booking.web.numbers import is_id

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UNITS = {
    "shortest": MINUTE,
    "longest": HOUR,
    "notice": HOUR,
    "ahead": DAY,
    "ask_longer": HOUR,
    "check_in": MINUTE,
}
BY_SITE = ""  # holidays as the house has them
ALLOW = Stance.ALLOW
NOONS = ("12:00", "12:30", "13:00", "13:30", "14:00")
CHOSEN_ROLES = (Role.MANAGER, Role.APPROVER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class DayTyped:
    """The hours of one weekday as they are typed."""

    is_open: bool
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class Typed:
    """Rules as they are typed; ``lengths`` by field, in the unit of the field."""

    version: str
    always: bool
    requests_hold: bool
    own_hours: bool
    days: tuple[DayTyped, ...]
    outside_hours: str
    holidays: str
    over_capacity: str
    lengths: Mapping[str, str]
    organisations: frozenset[str]
    roles: frozenset[str]
    ask_outsiders: bool
    insiders: frozenset[str]
    weight: str
    half_days: str
    by_mail: str

    @classmethod
    def from_form(cls) -> "Typed":
        """Return what was sent."""
        form = request.form
        return cls(
            version=text_of(form, "version"),
            always="always" in form,
            requests_hold="requests_hold" in form,
            own_hours=form.get("own_hours") == "1",
            days=tuple(
                DayTyped(
                    f"open-{each}" in form,
                    text_of(form, f"opens-{each}"),
                    text_of(form, f"closes-{each}"),
                )
                for each in range(7)
            ),
            outside_hours=text_of(form, "outside_hours"),
            holidays=text_of(form, "holidays"),
            over_capacity=text_of(form, "over_capacity"),
            lengths={name: text_of(form, name) for name in UNITS},
            organisations=frozenset(form.getlist("organisations")),
            roles=frozenset(form.getlist("roles")),
            ask_outsiders="ask_outsiders" in form,
            insiders=frozenset(form.getlist("insiders")),
            weight=text_of(form, "weight"),
            half_days=text_of(form, "half_days"),
            by_mail=text_of(form, "by_mail"),
        )

    @classmethod
    def from_space(cls, space: Space, site: Site) -> "Typed":
        """Return the stored rules for the form; without own hours those of the house are shown."""
        policy = space.policy
        week = policy.hours or (Hours(site.opens, site.closes),) * 7
        usual = DayTyped(
            is_open=False, opens=f"{site.opens:%H:%M}", closes=closing_text(site.closes)
        )
        return cls(
            version=str(space.version),
            always=space.needs_approval,
            requests_hold=space.requests_hold,
            own_hours=policy.hours is not None,
            days=tuple(
                DayTyped(
                    is_open=True, opens=f"{each.opens:%H:%M}", closes=closing_text(each.closes)
                )
                if each
                else usual
                for each in week
            ),
            outside_hours=policy.outside_hours.value,
            holidays=BY_SITE if policy.holidays is None else policy.holidays.value,
            over_capacity=policy.over_capacity.value,
            lengths={
                name: length_text(getattr(policy, name), unit) for name, unit in UNITS.items()
            },
            organisations=frozenset(map(str, policy.organisations)),
            roles=frozenset(each.value for each in policy.roles),
            ask_outsiders=policy.ask_outsiders,
            insiders=frozenset(map(str, policy.insiders)),
            weight=f"{space.weight / WHOLE:g}",
            half_days=f"{policy.half_days:%H:%M}" if policy.half_days else "",
            by_mail=policy.by_mail.value,
        )

    def percent(self) -> int:
        """Return what an hour counts for, in percent; left empty it counts as it is.

        Raises:
            InvalidRequest: If it is no number.
        """
        found = decimal(self.weight, "weight")
        return WHOLE if found is None else round(found * WHOLE)

    def policy(self) -> Policy:
        """Return the rules that were typed.

        Raises:
            InvalidRequest: With a message for each field that makes no sense.
        """
        reading = Reading()
        lengths = {
            name: reading.take(partial(length, self.lengths[name], name, unit), None)
            for name, unit in UNITS.items()
        }
        policy = Policy(
            hours=tuple(reading.take(partial(_hours, day), None) for day in self.days)
            if self.own_hours
            else None,
            outside_hours=reading.take(lambda: _stance(self.outside_hours, "outside_hours"), ALLOW),
            holidays=None
            if self.holidays == BY_SITE
            else reading.take(lambda: _stance(self.holidays, "holidays"), ALLOW),
            over_capacity=reading.take(lambda: _stance(self.over_capacity, "over_capacity"), ALLOW),
            organisations=_ids(self.organisations),
            roles=frozenset(each for each in CHOSEN_ROLES if each.value in self.roles),
            ask_outsiders=self.ask_outsiders,
            insiders=_ids(self.insiders) if self.ask_outsiders else frozenset(),
            by_mail=reading.take(lambda: _by_mail(self.by_mail), ByMail.WHOLE),
            half_days=reading.take(lambda: read_clock(self.half_days, "half_days"), None)
            if self.half_days
            else None,
            **lengths,
        )
        reading.done()
        return policy


@blueprint.get(f"{SPACE}/rules")
@admins()
def rules(space_id: int) -> Response:
    """Show the rules of a space."""
    found, site = own_entry(space_id)
    return _page(Typed.from_space(found.space, site), found.space, site)


@blueprint.post(f"{SPACE}/rules")
@admins()
def rules_post(space_id: int) -> Response:
    """Set the rules of a space."""
    found, site = own_entry(space_id)
    typed = Typed.from_form()
    version = int(typed.version) if is_id(typed.version) else 0
    asking = Asking(typed.always, typed.requests_hold)
    try:
        policy, weight = typed.policy(), typed.percent()
        verbs.set_policy(
            space_id, policy, actor(), version=version, now=now(), asking=asking, weight=weight
        )
    except (InvalidRequest, Stale) as error:
        errors, status = told(error)
        if isinstance(error, Stale):
            found, site = own_entry(space_id)
            typed = Typed.from_space(found.space, site)
        return _page(typed, found.space, site, errors=errors, status=status)
    flash(_("Saved. What is booked already stays as it is."))
    return redirect(url_for("admin.rules", space_id=space_id), 303)


def _hours(day: DayTyped) -> Hours | None:
    if not day.is_open:
        return None
    return Hours(read_clock(day.opens, "hours"), closing_time(day.closes, "hours"))


def _noons(stored: str) -> list[str]:
    return sorted({*NOONS, stored} - {""})


def _stance(text: str, name: str) -> Stance:
    if text not in set(Stance):
        raise InvalidRequest.because("choice_invalid", name)
    return Stance(text)


def _by_mail(text: str) -> ByMail:
    if not text:
        return ByMail.WHOLE
    if text not in set(ByMail):
        raise InvalidRequest.because("choice_invalid", "by_mail")
    return ByMail(text)


def _ids(texts: frozenset[str]) -> frozenset[int]:
    return frozenset(int(each) for each in texts if is_id(each))


def _page(
    typed: Typed,
    space: Space,
    site: Site,
    *,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    stances = [(each.value, STANCES[each.value]) for each in Stance]
    return make_response(
        render_template(
            "admin/rules.html",
            v=typed,
            space=space,
            site=site,
            errors=errors or {},
            stances=stances,
            address=room_address(space, config()),
            by_mail=[(each.value, BY_MAIL[each.value]) for each in ByMail],
            noons=[("", _("at any time")), *((each, each) for each in _noons(typed.half_days))],
            holiday_stances=[
                (
                    BY_SITE,
                    _("as in the whole house (%(stance)s)", stance=STANCES[site.policy.holidays]),
                ),
                *stances,
            ],
            weekdays=[weekday_name(each) for each in range(7)],
            organisations=[*houses.organisation_names(db.session()).items()],
            roles=[(each.value, ROLES[each.value]) for each in CHOSEN_ROLES],
        ),
        status,
    )
