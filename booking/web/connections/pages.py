"""All own connections, the page of one, what it would do; pause, go on, disconnect."""

from collections.abc import Callable

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import connections as verbs
from booking.core.connections import LOSS, SIGNED_OUT, Standing, counted
from booking.core.errors import InvalidRequest
from booking.db import db
from booking.i18n import sentence
from booking.queries.connections import connections, events, questions, states
from booking.web.connections.blueprint import ONE, blueprint, own
from booking.web.connections.busy import busy_lines
from booking.web.connections.lines import happened, line_of
from booking.web.context import actor, config, now, signed_in

MOST_LISTED = 50


@blueprint.get("")
@signed_in
def index() -> str:
    """List the own connections."""
    found = connections(db.session(), actor().person_id, now=now())
    lines = [line_of(each) for each in found if each.state is not Standing.DRAFT]
    providers = [each.name for each in config().sync.providers]
    return render_template("connections/index.html", lines=lines, providers=providers)


@blueprint.get(ONE)
@signed_in
def show(connection_id: int) -> Response:
    """Show how a connection is: its state, what waits, what happened last."""
    found = own(connection_id)
    if found.state is Standing.DRAFT:
        return redirect(url_for(".choose", connection_id=connection_id))
    session = db.session()
    numbers = states(session, connection_id)
    there, waiting = counted(numbers)
    answer = make_response(
        render_template(
            "connections/show.html",
            connection=line_of(found),
            settings=found.settings,
            state=found.state.value,
            is_running=found.is_running,
            is_signed_out=bool(found.reason and found.reason.code == SIGNED_OUT),
            is_loss=bool(found.reason and found.reason.code == LOSS),
            there=there,
            waiting=waiting,
            refused=numbers.get("refused", 0),
            questions=questions(session, connection_id),
            events=[happened(each) for each in events(session, connection_id)],
            busy=busy_lines(found),
        )
    )
    if found.is_running or (found.state is Standing.ACTIVE and found.due_at <= now()):
        answer.headers["Refresh"] = "3"  # looks again by itself, without a script
    return answer


@blueprint.get(f"{ONE}/preview")
@signed_in
def preview(connection_id: int) -> str:
    """Try the connection and show what would change on both sides; nothing is written."""
    from booking.sync.look import look  # noqa: PLC0415  XML and ciphers, where they are needed

    found = own(connection_id)
    if not found.url:
        raise InvalidRequest.because("choice_invalid", "calendar")
    seen = look(found, config(), now=now())
    return render_template(
        "connections/preview.html",
        connection=line_of(found),
        seen=seen,
        failed=sentence(seen.failed) if seen.failed else "",
        most=MOST_LISTED,
        is_new=found.succeeded_at is None,
        can_begin=found.state in (Standing.PAUSED, Standing.STOPPED),
    )


@blueprint.post(f"{ONE}/<any(sync, pause, resume):verb>")
@signed_in
def turn(connection_id: int, verb: str) -> Response:
    """Synchronise now, pause, or go on."""
    todo: dict[str, Callable[..., None]] = {
        "sync": verbs.sync_now,
        "pause": verbs.pause,
        "resume": verbs.resume,
    }
    todo[verb](connection_id, actor(), now=now())
    return redirect(url_for(".show", connection_id=connection_id), 303)


@blueprint.get(f"{ONE}/disconnect")
@signed_in
def leave(connection_id: int) -> str:
    """Ask what becomes of the events there."""
    return render_template("connections/disconnect.html", connection=line_of(own(connection_id)))


@blueprint.post(f"{ONE}/disconnect")
@signed_in
def disconnect(connection_id: int) -> Response:
    """End a connection."""
    remove = request.form.get("events") == "remove"
    verbs.disconnect(connection_id, actor(), remove=remove, now=now())
    flash(_("Disconnected.") if not remove else _("Your events are being taken away there."))
    return redirect(url_for(".index"), 303)
