"""What one's own organisations have of the house: their leases, to read."""

from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, make_response, render_template
from flask_babel import LazyString
from werkzeug.wrappers import Response

from booking.core.recurrence import to_local
from booking.core.rent import usual_rent
from booking.core.values import LeaseView, Site, Standing
from booking.db import db
from booking.i18n import LEASE_STANDINGS
from booking.queries.leases import leases_of_organisations
from booking.web.context import actor, all_sites, now, signed_in
from booking.web.lease_words import included_words, part_words, time_words

blueprint = Blueprint("leases", __name__)


@dataclass(frozen=True, slots=True)
class Card:
    """A lease in words."""

    lease: LeaseView
    site: Site
    standing: LazyString
    when: str
    part: str
    included: str
    rent: Decimal


@blueprint.get("/our-leases")
@signed_in
def ours() -> Response:
    """Show the leases of one's organisations that are current or coming."""
    found = leases_of_organisations(db.session(), actor().organisations)
    cards = [_card(each) for each in found]
    return make_response(render_template("leases/ours.html", cards=[x for x in cards if x]))


def _card(lease: LeaseView) -> Card | None:
    site = all_sites()[lease.site_id]
    standing = lease.standing(to_local(now(), site.zone).date())
    if standing is Standing.ENDED:
        return None
    return Card(
        lease,
        site,
        LEASE_STANDINGS[standing],
        time_words(lease),
        part_words(lease),
        included_words(lease.includes),
        usual_rent(lease),
    )
