"""Calendars of others that a house follows: how they are, a new one with a look at it first."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.actions import sources as verbs
from booking.actions.imports import count_file
from booking.actions.sources import SourceRequest
from booking.core.errors import (
    BookingError,
    InvalidRequest,
    NotAllowed,
    NotFound,
    TooManyAttempts,
)
from booking.core.permissions import may_administer
from booking.core.recurrence import to_local
from booking.core.sources import SourceMode, SourceState, host_of
from booking.core.values import Site, SourceEventView, Visibility
from booking.db import db
from booking.i18n import sentence
from booking.net import Guard, Unreachable, split_address
from booking.queries.sources import SourceView, bookings_below, coming_dates, source, sources
from booking.sources import Content, look
from booking.vault import Vault
from booking.web.admin.shell import admins, blueprint, chosen_site, own_sites
from booking.web.admin.typed import text_of
from booking.web.bookings.words import span_words
from booking.web.context import actor, config, now, sites, spaces
from booking.web.dates import moment
from booking.web.errors import status_of
from booking.web.numbers import is_id
from booking.web.spoken import by_field

SOURCE = "/calendars/<int(max=2147483647):source_id>"
MOST_SHOWN = 12
MOST_BELOW = 50
LOOK_AGAIN_S = 3


@dataclass(frozen=True, slots=True)
class Typed:
    """A calendar to follow as it is typed."""

    name: str = ""
    address: str = ""
    mode: str = SourceMode.BUSY.value
    space: str = ""
    visibility: str = Visibility.MEMBERS.value
    every: str = "hour"

    def request(self, site: Site, name: str = "") -> SourceRequest:
        """Return what was typed; ``name`` is what it is called without one.

        Raises:
            InvalidRequest: With the field that makes no sense.
        """
        if self.mode not in set(SourceMode):
            raise InvalidRequest.because("choice_invalid", "mode")
        if self.visibility not in set(Visibility):
            raise InvalidRequest.because("choice_invalid", "visibility")
        if self.space and not is_id(self.space):
            raise InvalidRequest.because("space_unknown", "space")
        mode, space_id = SourceMode(self.mode), int(self.space) if self.space else None
        if mode is SourceMode.BUSY and space_id is None:
            raise InvalidRequest.because("source_space_missing", "space")
        visibility = Visibility(self.visibility)
        called = self.name or name
        return SourceRequest(site.id, called, self.address, mode, space_id, visibility, self.every)


@dataclass(frozen=True, slots=True)
class Date:
    """A date in words."""

    when: str
    title: str
    place: str


@blueprint.get("/calendars", endpoint="calendars")
@admins()
def index() -> Response:
    """List the calendars that a house follows, and offer to follow another."""
    return _page(chosen_site(), Typed())


@blueprint.post("/calendars", endpoint="follow")
@admins()
def follow() -> Response:
    """Show what is at an address; with ``what=follow`` follow it."""
    site = chosen_site()
    form = request.form
    typed = Typed(*(text_of(form, name) for name in Typed.__slots__))
    try:
        asked = typed.request(site)
        if form.get("what") == "follow":
            split_address(asked.address, guard())
            seal = Vault(config()).seal
            source_id = verbs.add_source(asked, actor(), seal=seal, now=now())
            return redirect(url_for("admin.calendar", source_id=source_id), 303)
        count_file(actor(), now=now())
        found = look(
            asked.address,
            site,
            guard(),
            mode=asked.mode,
            visibility=asked.visibility,
            now=now(),
        )
    except (InvalidRequest, NotAllowed, TooManyAttempts) as error:
        return _page(site, typed, error=error)
    name = typed.name or found.name or host_of(typed.address)
    seen = Typed(name[:120], *(getattr(typed, each) for each in Typed.__slots__[1:]))
    return _page(site, seen, found=found)


@blueprint.get(SOURCE, endpoint="calendar")
@admins()
def show(source_id: int) -> Response:
    """Show how a calendar is, what comes of it, and what is booked in its time."""
    return _calendar_page(source_id)


def _calendar_page(source_id: int, *, error: BookingError | None = None) -> Response:
    found, site = _found(source_id)
    session = db.session()
    below = bookings_below(session, source_id, now=now(), limit=MOST_BELOW)
    answer = make_response(
        render_template(
            "admin/source.html",
            source=found,
            site=site,
            named=_named(site),
            health=health(found, site),
            dates=[
                _date(each, site)
                for each in coming_dates(session, source_id, now=now(), limit=MOST_SHOWN)
            ],
            below=[
                (each, span_words(*_local(each.interval.start, each.interval.end, site)))
                for each in below
            ],
            rooms={each.id: each.name for each in spaces().values()},
            warnings=[sentence(each) for each in found.warnings],
            is_new=found.tried_at is None,
            errors=by_field(error) if error else {},
        ),
        status_of(error) if error else 200,
    )
    if found.tried_at is None and found.state is SourceState.ACTIVE:
        answer.headers["Refresh"] = str(LOOK_AGAIN_S)
    return answer


@blueprint.post(SOURCE, endpoint="change_calendar")
@admins()
def change(source_id: int) -> Response:
    """Look at it now (``refresh``, ``agree``, ``readdress``), let it rest, or follow it no more."""
    _calendar, site = _found(source_id)
    what = request.form.get("what", "")
    if what == "remove":
        verbs.remove_source(source_id, actor(), now=now())
        flash(_("The calendar is followed no more; its dates are gone."))
        return redirect(url_for("admin.calendars", site=_named(site)), 303)
    if what == "pause":
        verbs.pause_source(source_id, actor(), now=now())
        flash(_("The calendar rests. Its dates stay."))
    elif what == "readdress":
        address = text_of(request.form, "address")
        try:
            split_address(address, guard())
        except Unreachable as error:
            return _calendar_page(source_id, error=error)
        seal = Vault(config()).seal
        verbs.change_address(source_id, address, actor(), seal=seal, now=now())
        flash(_("The calendar is looked at in a moment."))
    elif what in ("refresh", "agree"):
        verbs.refresh_source(source_id, actor(), now=now(), may_lose=what == "agree")
        flash(_("The calendar is looked at in a moment."))
    return redirect(url_for("admin.calendar", source_id=source_id), 303)


def guard() -> Guard:
    """Return what may be fetched."""
    return Guard(trusted=frozenset(config().calendars.trusted_hosts.split()))


def health(found: SourceView, site: Site) -> list[tuple[str, str]]:
    """Return how a calendar is, in plain words: what, and when or why."""
    said = []
    read = _moment(found.read_at, site) if found.read_at else _("never yet")
    said.append((_("Last read"), read))
    if found.error is not None:
        tried = f" ({_moment(found.tried_at, site)})" if found.tried_at else ""
        said.append((_("Last error"), f"{sentence(found.error)}{tried}"))
    if found.next_at is not None:
        said.append((_("Next try"), _moment(found.next_at, site)))
    if found.counts:
        said.append((_("In it"), counts_words(found.counts)))
    return said


def counts_words(counts: dict[str, int]) -> str:
    """Return what a calendar has in words."""
    events, dates, left = (counts.get(each, 0) for each in ("events", "dates", "left"))
    words = [
        ngettext("%(num)s event", "%(num)s events", events),
        ngettext("%(num)s date to come", "%(num)s dates to come", dates),
    ]
    if left:
        words.append(ngettext("%(num)s event left out", "%(num)s events left out", left))
    return ", ".join(words)


def state_words(found: SourceView) -> tuple[str, str]:
    """Return the kind of a tag and its words."""
    if found.state is SourceState.ASKS:
        return "requested", _("asks you")
    if found.state is SourceState.PAUSED:
        return "skipped", _("rests")
    if found.failures:
        return "conflict", _("cannot be read")
    return ("confirmed", _("followed")) if found.read_at else ("requested", _("is being read"))


def _moment(at: datetime | None, site: Site) -> str:
    return moment(to_local(at, site.zone)) if at else ""


def _local(start: datetime, end: datetime, site: Site) -> tuple[datetime, datetime]:
    return to_local(start, site.zone), to_local(end, site.zone)


def _date(each: SourceEventView, site: Site) -> Date:
    return Date(_when(each.interval.start, each.interval.end, each.all_day, site), each.title,
                each.place)  # fmt: skip


def _when(start: datetime, end: datetime, all_day: bool, site: Site) -> str:
    first, last = _local(start, end, site)
    return span_words(first, last, all_day=all_day)


def _found(source_id: int) -> tuple[SourceView, Site]:
    found = source(db.session(), source_id)
    site = next((each for each in sites() if each.id == found.site_id), None)
    if site is None or not may_administer(actor(), site.id):
        raise NotFound("source", source_id)
    return found, site


def _named(site: Site) -> str | None:
    return site.slug if len(sites()) > 1 else None


def _page(
    site: Site,
    typed: Typed,
    *,
    error: BookingError | None = None,
    found: Content | None = None,
) -> Response:
    rooms = [(each.id, each.name) for each in spaces().values() if each.site_id == site.id]
    first = (
        sorted(found.dates.values(), key=lambda each: each.interval)[:MOST_SHOWN] if found else []
    )
    page = render_template(
        "admin/sources.html",
        site=site,
        own=own_sites(),
        named=_named(site),
        sources=[
            (each, *state_words(each), _moment(each.read_at, site))
            for each in sources(db.session(), site.id)
        ],
        v=typed,
        modes=[
            (SourceMode.BUSY.value, _("takes the time of a room")),
            (SourceMode.PUBLIC.value, _("is in the public programme")),
            (SourceMode.SHOW.value, _("is shown below the planning")),
        ],
        spaces=[("", _("none")), *rooms],
        visibilities=[
            (Visibility.PUBLIC.value, _("everybody")),
            (Visibility.MEMBERS.value, _("who has an account")),
            (Visibility.PRIVATE.value, _("who runs the house; others read the calendar's name")),
        ],
        everies=[("hour", _("every hour")), ("six", _("every six hours")), ("day", _("every day"))],
        found=found,
        counts=counts_words(found.counts) if found else "",
        dates=[
            Date(
                _when(each.interval.start, each.interval.end, each.all_day, site),
                each.title,
                each.place,
            )
            for each in first
        ],
        left=[(each.title, sentence(each.reason)) for each in found.left] if found else [],
        warnings=[sentence(each) for each in found.warnings] if found else [],
        errors=by_field(error) if error else {},
    )
    return make_response(page, status_of(error) if error else 200)
