"""What the pages of connected calendars share."""

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from booking.core.connections import ConnectionView
from booking.core.errors import BookingError, InvalidRequest, NotAllowed, TooManyAttempts
from booking.db import db
from booking.queries.connections import connection
from booking.web.context import actor, now
from booking.web.errors import status_of
from booking.web.spoken import by_field

blueprint = Blueprint("connections", __name__, url_prefix="/calendars/connections")
ONE = "/<int(max=2147483647):connection_id>"
REFUSED = (InvalidRequest, NotAllowed, TooManyAttempts)  # what is said in the form


def own(connection_id: int) -> ConnectionView:
    return connection(db.session(), connection_id, now=now(), person_id=actor().person_id)


def page(template: str, error: BookingError | None, **values: object) -> Response:
    errors = by_field(error) if error else {}
    answer = make_response(render_template(template, errors=errors, **values))
    if error is not None:
        answer.status_code = status_of(error)
    return answer
