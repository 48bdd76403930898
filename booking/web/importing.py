"""A calendar file comes in: chosen, looked at with what would become of it, then booked."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import PurePath
from typing import IO
from urllib.parse import urlsplit

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking import imports
from booking.actions import imports as verbs
from booking.core.checks import one_line
from booking.core.errors import BookingError, InvalidRequest, NotAllowed, Stale, TooManyAttempts
from booking.core.imports import Choice, Clashing, Fate, Outcome
from booking.core.permissions import may_administer
from booking.core.values import Site
from booking.db import db
from booking.i18n import IMPORT_FATES, sentence
from booking.ical.reading import MOST_BYTES
from booking.net import Guard, fetch
from booking.queries import houses
from booking.queries.imports import FileView, file, files, outcomes
from booking.web.context import actor, config, now, signed_in, sites, spaces
from booking.web.errors import status_of
from booking.web.limits import takes
from booking.web.numbers import is_id
from booking.web.spoken import by_field

blueprint = Blueprint("importing", __name__, url_prefix="/calendars/import")
FILE = "/<int(max=2147483647):file_id>"
PLACE = "place-"
LOOK_AGAIN_S = 3
MOST_CLASHING = 12  # dates of one event that are listed


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: where the events go, whom they are for, where the file is."""

    into: str = ""
    organisation: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An event as the page shows it; times are naive local ones."""

    title: str
    fate: str
    tag: str
    start: datetime | None
    whole_days: bool
    rooms: str
    dates: int
    booking_id: int | None
    said: tuple[str, ...]
    clashing: tuple[datetime, ...]
    further: int


@blueprint.get("")
@signed_in
def index() -> Response:
    """Offer to choose a file, and show those that are there; ``?space=ID`` chooses a room."""
    return _page(Typed(into=request.args.get("space", "")))


@blueprint.post("")
@takes(MOST_BYTES + 64 * 1024)  # with the other fields of the form
@signed_in
def upload() -> Response:
    """Take a file in, and show what would become of it."""
    fields = (request.form.get(name, "").strip() for name in ("into", "organisation", "address"))
    typed = Typed(*fields)
    try:
        site, choice = _choice(typed)
        verbs.count_file(actor(), now=now())
        source, name = _source(typed.address)
        file_id = imports.take_in(source, name, site, choice, actor(), now=now())
    except (InvalidRequest, NotAllowed, TooManyAttempts) as error:
        return _page(typed, error=error)
    return redirect(url_for(".show", file_id=file_id), 303)


@blueprint.get(FILE)
@signed_in
def show(file_id: int) -> Response:
    """Show how far a file is, and its events by what becomes of them."""
    found = file(db.session(), file_id, person_id=actor().person_id)
    fate = request.args.get("show", "")
    after = request.args.get("after", "")
    shown, more = outcomes(
        db.session(),
        file_id,
        fate=fate if fate in IMPORT_FATES else "",
        after=int(after) if after == "0" or is_id(after) else -1,
    )
    booked, asked = (found.counts.get(each.value, 0) for each in (Fate.BOOKED, Fate.REQUESTED))
    answer = make_response(
        render_template(
            "importing/show.html",
            file=found,
            where=_where(found),
            tabs=[
                (each.value, IMPORT_FATES[each.value], found.counts.get(each.value, 0))
                for each in Fate
                if found.counts.get(each.value)
            ],
            fate=fate,
            lines=[_line(each, is_over=found.state == "done") for each in shown],
            more=more,
            warnings=[sentence(each) for each in found.warnings],
            booked=booked,
            asked=asked,
            good=booked + asked,
            taken=found.counts.get("taken", 0),
            clashing=found.counts.get("clashing", 0),
            choices=_clashing_choices(),
        )
    )
    if found.is_working:  # looks again by itself, without a script
        answer.headers["Refresh"] = str(LOOK_AGAIN_S)
    return answer


@blueprint.post(f"{FILE}/book")
@signed_in
def book(file_id: int) -> Response:
    """Book what can be had, or go on with it; a small file while the browser waits."""
    found = file(db.session(), file_id, person_id=actor().person_id)
    wanted = request.form.get("clashing", found.clashing.value)
    clashing = Clashing(wanted) if wanted in {each.value for each in Clashing} else None
    at_once = found.objects <= imports.SMALL
    try:
        verbs.turn(file_id, "booking", actor(), now=now(), clashing=clashing, at_once=at_once)
    except Stale:  # pressed twice
        return redirect(url_for(".show", file_id=file_id), 303)
    if at_once:
        imports.work(file_id, now=now, parts=imports.SMALL)
    return redirect(url_for(".show", file_id=file_id), 303)


@blueprint.post(f"{FILE}/stop")
@signed_in
def stop(file_id: int) -> Response:
    """Stop booking after the events that are in work; it can go on later."""
    with suppress(Stale):  # it is through
        verbs.turn(file_id, "stopped", actor(), now=now())
    return redirect(url_for(".show", file_id=file_id), 303)


@blueprint.post(f"{FILE}/delete")
@signed_in
def delete(file_id: int) -> Response:
    """Forget a file; what was booked of it stays."""
    verbs.discard(file_id, actor())
    flash(_("The file is gone. What was booked of it stays."))
    return redirect(url_for(".index"), 303)


def _source(address: str) -> tuple[IO[bytes], str]:
    """Return the file that was sent, or is at the address, with a name for it.

    Raises:
        InvalidRequest: If there is neither, or the address cannot be fetched.
    """
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        name = PurePath(sent.filename.replace("\\", "/")).stem
        return sent.stream, one_line(name)[:120]
    if not address:
        raise InvalidRequest.because("file_missing", "file")
    guard = Guard(trusted=frozenset(config().calendars.trusted_hosts.split()))
    return fetch(address, guard), one_line(urlsplit(address).hostname or "")[:120]


def _choice(typed: Typed) -> tuple[Site, Choice]:
    """Return where the events go.

    Raises:
        InvalidRequest: If there is no such room or house, or no such organisation.
    """
    organisation = int(typed.organisation) if is_id(typed.organisation) else None
    if typed.into.startswith(PLACE):
        slug = typed.into.removeprefix(PLACE)
        site = next((each for each in sites() if each.slug == slug), None)
        if site is not None:
            return site, Choice(by_place=True, organisation_id=organisation)
    elif is_id(typed.into) and (space := spaces().get(int(typed.into))):
        site = next((each for each in sites() if each.id == space.site_id), None)
        if site is not None:
            return site, Choice(space_ids=(space.id,), organisation_id=organisation)
    raise InvalidRequest.because("space_missing", "into")


def _page(typed: Typed, *, error: BookingError | None = None) -> Response:
    answer = make_response(
        render_template(
            "importing/index.html",
            files=[(each, _where(each)) for each in files(db.session(), actor().person_id)],
            typed=typed,
            places=_places(),
            organisations=_organisations(),
            most_mb=MOST_BYTES // 1024**2,
            errors=by_field(error) if error else {},
        )
    )
    if error is not None:
        answer.status_code = status_of(error)
    return answer


def _places() -> list[tuple[str, str]]:
    """Return (value, label) of where a file can go: a room, or where each event says."""
    several = len(sites()) > 1
    names = {site.id: site.name for site in sites()}
    said = [
        (
            f"{PLACE}{site.slug}",
            _("Where each event says, %(house)s", house=site.name)
            if several
            else _("Where each event says"),
        )
        for site in sites()
    ]
    rooms = [
        (str(space.id), f"{space.name}, {names[space.site_id]}" if several else space.name)
        for space in spaces().values()
        if space.bookable and space.site_id in names
    ]
    return [("", _("Choose")), *said, *rooms]


def _organisations() -> list[tuple[str, str]]:
    mine = None if may_administer(actor()) else actor().organisations
    names = houses.organisation_names(db.session(), mine)
    return [("", _("For no organisation")), *((str(each), name) for each, name in names.items())]


def _clashing_choices() -> list[tuple[str, str]]:
    return [
        (Clashing.LEAVE.value, _("Leave them out")),
        (Clashing.ROOM.value, _("Another room where there is one")),
        (Clashing.TIME.value, _("Another time that day where there is one")),
    ]


def _where(found: FileView) -> str:
    names = _names(found.choice.space_ids)
    return str(_("Where each event says")) if found.choice.by_place else names


def _names(space_ids: Sequence[int]) -> str:
    known = spaces()
    return ", ".join(known[each].name for each in space_ids if each in known)


def _is_whole(each: Outcome) -> bool:
    """Whether an event takes whole days: from a midnight to another."""
    return all(at is not None and at.time() == time() for at in (each.start, each.end))


def _line(each: Outcome, *, is_over: bool) -> Line:
    own = is_over and each.fate in (Fate.BOOKED, Fate.REQUESTED)
    tags = {
        Fate.BOOKED: "confirmed",
        Fate.REQUESTED: "requested",
        Fate.TAKEN: "conflict",
        Fate.REFUSED: "refused",
    }
    return Line(
        title=each.title or _("Without a title"),
        fate=str(IMPORT_FATES[each.fate.value]),
        tag=tags.get(each.fate, ""),
        start=each.start,
        whole_days=_is_whole(each),
        rooms=_names(each.space_ids),
        dates=each.dates,
        booking_id=each.booking_id if own or each.fate is Fate.THERE else None,
        said=tuple(sentence(one) for one in (*each.reasons, *each.warnings)),
        clashing=each.clashing[:MOST_CLASHING],
        further=max(0, len(each.clashing) - MOST_CLASHING),
    )
