"""The form of a permanence: its series, and what visitors read, in one."""

import secrets
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from functools import partial

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from booking.actions import permanences
from booking.core.errors import BookingError, InvalidRequest, NotAllowed
from booking.core.permanences import Details, PermanenceChange, PermanenceRequest, checked_details
from booking.core.permissions import may_administer, may_keep_permanence
from booking.core.requests import BookingRequest, ChangeRequest
from booking.core.values import BookingView, Category, SpaceKind
from booking.db import db
from booking.queries import agenda
from booking.queries.permanences import permanence
from booking.web.bookings.blueprint import BOOKING
from booking.web.bookings.changing import fresh
from booking.web.bookings.choices import an_hour_after, choices, first_times
from booking.web.bookings.form import Trouble, all_spaces, refused, site_of
from booking.web.bookings.new import SERIES_WEEKS, taking
from booking.web.bookings.reading import read_request, read_times, read_version
from booking.web.bookings.typed import Typed
from booking.web.bookings.words import NTHS, rule_words, times_words, weekday_name, weekday_order
from booking.web.context import actor, is_fragment, now, signed_in, sites
from booking.web.forms import Reading
from booking.web.permanences.blueprint import blueprint

PERMANENCE = f"{BOOKING}/permanence"


@dataclass(frozen=True, slots=True)
class Words:
    """What was typed of the words for visitors, as text."""

    text: str = ""
    phone: str = ""
    email: str = ""
    link: str = ""
    by_appointment: str = ""
    appointment_link: str = ""

    @classmethod
    def from_form(cls, form: "MultiDict[str, str]") -> "Words":
        """Return what was posted."""
        return cls(**{each.name: form.get(each.name, "") for each in fields(cls)})

    @classmethod
    def from_details(cls, details: Details) -> "Words":
        """Return what somebody would have to type for these."""
        return cls(**asdict(details) | {"by_appointment": "1" if details.by_appointment else ""})

    def details(self) -> Details:
        """Return what was typed, unchecked."""
        return Details(**asdict(self) | {"by_appointment": self.by_appointment == "1"})


@blueprint.get("/bookings/permanences/new")
@signed_in
def new() -> Response:
    """Show the form for a new permanence, every week from the next half hour on."""
    _organisations()
    return _form(_blank(), words=Words())


@blueprint.post("/bookings/permanences/new")
@signed_in
def create() -> Response:
    """Make the permanence that was typed."""
    typed, words = _typed()
    if "another" in request.args:
        return _form(typed, words=words)
    try:
        typed = taking(typed)
        wish = PermanenceRequest(*_read(typed, words))
        permanences.make(wish, actor(), now=now())
    except BookingError as error:
        return refused(error, typed, form=partial(_form, words=words))
    return _done()


@blueprint.get(PERMANENCE)
@signed_in
def edit(booking_id: int) -> Response:
    """Show the form with the permanence as it is."""
    booking, details = _kept(booking_id)
    return _form(Typed.from_booking(booking), booking=booking, words=Words.from_details(details))


@blueprint.post(PERMANENCE)
@signed_in
def change(booking_id: int) -> Response:
    """Store the permanence as it was typed."""
    booking, _details = _kept(booking_id)
    typed, words = _typed()
    if "another" in request.args:
        return _form(typed, booking=booking, words=words)
    try:
        typed = taking(typed)
        wish, details = _read(typed, words)
        asked = ChangeRequest(booking_id, read_version(typed), wish)
        permanences.change(PermanenceChange(asked, details), actor(), now=now())
    except BookingError as error:
        form = partial(_form, words=words)
        return refused(error, typed, booking=fresh(booking_id), form=form)
    return _done()


def _typed() -> tuple[Typed, Words]:
    return Typed.from_form(request.form), Words.from_form(request.form)


def _read(typed: Typed, words: Words) -> tuple[BookingRequest, Details]:
    """Return the request that was typed.

    Raises:
        InvalidRequest: With a message for each field that makes no sense, of both parts.
    """
    reading = Reading()
    wish = reading.take(lambda: read_request(typed), None)
    details = reading.take(lambda: checked_details(words.details()), Details())
    reading.done()
    if wish is None:
        raise InvalidRequest
    return wish, details


def _kept(booking_id: int) -> tuple[BookingView, Details]:
    """Return a permanence that the reader may change.

    Raises:
        NotFound: If the booking is none.
        NotAllowed: If it is another organisation's.
    """
    booking = agenda.booking(db.session(), booking_id)
    details = permanence(db.session(), booking_id)
    if not may_keep_permanence(actor(), booking.organisation_id, site_id=booking.site_id):
        raise NotAllowed.because("permanence_not_yours")
    return booking, details


def _organisations() -> frozenset[int] | None:
    """Return whose permanences the reader may make, None for everybody's.

    Raises:
        NotAllowed: If there is no such organisation.
    """
    if may_administer(actor()) or any(may_administer(actor(), each.id) for each in sites()):
        return None
    if not actor().manages:
        raise NotAllowed.because("permanence_not_yours")
    return actor().manages


def _blank() -> Typed:
    if not sites():
        return Typed()
    day, start = first_times(sites()[0], now())
    typed = Typed(date=day, start=start, end=an_hour_after(start), repeat="weekly")
    begins, _end = read_times(typed)
    mine = sorted(actor().manages)
    return replace(
        typed,
        organisation=str(mine[0]) if mine else "",
        until=(begins + timedelta(weeks=SERIES_WEEKS)).date().isoformat(),
        ends="open",
    )


def _form(
    typed: Typed,
    *,
    words: Words,
    booking: BookingView | None = None,
    trouble: Trouble | None = None,
) -> Response:
    """Return the form as a page, or as a fragment."""
    if not sites():
        return make_response(render_template("board/nothing.html"), 404)
    trouble = trouble or Trouble()
    if trouble.conflict:  # nobody is displaced from here
        trouble = replace(trouble, conflict=replace(trouble.conflict, over=None))
    known = all_spaces(booking)
    site = site_of(typed, known, booking)
    offered = choices(
        actor(),
        site,
        known.values(),
        booking=booking,
        now=now(),
        first_kind=SpaceKind.RECEPTION,
    )
    if booking is None and not typed.request_key:
        typed = replace(typed, request_key=secrets.token_urlsafe(18))
    mine = None if may_administer(actor(), site.id) else actor().manages
    organisations = {
        key: name for key, name in offered.organisations.items() if mine is None or key in mine
    }
    picked = [room for key, room in offered.rooms.items() if key in typed.space]
    template = "permanences/form.html" if is_fragment() else "permanences/form_page.html"
    answer = make_response(
        render_template(
            template,
            v=typed,
            w=words,
            booking=booking,
            trouble=trouble,
            errors=trouble.errors,
            choices=offered,
            organisations=organisations,
            site=site,
            asking_ids={each.space.id for each in offered.rooms.values() if each.asks},
            picked_others=[each for each in picked if each not in offered.first.rooms],
            category=Category.PERMANENCE.value,
            weekdays=[(str(each), weekday_name(each, "abbreviated")) for each in weekday_order()],
            nths=[(str(number), str(name)) for number, name in NTHS.items()],
            rule_words=rule_words,
            times=times_words,
            action=_action(booking),
            begun=booking is not None
            and any(each.interval.start <= now() for each in booking.occurrences),
        ),
        trouble.status,
    )
    answer.headers["Vary"] = "X-Fragment, Cookie"
    return answer


def _action(booking: BookingView | None) -> str:
    if booking is None:
        return url_for("permanences.create")
    return url_for("permanences.change", booking_id=booking.id)


def _done() -> Response:
    flash(_("Stored. This is what visitors read from now on."))
    return redirect(url_for("permanences.ours"), 303)
