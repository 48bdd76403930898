"""The operator's own drawing or picture below a floor's plan, chosen and taken away."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking import drawings, pictures
from booking.actions.spaces.underlays import CleanFile, set_underlay
from booking.core.errors import InvalidRequest
from booking.web.admin.drawing.page import drawing_page, own_floor
from booking.web.admin.floors import FLOOR
from booking.web.admin.shell import admins, blueprint
from booking.web.context import actor, now
from booking.web.limits import takes
from booking.web.spoken import by_field


@blueprint.post(f"{FLOOR}/underlay")
@takes(pictures.MOST_BYTES + 64 * 1024)  # with the other fields of the form
@admins()
def underlay_post(floor_id: int) -> Response:
    """Put a drawing or a picture under the plan, or (``what`` remove) take it away."""
    site, floor = own_floor(floor_id)
    back = redirect(url_for("admin.draw", floor_id=floor_id), 303)
    if request.form.get("what") == "remove":
        set_underlay(floor_id, None, actor(), now=now())
        flash(_("Nothing lies under the plan any more."))
        return back
    sent = request.files.get("underlay")
    try:
        file, removed = _cleaned(sent.read() if sent else b"")
    except InvalidRequest as error:
        # The field is called "photo" where all pictures are cleaned.
        told = {"underlay": [each for some in by_field(error).values() for each in some]}
        return drawing_page(site, floor, errors=told, status=422)
    set_underlay(floor_id, file, actor(), now=now())
    flash(_("Saved."))
    if removed:
        flash(
            ngettext(
                "%(num)s part of the drawing was left out: it does not draw, or is elsewhere.",
                "%(num)s parts of the drawing were left out: they do not draw, or are elsewhere.",
                removed,
            ),
            "info",
        )
    return back


def _cleaned(data: bytes) -> tuple[CleanFile, int]:
    if drawings.is_svg(data):
        drawing = drawings.cleaned(data)
        return CleanFile(drawing.content, drawings.MEDIA_TYPE, drawing.digest), drawing.removed
    picture = pictures.cleaned(data)
    return CleanFile(picture.content, pictures.MEDIA_TYPE, picture.digest), 0
