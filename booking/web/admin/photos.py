"""The photo of a space, chosen and taken away."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking import pictures
from booking.actions.spaces.photos import set_photo
from booking.core.errors import InvalidRequest
from booking.web.admin.shell import admins, blueprint
from booking.web.admin.spaces import SPACE, own_entry, space_page
from booking.web.admin.typed import told
from booking.web.context import actor, now
from booking.web.limits import takes


@blueprint.post(f"{SPACE}/photo")
@takes(pictures.MOST_BYTES + 64 * 1024)  # with the other fields of the form
@admins()
def photo_post(space_id: int) -> Response:
    """Put a photo in place of the one there is, or (``what`` remove) take it away."""
    own_entry(space_id)
    if request.form.get("what") == "remove":
        set_photo(space_id, None, actor(), now=now())
        flash(_("The photo is gone."))
        return redirect(url_for("admin.space", space_id=space_id), 303)
    file = request.files.get("photo")
    try:
        picture = pictures.cleaned(file.read() if file else b"")
    except InvalidRequest as error:
        errors, status = told(error)
        return space_page(space_id, errors=errors, status=status)
    set_photo(space_id, picture, actor(), now=now())
    flash(_("Saved."))
    return redirect(url_for("admin.space", space_id=space_id), 303)
