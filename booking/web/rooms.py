"""The page of a space: what it is like, what its rules are, how it is booked."""

from flask import Blueprint, Response, render_template, request

from booking.core.errors import NotFound
from booking.core.policy import always_asks
from booking.core.recurrence import to_local
from booking.core.values import Space
from booking.db import db
from booking.i18n import FEATURES, SPACE_KINDS
from booking.queries import houses, photos
from booking.queries.floors import floor_name
from booking.web.bookings.words import weekday_name, weekday_order
from booking.web.context import Page, actor, all_sites, now, signed_in, spaces

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
        kind=SPACE_KINDS[space.kind.value],
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


def _space(space_id: int) -> Space:
    found = houses.spaces_by_id(db.session(), [space_id]).get(space_id)
    if found is None:
        raise NotFound("space", space_id)
    return found
