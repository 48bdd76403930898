"""A member's own calendar: connected, looked at before anything happens, kept an eye on."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import connections as verbs
from booking.actions.objects import delete_object, put_object
from booking.core.calendars import Scope
from booking.core.connections import (
    LOSS,
    Account,
    ConnectionView,
    Deletes,
    Edits,
    EventView,
    RemoteView,
    Settings,
    Standing,
    counted,
)
from booking.core.errors import (
    BookingError,
    InvalidRequest,
    NotAllowed,
    NotFound,
    TooManyAttempts,
)
from booking.core.messages import message
from booking.core.permissions import may_administer
from booking.core.values import Door
from booking.db import db
from booking.i18n import sentence
from booking.queries import houses
from booking.queries.connections import (
    bases,
    connection,
    connections,
    events,
    questions,
    remote_object,
    states,
)
from booking.web.context import actor, all_sites, config, now, signed_in, sites
from booking.web.errors import status_of
from booking.web.spoken import by_field
from booking.web.subscriptions import read_scope, scope_value

blueprint = Blueprint("connections", __name__, url_prefix="/calendars/connections")
ONE = "/<int(max=2147483647):connection_id>"
MOST_LISTED = 50
NEW = "new"  # the choice that makes a calendar
REFUSED = (InvalidRequest, NotAllowed, TooManyAttempts)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the forms; the password never does."""

    address: str = ""
    username: str = ""
    calendar: str = ""
    name: str = ""
    scope: str = ""
    edits: str = Edits.ASK.value
    deletes: str = Deletes.ASK.value
    books: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A connection as pages show it: its state in a word and in a sentence; naive local times."""

    id: int
    name: str
    host: str
    owner: str
    what: str
    state: str
    tag: str
    says: str
    succeeded: datetime | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the diary; ``booking_id`` where it is about a booking."""

    at: datetime
    says: str
    booking_id: int | None


@blueprint.get("")
@signed_in
def index() -> str:
    """List the own connections."""
    found = connections(db.session(), actor().person_id, now=now())
    lines = [line_of(each) for each in found if each.state is not Standing.DRAFT]
    return render_template("connections/index.html", lines=lines)


@blueprint.get("/new")
@signed_in
def new() -> Response:
    """Ask where the calendar is."""
    return _ask(Typed())


@blueprint.post("/new")
@signed_in
def find() -> Response:
    """Look for the calendars of an account, and go on to choose one."""
    address, name = (request.form.get(each, "").strip() for each in ("address", "username"))
    typed = Typed(address, name)
    try:
        verbs.count_try(actor(), now=now())
        account, found = _account(typed, request.form.get("password", ""))
        made = verbs.begin_connection(account, found, actor(), now=now())
    except REFUSED as error:
        where = getattr(error, "url", typed.address)
        return _ask(replace(typed, address=where), error=error)
    return redirect(url_for(".choose", connection_id=made), 303)


@blueprint.get(f"{ONE}/choose")
@signed_in
def choose(connection_id: int) -> Response:
    """Ask which calendar, and what to do; of a connection that is at work, what to do."""
    found = _own(connection_id)
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
    found, form = _own(connection_id), request.form
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
        url = typed.calendar
        if url == NEW and not found.url:
            found, url = _with_new_calendar(found, typed)
        name = typed.name or dict(found.found).get(url, "") or found.account.host
        verbs.choose_calendar(found.id, url, name, settings, actor(), now=now())
    except REFUSED as error:
        return _choose(found, typed, error=error)
    if found.state is Standing.DRAFT:
        return redirect(url_for(".preview", connection_id=found.id), 303)
    flash(_("Saved."))
    return redirect(url_for(".show", connection_id=connection_id), 303)


@blueprint.get(f"{ONE}/preview")
@signed_in
def preview(connection_id: int) -> str:
    """Try the connection and show what would change on both sides; nothing is written."""
    from booking.sync.look import look  # noqa: PLC0415  XML and ciphers, where they are needed

    found = _own(connection_id)
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


@blueprint.get(ONE)
@signed_in
def show(connection_id: int) -> Response:
    """Show how a connection is: its state, what waits, what happened last."""
    found = _own(connection_id)
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
            is_loss=bool(found.reason and found.reason.code == LOSS),
            there=there,
            waiting=waiting,
            refused=numbers.get("refused", 0),
            questions=questions(session, connection_id),
            events=[_happened(each) for each in events(session, connection_id)],
        )
    )
    if found.is_running or (found.state is Standing.ACTIVE and found.due_at <= now()):
        answer.headers["Refresh"] = "3"  # looks again by itself, without a script
    return answer


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


@blueprint.post(
    f"{ONE}/questions/<int(max=2147483647):object_id>/<any(apply, restore, cancel, leave):answer>"
)
@signed_in
def decide(connection_id: int, object_id: int, answer: str) -> Response:
    """Say whether a change in the other calendar is meant here too."""
    _own(connection_id)
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


@blueprint.get(f"{ONE}/password")
@signed_in
def password(connection_id: int) -> Response:
    """Ask for a new password."""
    return _password(_own(connection_id))


@blueprint.post(f"{ONE}/password")
@signed_in
def set_password(connection_id: int) -> Response:
    """Try a new password, keep it and go on."""
    found = _own(connection_id)
    name = request.form.get("username", "").strip()
    try:
        verbs.count_try(actor(), now=now())
        account, _found = _tried(found.account.home, name, request.form.get("password", ""))
        verbs.set_secret(connection_id, account, actor(), now=now())
    except REFUSED as error:
        return _password(found, error=error)
    flash(_("The new password works."))
    return redirect(url_for(".show", connection_id=connection_id), 303)


@blueprint.get(f"{ONE}/disconnect")
@signed_in
def leave(connection_id: int) -> str:
    """Ask what becomes of the events there."""
    return render_template("connections/disconnect.html", connection=line_of(_own(connection_id)))


@blueprint.post(f"{ONE}/disconnect")
@signed_in
def disconnect(connection_id: int) -> Response:
    """End a connection."""
    remove = request.form.get("events") == "remove"
    verbs.disconnect(connection_id, actor(), remove=remove, now=now())
    flash(_("Disconnected.") if not remove else _("Your events are being taken away there."))
    return redirect(url_for(".index"), 303)


def line_of(found: ConnectionView) -> Line:
    """Return a connection as pages show it."""
    states_ = {
        Standing.DRAFT: (_("not begun"), ""),
        Standing.ACTIVE: (_("works"), "confirmed"),
        Standing.PAUSED: (_("paused"), "requested"),
        Standing.STOPPED: (_("stopped"), "refused"),
        Standing.ENDING: (_("is being disconnected"), "requested"),
    }
    word, tag = states_[found.state]
    if found.state is Standing.ACTIVE and found.tries:
        word, tag = _("is tried again"), "requested"
    at_work = found.state in (Standing.ACTIVE, Standing.ENDING)
    return Line(
        id=found.id,
        name=found.name,
        host=found.account.host,
        owner=found.owner_name,
        what=_what(found.settings.scope, found.place),
        state=word,
        tag=tag,
        says=_says(found),
        succeeded=_local(found.succeeded_at),
        due=_local(found.due_at) if at_work else None,
    )


def _says(found: ConnectionView) -> str:
    if found.reason is not None:
        return sentence(found.reason)
    if found.state is Standing.PAUSED and found.succeeded_at is None:
        return _("Nothing has happened yet. Look at what would change, then begin.")
    if found.state is Standing.PAUSED:
        return _("Nothing is written there until you go on.")
    if found.state is Standing.ENDING:
        return _("Your events are being taken away there.")
    return _("What is booked appears there within seconds.")


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


def _what(scope: Scope, place: str) -> str:
    return place if scope.space_id or scope.organisation_id else _("My bookings")


def _own(connection_id: int) -> ConnectionView:
    return connection(db.session(), connection_id, now=now(), person_id=actor().person_id)


def _account(typed: Typed, secret: str) -> tuple[Account, list[tuple[str, str]]]:
    """Find the account and try it.

    Raises:
        InvalidRequest: With what is wrong beside its field.
    """
    from booking.sync import discovery  # noqa: PLC0415
    from booking.sync.errors import RemoteError  # noqa: PLC0415
    from booking.sync.run import guard_of  # noqa: PLC0415

    if not typed.address:
        raise InvalidRequest.because("address_invalid", "address")
    try:
        home = discovery.locate(typed.address, guard_of(config()))
    except RemoteError as error:
        raise InvalidRequest(replace(error.reason, field="address")) from error
    _refuse_ours(home)
    name = typed.username or (typed.address if "@" in typed.address else "")
    return _tried(home, name, secret)


def _tried(home: str, username: str, secret: str) -> tuple[Account, list[tuple[str, str]]]:
    """Sign in and list the calendars.

    Raises:
        InvalidRequest: ``remote_denied`` or what else went wrong, beside its field.
    """
    from booking.sync import discovery  # noqa: PLC0415
    from booking.sync.errors import Denied, RemoteError  # noqa: PLC0415
    from booking.sync.run import guard_of  # noqa: PLC0415
    from booking.sync.transport import Credentials  # noqa: PLC0415
    from booking.sync.vault import Vault  # noqa: PLC0415

    if not username or not secret:
        raise InvalidRequest(message("remote_denied", "password"))
    guard = guard_of(config())
    try:
        scheme = discovery.scheme_of(home, guard)
        given = Credentials(home, username[:254], secret[:1000], scheme)
        found = [(each.url, each.name) for each in discovery.calendars(given, guard)]
    except RemoteError as error:
        field = "password" if isinstance(error, Denied) else "address"
        raise InvalidRequest(replace(error.reason, field=field)) from error
    return Account(home, username[:254], scheme, Vault(config()).seal(secret[:1000])), found


def _refuse_ours(home: str) -> None:
    """Refuse to write the house's bookings into the house.

    Raises:
        InvalidRequest: ``calendar_ours``.
    """
    ours, asked = urlsplit(config().public_url), urlsplit(home)
    if (ours.hostname, ours.port) == (asked.hostname, asked.port):
        raise InvalidRequest.because("calendar_ours", "address")


def _with_new_calendar(found: ConnectionView, typed: Typed) -> tuple[ConnectionView, str]:
    """Make a calendar at the other server; return the connection that offers it, and its address.

    Raises:
        InvalidRequest: If the server makes none.
    """
    from booking.sync import discovery  # noqa: PLC0415
    from booking.sync.errors import RemoteError  # noqa: PLC0415
    from booking.sync.run import credentials_of, guard_of  # noqa: PLC0415

    name = typed.name or _("Bookings")
    try:
        given = credentials_of(found, config())
        made = discovery.make_calendar(given, guard_of(config()), name)
    except RemoteError as error:
        raise InvalidRequest(replace(error.reason, field="calendar")) from error
    offered = [*found.found, (made.url, made.name)]
    id_ = verbs.begin_connection(found.account, offered, actor(), now=now())
    return _own(id_), made.url


def _ask(typed: Typed, *, error: BookingError | None = None) -> Response:
    return _page("connections/new.html", error, typed=typed)


def _password(found: ConnectionView, *, error: BookingError | None = None) -> Response:
    username = request.form.get("username", found.account.username)
    return _page("connections/password.html", error, connection=line_of(found), username=username)


def _choose(found: ConnectionView, typed: Typed, *, error: BookingError | None = None) -> Response:
    return _page(
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


def _page(template: str, error: BookingError | None, **values: object) -> Response:
    errors = by_field(error) if error else {}
    answer = make_response(render_template(template, errors=errors, **values))
    if error is not None:
        answer.status_code = status_of(error)
    return answer


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


def _happened(event: EventView) -> Happened:
    at = _local(event.at)
    assert at is not None  # noqa: S101  every event has its time
    return Happened(at, sentence(event.message), event.booking_id)


def _local(moment: datetime | None) -> datetime | None:
    zone = next((site.zone for site in sites()), "UTC")
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if moment else None
