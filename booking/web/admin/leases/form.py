"""The form of a lease: a new one, or one that renews another; what it would meet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import leases as verbs
from booking.actions.leases import Outlook
from booking.core.errors import AlreadyLet, InvalidRequest, NotFound, Stale
from booking.core.permissions import may_administer
from booking.core.recurrence import to_local
from booking.core.rent import usual_rent
from booking.core.requests import LeaseRequest
from booking.core.values import (
    LETTABLE,
    ClosureView,
    Included,
    LeaseOverlap,
    LeaseView,
    Site,
)
from booking.db import db
from booking.i18n import INCLUDED
from booking.queries import houses, leases
from booking.queries.spaces import entries
from booking.web import amounts
from booking.web.admin.closures import closure_words
from booking.web.admin.leases.lists import list_url, named
from booking.web.admin.leases.typed import DAY, Typed
from booking.web.admin.shell import admins, blueprint, chosen_site
from booking.web.admin.typed import told
from booking.web.bookings.words import weekday_name, weekday_order
from booking.web.context import actor, all_sites, now
from booking.web.dates import day_long
from booking.web.lease_words import time_words
from booking.web.numbers import is_id

MOST_TOLD = 20
A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a lease would meet, in words: leases with their ids, closures, its rent a month."""

    overlaps: Sequence[tuple[int, str, str]]
    closures: Sequence[str]
    rent: Decimal | None = None

    @property
    def is_free(self) -> bool:
        """Whether nothing is in the way."""
        return not self.overlaps


@blueprint.get("/leases/new", endpoint="new_lease")
@admins()
def new() -> Response:
    """Show the form of a new lease, of ``space``, or after the lease ``follows``."""
    if asked := request.args.get("follows", ""):
        before = own_lease(int(asked) if is_id(asked) else 0)
        return form_page(_renewal(before), all_sites()[before.site_id], follows=before)
    site = chosen_site()
    typed = _fresh(site, request.args.get("space", ""))
    starts, ends = (request.args.get(name, "") for name in ("starts", "ends"))
    if not starts:
        return form_page(typed, site)
    typed = replace(
        typed,
        starts=starts,
        ends=ends,
        share=request.args.get("share", typed.share),
        shares=request.args.get("shares", typed.shares),
        weekdays=tuple(request.args.getlist("weekdays")[:7]),
    )
    return form_page(typed, site, seen=_looked(typed, site))


@blueprint.post("/leases")
@admins()
def create_lease() -> Response:
    """Let a space, or (``what`` look) show what the lease would meet."""
    typed, asked = Typed.from_form(), request.form.get("follows", "")
    before = own_lease(int(asked) if is_id(asked) else 0) if asked else None
    site = chosen_site() if before is None else all_sites()[before.site_id]
    try:
        wish = typed.read()
        if request.form.get("what") == "look":
            seen = seen_by(wish, site, verbs.look_at_lease(db.session(), wish, actor(), now=now()))
            return form_page(typed, site, follows=before, seen=seen)
        if before is None:
            lease_id = verbs.create_lease(wish, actor(), now=now())
        else:
            lease_id = verbs.renew_lease(before.id, wish, actor(), version=typed.seen, now=now())
    except (InvalidRequest, Stale) as error:
        errors, status = told(error)
        return form_page(typed, site, follows=before, errors=errors, status=status)
    except AlreadyLet as error:
        return form_page(typed, site, follows=before, seen=in_the_way(error), status=409)
    flash(_("Saved."))
    return redirect(url_for("admin.lease", lease_id=lease_id), 303)


def form_page(
    typed: Typed,
    site: Site,
    *,
    follows: LeaseView | None = None,
    seen: Seen | None = None,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    """Return the page of a lease that is not stored yet."""
    return make_response(
        render_template(
            "admin/leases/form.html",
            site=site,
            named=named(site),
            back=list_url(site),
            follows=follows,
            v=typed,
            seen=seen,
            errors=errors or {},
            **choices(site, typed),
        ),
        status,
    )


def own_lease(lease_id: int) -> LeaseView:
    """Return a lease of a site that the reader runs.

    Raises:
        NotFound: If there is none.
    """
    found = leases.lease(db.session(), lease_id)
    if not may_administer(actor(), found.site_id):
        raise NotFound("lease", lease_id)
    return found


def choices(site: Site, typed: Typed) -> dict[str, object]:
    """Return what the form offers: spaces with their areas, organisations, days, inclusions."""
    known = [
        each
        for each in entries(db.session(), [site.id])
        if each.space.kind in LETTABLE
        and (each.archived_at is None or str(each.space.id) == typed.space)
    ]
    return {
        "spaces": [
            ("", _("Choose")),
            *(
                (
                    str(each.space.id),
                    each.space.name
                    if each.area_m2 is None
                    else f"{each.space.name} · {amounts.area(each.area_m2)}",
                )
                for each in known
            ),
        ],
        "organisations": [
            ("", _("Choose")),
            *((str(key), name) for key, name in houses.organisation_names(db.session()).items()),
        ],
        "days": [(str(each), weekday_name(each, "abbreviated")) for each in weekday_order()],
        "inclusions": [*INCLUDED.items()],
    }


def seen_by(wish: LeaseRequest, site: Site, outlook: Outlook) -> Seen:
    """Return in words what a lease would meet."""
    return Seen(
        _overlaps(outlook.overlaps),
        [closure_words(each, site) for each in outlook.closures[:MOST_TOLD]],
        rent=_rent(wish),
    )


def in_the_way(error: AlreadyLet) -> Seen:
    """Return in words what refused a lease."""
    return Seen(_overlaps(error.overlaps), ())


def closures_below(closures: Sequence[ClosureView], site: Site) -> list[str]:
    """Return in words the closures that a lease lies over."""
    return [closure_words(each, site) for each in closures[:MOST_TOLD]]


def _overlaps(overlaps: Sequence[LeaseOverlap]) -> list[tuple[int, str, str]]:
    return [
        (
            each.lease.id,
            f"{each.lease.space_name}, {each.lease.organisation_name}: {time_words(each.lease)}",
            _("in the way from %(day)s on", day=day_long(each.first)),
        )
        for each in overlaps[:MOST_TOLD]
    ]


def _rent(wish: LeaseRequest) -> Decimal:
    return usual_rent(as_view(wish))


def as_view(wish: LeaseRequest) -> LeaseView:
    """Return a lease as it would be stored, without the names of space and organisation."""
    return LeaseView(
        id=0,
        site_id=0,
        space_id=wish.space_id,
        space_name="",
        organisation_id=wish.organisation_id,
        organisation_name="",
        starts=wish.starts,
        ends=wish.ends,
        share=wish.share,
        shares=wish.shares,
        weekdays=wish.weekdays,
        area_m2=wish.area_m2,
        rent_m2=wish.rent_m2,
        includes=wish.includes,
        rooms=wish.rooms,
        months_notice=wish.months_notice,
        documents=wish.documents,
        note=wish.note,
        follows_id=None,
        version=0,
    )


def _looked(typed: Typed, site: Site) -> Seen | None:
    """Return what a lease would meet whose days alone are known; None where these make no sense."""
    anybody = next(iter(houses.organisation_names(db.session())), 0)
    organisation, area = typed.organisation or str(anybody), typed.area_m2 or "1"
    try:
        wish = replace(typed, organisation=organisation, area_m2=area).read()
        seen = seen_by(wish, site, verbs.look_at_lease(db.session(), wish, actor(), now=now()))
    except (InvalidRequest, NotFound):
        return None
    return seen if typed.area_m2 else replace(seen, rent=None)


def _fresh(site: Site, space: str) -> Typed:
    """Return an empty form: the rent and what it includes as in the house's latest lease."""
    session = db.session()
    known = leases.leases_of_site(session, site.id)
    latest = max(known, key=lambda each: each.id, default=None)
    areas = {str(each.space.id): each.area_m2 for each in entries(session, [site.id])}
    area = areas.get(space)
    typed = Typed(
        space=space,
        starts=to_local(now(), site.zone).date().isoformat(),
        area_m2="" if area is None else amounts.typed(Decimal(str(area))),
        includes=tuple(each.value for each in Included),
    )
    if latest is None:
        return typed
    like = Typed.from_view(latest)
    return replace(
        typed,
        rent_m2=like.rent_m2,
        includes=like.includes,
        rooms=like.rooms,
        months_notice=like.months_notice,
    )


def _renewal(before: LeaseView) -> Typed:
    """Return the form of the lease that follows: as long again, on the same terms."""
    typed = Typed.from_view(before)
    if before.ends is None:
        return typed
    starts = before.ends + DAY
    ends = starts + (before.ends - before.starts)
    return replace(typed, starts=starts.isoformat(), ends=ends.isoformat())
