"""The list of leases, by office or by organisation, and what is free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from booking.core.recurrence import to_local
from booking.core.rent import total, usual_rent
from booking.core.values import LETTABLE, LeaseView, Site, Standing
from booking.db import db
from booking.queries.leases import leases_of_site
from booking.queries.spaces import SpaceEntry, entries
from booking.web.admin.shell import admins, blueprint, chosen_site, own_sites
from booking.web.context import now, sites
from booking.web.lease_words import part_words, time_words
from booking.web.numbers import page_number

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A lease in the list; ``ends_soon`` within three months."""

    id: int
    space: str
    organisation: str
    when: str
    part: str
    area: Decimal
    rent: Decimal
    ends_soon: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """What is let today, and what is not."""

    let: Decimal
    free: Decimal
    rent: Decimal


@blueprint.get("/leases", endpoint="leases")
@admins()
def index() -> Response:
    """List what is let (``which`` current, coming or ended), and what is free."""
    site = chosen_site()
    today = to_local(now(), site.zone).date()
    session, page = db.session(), page_number()
    found = leases_of_site(session, site.id)
    which = Standing(asked) if (asked := request.args.get("which", "")) in {*Standing} else None
    which = which or Standing.CURRENT
    by = "organisation" if request.args.get("by") == "organisation" else "space"
    shown = [each for each in found if each.standing(today) is which]
    if by == "organisation":
        shown.sort(key=lambda each: (each.organisation_name.casefold(), each.starts))
    elif which is Standing.ENDED:
        shown.sort(key=lambda each: each.ends or today, reverse=True)
    first = (page - 1) * PAGE_SIZE
    current = [each for each in found if each.standing(today) is Standing.CURRENT]
    free = _free(entries(session, [site.id]), current)
    return make_response(
        render_template(
            "admin/leases/list.html",
            site=site,
            named=named(site),
            own=own_sites(),
            which=which.value,
            by=by,
            lines=[_line(each, today) for each in shown[first : first + PAGE_SIZE]],
            has_more=len(shown) > first + PAGE_SIZE,
            page=page,
            numbers={
                each.value: sum(one.standing(today) is each for one in found) for each in Standing
            },
            free=free if which is Standing.CURRENT and page == 1 else (),
            sums=Sums(
                let=sum((each.area_m2 for each in current if each.is_let_on(today)), Decimal(0)),
                free=sum((Decimal(str(each.area_m2 or 0)) for each in free), Decimal(0)),
                rent=total(usual_rent(each) for each in current),
            ),
        )
    )


def named(site: Site) -> str | None:
    """Return how addresses name a site; a single house is never named."""
    return site.slug if len(sites()) > 1 else None


def list_url(site: Site) -> str:
    """Return where the leases of a site are listed."""
    return url_for("admin.leases", site=named(site))


def _line(lease: LeaseView, today: date) -> Line:
    return Line(
        lease.id,
        lease.space_name,
        lease.organisation_name,
        time_words(lease),
        part_words(lease),
        lease.area_m2,
        usual_rent(lease),
        ends_soon=lease.standing(today) is Standing.CURRENT
        and lease.ends is not None
        and (lease.ends - today).days <= 92,
    )


def _free(spaces: Sequence[SpaceEntry], current: Sequence[LeaseView]) -> list[SpaceEntry]:
    """Return the offices that nobody has today, nor their parts or what they are parts of."""
    parts = {each.space.id: {*each.space.part_ids} for each in spaces}
    let = set().union(*(parts.get(each.space_id, {each.space_id}) for each in current))
    return [
        each
        for each in spaces
        if each.archived_at is None
        and each.space.kind in LETTABLE
        and not each.bookable
        and not let & parts[each.space.id]
    ]
