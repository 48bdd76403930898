"""All that is booked as calendar files: one for each space, or a ZIP of all."""

from tempfile import SpooledTemporaryFile

from flask import make_response, render_template, request, send_file
from werkzeug.wrappers import Response

from booking import exports
from booking.core.errors import NotFound
from booking.core.values import Space
from booking.db import db
from booking.web.admin.shell import admins, blueprint, own_sites
from booking.web.context import Page, actor, config, now, spaces

_IN_MEMORY = 8 * 1024 * 1024


@blueprint.get("/export")
@admins()
def export() -> Page:
    """Offer the calendars of all spaces."""
    names = {site.id: site.name for site in own_sites()}
    return render_template(
        "admin/export.html",
        spaces=[(each, names[each.site_id]) for each in _own_spaces()],
        several=len(names) > 1,
    )


@blueprint.post("/export")
@admins()
def export_file() -> Response:
    """Give the calendar of one space (``space``), or a ZIP of all."""
    chosen = request.form.get("space", "")
    base = config().server.public_url.rstrip("/") or request.host_url.rstrip("/")
    if chosen:
        known = {str(each.id): each for each in _own_spaces()}
        if (space := known.get(chosen)) is None:
            raise NotFound("space", chosen)
        answer = make_response(exports.space_file(db.session(), space, actor(), base=base))
        answer.mimetype = "text/calendar"
        name = exports.file_name(space)
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    # Not closed here: it is sent afterwards, and closes itself.
    target = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    exports.write_zip(target, db.session(), _own_spaces(), actor(), base=base)
    target.seek(0)
    return send_file(
        target,
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"calendars-{now():%Y-%m-%d}.zip",
    )


def _own_spaces() -> list[Space]:
    mine = {site.id for site in own_sites()}
    return [each for each in spaces().values() if each.site_id in mine]
