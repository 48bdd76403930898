"""Which calendar of the account, and what to do with it."""

from dataclasses import dataclass, replace

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import connections as verbs
from booking.core.connections import ConnectionView, Deletes, Edits, Settings, Standing
from booking.core.errors import BookingError, InvalidRequest
from booking.core.permissions import may_administer
from booking.db import db
from booking.queries import houses
from booking.web.connections.blueprint import ONE, REFUSED, blueprint, own, page
from booking.web.connections.lines import line_of
from booking.web.context import actor, all_sites, config, now, signed_in
from booking.web.subscriptions import read_scope, scope_value

NEW = "new"  # the choice that makes a calendar


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form."""

    calendar: str = ""
    name: str = ""
    scope: str = ""
    edits: str = Edits.ASK.value
    deletes: str = Deletes.ASK.value
    books: bool = False


@blueprint.get(f"{ONE}/choose")
@signed_in
def choose(connection_id: int) -> Response:
    """Ask which calendar, and what to do; of a connection that is at work, what to do."""
    found = own(connection_id)
    chosen = found.url or (found.found[0][0] if found.found else NEW)
    name = "" if found.state is Standing.DRAFT else found.name
    settings = found.settings
    is_draft = found.state is Standing.DRAFT
    typed = Typed(
        calendar=chosen,
        name=name,
        scope=scope_value(settings.scope),
        edits=Edits.ASK if is_draft else settings.edits,
        deletes=Deletes.ASK if is_draft else settings.deletes,
        books=settings.books,
    )
    return _choose(found, typed)


@blueprint.post(f"{ONE}/choose")
@signed_in
def settle(connection_id: int) -> Response:
    """Keep the choice; a new connection waits until its owner has seen what would happen."""
    found, form = own(connection_id), request.form
    typed = Typed(
        calendar=found.url or form.get("calendar", ""),
        name=form.get("name", "").strip(),
        scope=form.get("scope", ""),
        edits=form.get("edits", ""),
        deletes=form.get("deletes", ""),
        books="books" in form,
    )
    try:
        settings = _settings(found, typed)
        url, name = typed.calendar, typed.name or dict(found.found).get(typed.calendar, "")
        if url == NEW and not found.url:
            url, name = _new_calendar(found, typed)
        name = name or found.account.host
        verbs.choose_calendar(found.id, url, name, settings, actor(), now=now())
    except REFUSED as error:
        return _choose(found, typed, error=error)
    if found.state is Standing.DRAFT:
        return redirect(url_for(".preview", connection_id=found.id), 303)
    flash(_("Saved."))
    return redirect(url_for(".show", connection_id=connection_id), 303)


def _settings(found: ConnectionView, typed: Typed) -> Settings:
    """Return what was chosen.

    Raises:
        InvalidRequest: ``choice_invalid`` or ``space_unknown``, each of its field.
    """
    scope = read_scope(typed.scope, "")
    if typed.edits not in {each.value for each in Edits}:
        raise InvalidRequest.because("choice_invalid", "edits")
    if typed.deletes not in {each.value for each in Deletes}:
        raise InvalidRequest.because("choice_invalid", "deletes")
    edits, deletes = Edits(typed.edits), Deletes(typed.deletes)
    return replace(found.settings, scope=scope, edits=edits, deletes=deletes, books=typed.books)


def _new_calendar(found: ConnectionView, typed: Typed) -> tuple[str, str]:
    """Make a calendar at the other server; return its address and its name.

    Raises:
        InvalidRequest: If the server makes none, or the key of its password is gone.
    """
    from booking.sync import discovery  # noqa: PLC0415
    from booking.sync.errors import RemoteError  # noqa: PLC0415
    from booking.sync.run import credentials_of, guard_of  # noqa: PLC0415
    from booking.vault import Unopenable  # noqa: PLC0415

    name = typed.name or _("Bookings")
    try:
        given = credentials_of(found, config())
        made = discovery.make_calendar(given, guard_of(config()), name)
    except RemoteError as error:
        raise InvalidRequest(replace(error.reason, field="calendar")) from error
    except Unopenable:
        raise InvalidRequest.because("remote_key_lost", "calendar") from None
    verbs.offer_calendar(found.id, made.url, made.name, actor())
    return made.url, made.name


def _choose(found: ConnectionView, typed: Typed, *, error: BookingError | None = None) -> Response:
    return page(
        "connections/choose.html",
        error,
        connection=line_of(found),
        is_draft=found.state is Standing.DRAFT,
        typed=typed,
        calendars=[*found.found, (NEW, _("Make a calendar for the bookings"))],
        scopes=_scopes(),
        edits=[
            (Edits.ASK, _("Ask me")),
            (Edits.FOLLOW, _("Change the booking, where the rules allow it")),
            (Edits.RESTORE, _("Put it back as it is booked")),
        ],
        deletes=[
            (Deletes.ASK, _("Ask me")),
            (Deletes.CANCEL, _("Cancel the booking")),
            (Deletes.RESTORE, _("Put it back")),
        ],
    )


def _scopes() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return which bookings a calendar can show, in groups: (heading, [(value, label)])."""
    session = db.session()
    mine = None if may_administer(actor()) else actor().organisations
    names = {site.id: site.name for site in all_sites().values()}
    several = len(names) > 1
    rooms = [
        (f"{each.id}", f"{each.name}, {names[each.site_id]}" if several else each.name)
        for each in houses.spaces(session)
        if each.bookable
    ]
    organisations = houses.organisation_names(session, mine)
    groups = [
        ("", [("", _("My bookings"))]),
        (
            _("An organisation"),
            [(f"organisation-{each}", name) for each, name in organisations.items()],
        ),
        (_("A room"), rooms),
    ]
    return [(heading, options) for heading, options in groups if options]
