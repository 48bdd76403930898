"""The page of a space: what it is like, what its rules are, how it is booked."""

from datetime import timedelta

from flask import Blueprint, Response, render_template, request, url_for

from booking.actions.checkins import may_check_in
from booking.core import checkin
from booking.core.errors import NotFound
from booking.core.permissions import may_administer
from booking.core.policy import always_asks
from booking.core.recurrence import to_local
from booking.core.values import OccurrenceView, Space
from booking.db import db
from booking.i18n import A_SPACE, FEATURES
from booking.queries import agenda, checkins, houses, photos
from booking.queries.floors import floor_name
from booking.web.bookings.words import times_words, weekday_name, weekday_order
from booking.web.context import Page, actor, all_sites, config, now, signed_in, spaces

MINUTE = timedelta(minutes=1)
blueprint = Blueprint("rooms", __name__)
SPACE = "/spaces/<int(max=2147483647):space_id>"
FOR_EVER = "private, max-age=31536000, immutable"


@blueprint.get(SPACE)
@signed_in
def show(space_id: int) -> str:
    """Show a space to whoever may want to book it."""
    space = _space(space_id)
    site = all_sites()[space.site_id]
    week = space.policy.hours
    return render_template(
        "rooms/space.html",
        space=space,
        site=site,
        photo=photos.photo(db.session(), space_id),
        asks=always_asks(space, actor()),
        week=[(weekday_name(each), week[each]) for each in weekday_order()] if week else [],
        today=to_local(now(), site.zone).date(),
        parts=[spaces()[each] for each in space.part_ids if each != space.id and each in spaces()],
        floor=floor_name(db.session(), space_id),
        awaited=_awaited(space),
        code=_code(space) if may_administer(actor(), space.site_id) else "",
        check_in_minutes=space.policy.check_in and space.policy.check_in // MINUTE,
        local=lambda at: to_local(at, site.zone),
        times=times_words,
        kind=A_SPACE[space.kind.value],
        FEATURES=FEATURES,
    )


@blueprint.get(f"{SPACE}/photo/<digest>.jpg")
@signed_in
def photo(space_id: int, digest: str) -> Page:
    """Answer a photo; its address changes with it, so it may be kept for ever."""
    space = _space(space_id)
    if request.if_none_match.contains(digest):
        answer = Response(status=304)
    else:
        content, media_type = photos.content(db.session(), space.id, digest)
        answer = Response(content, mimetype=media_type)
    answer.set_etag(digest)
    answer.headers["Cache-Control"] = FOR_EVER
    return answer


def _awaited(space: Space) -> list[OccurrenceView]:
    """Return what the reader can check in for here at this moment."""
    if space.policy.check_in is None:
        return []
    found = []
    session = db.session()
    for booking_id in checkins.awaited(session, [space.id], now=now(), early=checkin.EARLY):
        booking = agenda.booking(session, booking_id)
        if may_check_in(actor(), booking):
            here = [each for each in booking.occurrences if each.space_id == space.id]
            found += checkin.to_check_in(here, {space.id: space}, booking.updated_at, now=now())
    return found


def _code(space: Space) -> str:
    """Return the code for the door as a picture; it leads to this page."""
    if space.policy.check_in is None:
        return ""
    import segno  # noqa: PLC0415  only who runs the house prints codes

    home = config().server.public_url.rstrip("/") or request.host_url.rstrip("/")
    address = home + url_for("rooms.show", space_id=space.id)
    return str(segno.make(address, error="m").svg_data_uri(scale=4, border=4, light="#fff"))


def _space(space_id: int) -> Space:
    found = houses.spaces_by_id(db.session(), [space_id]).get(space_id)
    if found is None:
        raise NotFound("space", space_id)
    return found
