"""What the pages of approvers share."""

from datetime import timedelta

from flask import Blueprint, abort

from booking.core.permissions import may_approve, may_approve_any
from booking.core.values import Actor, Space
from booking.web import context

blueprint = Blueprint("approvals", __name__, url_prefix="/approvals")

BOOKING = "/<int(max=2147483647):booking_id>"
LAST_MONTHS = timedelta(days=91)


def approver() -> Actor:
    """Return the viewer, who decides about something, or answer 403."""
    actor = context.actor()
    if not may_approve_any(actor):
        abort(403)
    return actor


def decided_by(actor: Actor, spaces: dict[int, Space]) -> list[int]:
    """Return the ids of the spaces that somebody decides about."""
    return [
        each.id
        for each in spaces.values()
        if may_approve(actor, space_id=each.id, site_id=each.site_id)
    ]
