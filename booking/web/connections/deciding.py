"""The owner's word on what was changed in the other calendar."""

import zlib

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from booking.actions import connections as verbs
from booking.actions.objects import delete_object, put_object
from booking.core.connections import RemoteView
from booking.core.errors import BookingError, NotFound
from booking.core.values import Door
from booking.db import db
from booking.i18n import sentence
from booking.queries.connections import bases, remote_object
from booking.web.connections.blueprint import ONE, blueprint, own
from booking.web.context import actor, now, signed_in


@blueprint.post(
    f"{ONE}/questions/<int(max=2147483647):object_id>/<any(apply, restore, cancel, leave):answer>"
)
@signed_in
def decide(connection_id: int, object_id: int, answer: str) -> Response:
    """Say whether a change in the other calendar is meant here too."""
    own(connection_id)
    asked = remote_object(db.session(), connection_id, object_id)
    back = redirect(url_for(".show", connection_id=connection_id), 303)
    try:
        if answer in ("apply", "cancel"):
            _take(asked, answer)
    except NotFound:
        raise
    except BookingError as error:
        flash(" ".join(sentence(each) for each in error.messages))
        return back
    done = {"apply": "taken", "restore": "restore", "cancel": "left", "leave": "left"}
    verbs.settle_object(connection_id, object_id, done[answer], actor(), now=now())
    return back


def _take(asked: RemoteView, answer: str) -> None:
    """Let a booking follow what was done there.

    Raises:
        BookingError: What the house refuses.
    """
    if asked.state != "ask" or asked.booking_id is None:
        raise NotFound("remote_object", asked.id)
    if answer == "cancel":
        delete_object(actor(), door=Door.SYNC, booking_id=asked.booking_id, now=now())
        return
    raw = bases(db.session(), [asked.id]).get(asked.id)
    if raw is None:
        raise NotFound("remote_object", asked.id)
    put_object(
        zlib.decompress(raw),
        actor(),
        door=Door.SYNC,
        space_id=None,
        booking_id=asked.booking_id,
        expected=None,
        now=now(),
    )
