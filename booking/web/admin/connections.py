"""All connected calendars: how each is, for those who run the installation."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from booking.actions import connections as verbs
from booking.db import db
from booking.queries import connections as reads
from booking.web.admin.shell import admins, blueprint
from booking.web.connections.lines import line_of
from booking.web.context import actor, now


@blueprint.get("/connections", endpoint="connections")
@admins(everywhere=True)
def index() -> str:
    """List the connections of everybody; what they say, never what is in them."""
    found = reads.connections(db.session(), now=now())
    return render_template("admin/connections.html", lines=[line_of(each) for each in found])


@blueprint.post("/connections/<int(max=2147483647):connection_id>/<any(pause, end):verb>")
@admins(everywhere=True)
def turn_connection(connection_id: int, verb: str) -> Response:
    """Pause a connection, or end it; its events stay where they are."""
    if verb == "pause":
        verbs.pause(connection_id, actor(), now=now())
    else:
        verbs.disconnect(connection_id, actor(), remove=False, now=now())
    return redirect(url_for("admin.connections"), 303)
