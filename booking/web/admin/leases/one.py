"""One lease: changed, ended, moved, taken back; its papers and its history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from booking.actions import leases as verbs
from booking.core.errors import AlreadyLet, InvalidRequest, Stale
from booking.core.recurrence import to_local
from booking.core.rent import usual_rent
from booking.core.requests import LeaseMove
from booking.core.values import LeaseView, Site
from booking.db import db
from booking.i18n import DOORS, LEASE_STANDINGS
from booking.queries import houses, leases
from booking.queries.audit import AuditEntry, history
from booking.web import amounts
from booking.web.admin.leases.form import Seen, choices, in_the_way, own_lease, seen_by
from booking.web.admin.leases.lists import list_url, named
from booking.web.admin.leases.typed import Typed, amount, chosen, day
from booking.web.admin.shell import admins, blueprint
from booking.web.admin.typed import number, text_of, told
from booking.web.bookings.history import Difference, Line
from booking.web.bookings.words import listed_words, weekday_name
from booking.web.context import actor, all_sites, now, spaces
from booking.web.lease_words import included_words, part_words, time_words

LEASE = "/leases/<int(max=2147483647):lease_id>"
VERBS: dict[str, LazyString] = {
    "create": _l("Made"),
    "change": _l("Changed"),
    "end": _l("Ended before its time"),
    "renew": _l("Made as a renewal"),
    "move": _l("Moved"),
    "withdraw": _l("Taken back"),
    "extend": _l("Held for longer"),
}
LABELS: dict[str, LazyString] = {
    "space": _l("Space"),
    "organisation": _l("Organisation"),
    "starts": _l("First day"),
    "ends": _l("Last day"),
    "share": _l("Share"),
    "weekdays": _l("Days of the week"),
    "area_m2": _l("Area in m²"),
    "rent_m2": _l("Rent for a m² and month"),
    "includes": _l("Included"),
    "room_hours": _l("Hours of meeting rooms a month"),
    "months_notice": _l("Months of notice"),
    "documents": _l("Documents"),
    "note": _l("Note"),
    "held_until": _l("Days held up to"),
}
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Wrong:
    """What could not be done: with which of the page's forms, why, and what is in the way."""

    what: str
    errors: Mapping[str, list[str]]
    seen: Seen | None = None
    typed: Typed | None = None
    status: int = 422


@blueprint.get(LEASE, endpoint="lease")
@admins()
def lease(lease_id: int) -> Response:
    """Show one lease."""
    return _page(own_lease(lease_id))


@blueprint.post(LEASE)
@admins()
def lease_post(lease_id: int) -> Response:
    """Change a lease, or (``what``) look, end it, move it, take it back."""
    found, what = own_lease(lease_id), request.form.get("what", "save")
    typed, site = Typed.from_form(), all_sites()[found.site_id]
    try:
        if what == "look":
            wish = typed.read()
            outlook = verbs.look_at_lease(db.session(), wish, actor(), now=now(), lease_id=lease_id)
            return _page(found, Wrong(what, {}, seen_by(wish, site, outlook), typed, 200))
        address = _done(found, what, typed, site)
    except (InvalidRequest, Stale) as error:
        errors, status = told(error)
        if isinstance(error, Stale):
            return _page(own_lease(lease_id), Wrong(what, errors, status=status))
        return _page(found, Wrong(what, errors, typed=typed, status=status))
    except AlreadyLet as error:
        return _page(found, Wrong(what, {}, in_the_way(error), typed, 409))
    flash(_("Saved."))
    return redirect(address, 303)


def _done(found: LeaseView, what: str, typed: Typed, site: Site) -> str:
    """Do what is asked; return where the reader goes on."""
    form, here = request.form, url_for("admin.lease", lease_id=found.id)
    if what == "end":
        last = day(text_of(form, "last"), "last")
        verbs.end_lease(found.id, last, actor(), version=typed.seen, now=now())
        return here
    if what == "withdraw":
        verbs.withdraw_lease(found.id, actor(), version=typed.seen, now=now())
        return list_url(site)
    if what == "move":
        wish = LeaseMove(
            found.id,
            typed.seen,
            chosen(text_of(form, "to"), "to"),
            day(text_of(form, "on"), "on"),
            amount(text_of(form, "to_area"), "to_area"),
            found.rent_m2,
            share=number(text_of(form, "to_share"), "share") or 1,
            shares=number(text_of(form, "to_shares"), "share") or 1,
        )
        moved = verbs.move_lease(wish, actor(), now=now())
        return url_for("admin.lease", lease_id=moved)
    verbs.change_lease(found.id, typed.read(), actor(), version=typed.seen, now=now())
    return here


def _page(found: LeaseView, wrong: Wrong | None = None) -> Response:
    site, session = all_sites()[found.site_id], db.session()
    today = to_local(now(), site.zone).date()
    of_form = wrong is not None and wrong.what in ("save", "look")
    typed = wrong.typed if wrong is not None and of_form and wrong.typed else None
    v = typed or Typed.from_view(found)
    before = leases.leases_by_id(session, [found.follows_id] if found.follows_id else [])
    return make_response(
        render_template(
            "admin/leases/lease.html",
            site=site,
            named=named(site),
            back=list_url(site),
            lease=found,
            standing=LEASE_STANDINGS[found.standing(today)],
            when=time_words(found),
            part=part_words(found),
            included=included_words(found.includes),
            rent=usual_rent(found),
            begun=found.starts <= today,
            is_over=found.ends is not None and found.ends < today,
            before=next(iter(before.values()), None),
            after=leases.successors(session, found.id),
            time_words=time_words,
            v=v,
            asked=request.form if wrong is not None and not of_form else {},
            what=wrong.what if wrong else "",
            errors=wrong.errors if wrong else {},
            seen=wrong.seen if wrong else None,
            history=_history(history(session, "lease", found.id), site),
            **choices(site, v),
        ),
        wrong.status if wrong else 200,
    )


def _history(entries: Iterable[AuditEntry], site: Site) -> list[Line]:
    names = houses.organisation_names(db.session())
    return [
        Line(
            what=str(VERBS.get(each.verb, each.verb)),
            who=each.actor_name or _("The house"),
            door=str(DOORS.get(each.door.value, each.door.value)),
            at=to_local(each.at, site.zone),
            fields=tuple(_differences(each, names)),
        )
        for each in entries
    ]


def _differences(entry: AuditEntry, names: Mapping[int, str]) -> Iterable[Difference]:
    old, new = entry.old or {}, entry.new or {}
    for name, label in LABELS.items():
        if name in new and (entry.old is not None or new[name] not in (None, "", [], "1/1")):
            before = _value(name, old[name], names) if name in old else ""
            yield Difference(str(label), before, _value(name, new[name], names))


def _value(name: str, value: object, names: Mapping[int, str]) -> str:
    """Return a value of the audit in words."""
    if value in (None, "", []):
        return NOTHING
    if name == "space":
        known = spaces().get(value) if isinstance(value, int) else None
        return known.name if known else str(value)
    if name == "organisation" and isinstance(value, int):
        return names.get(value, str(value))
    if name in ("area_m2", "rent_m2"):
        return amounts.plain(Decimal(str(value)), 4)
    if isinstance(value, list):
        if name == "weekdays":
            return listed_words(weekday_name(int(each)) for each in value)
        return included_words(value) if name == "includes" else ", ".join(map(str, value))
    return amounts.plain(value) if isinstance(value, float) else str(value)
