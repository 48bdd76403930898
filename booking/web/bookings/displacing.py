"""Book anyway, over what others have: for whoever runs the site."""

from collections.abc import Mapping

from flask import request

from booking.actions.override import displaced_by, override
from booking.core.checks import checked_reason
from booking.core.errors import BookingError, InvalidRequest
from booking.core.permissions import may_administer
from booking.core.requests import BookingRequest, ChangeRequest, DateRequest, OverrideRequest
from booking.core.values import Site, Space
from booking.db import db
from booking.queries.agenda import number_coming
from booking.web.bookings.conflicts import Displacing, displaced_of
from booking.web.context import actor, now
from booking.web.numbers import is_id
from booking.web.spoken import by_field

BUTTON, REASON = "displace", "displace_reason"


Asked = BookingRequest | ChangeRequest | DateRequest


def displaced_with_reason(asked: Asked) -> int | None:
    """Book or change over what the button names, and return the booking.

    None where it was not pressed, or the reason is missing: then it is a
    booking like any other, and refused like any other.

    Raises:
        BookingError: As ``override``.
    """
    agreed = [each for each in request.form.get(BUTTON, "").split() if is_id(each)]
    if not agreed or _wrong_reason():
        return None
    reason, ids = request.form.get(REASON, ""), frozenset(map(int, agreed))
    return override(OverrideRequest(asked, reason, ids), actor(), now=now()).booking_id


def displacing(asked: Asked, site: Site, spaces: Mapping[int, Space]) -> Displacing | None:
    """Return what the reader may displace for a refused wish, with the reason as it was typed."""
    if not may_administer(actor(), site.id):
        return None
    try:
        views = displaced_by(asked, actor(), now=now())
    except BookingError:  # somebody changed it in this very moment
        return None
    if not views:
        return None
    coming = number_coming(db.session(), {each.booking_id for each in views}, now=now())
    return Displacing(
        displaced_of(views, site.zone, spaces, coming),
        value=" ".join(str(each.allocation_id) for each in views),
        reason=request.form.get(REASON, ""),
        errors=_wrong_reason() if BUTTON in request.form else {},
    )


def _wrong_reason() -> dict[str, list[str]]:
    try:
        checked_reason(request.form.get(REASON, ""), required=True)
    except InvalidRequest as error:
        return {REASON: by_field(error)["reason"]}
    return {}
