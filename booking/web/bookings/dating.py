"""One date of a series in a form of its own: changed, or brought back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import bookings
from booking.core.errors import (
    BookingError,
    Conflicted,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from booking.core.recurrence import to_local
from booking.core.requests import DateBackRequest, DateRequest
from booking.core.series import by_date
from booking.core.values import BookingView, OccurrenceView, Site, Space
from booking.web.bookings.blueprint import BOOKING, MOST_ID, blueprint
from booking.web.bookings.changing import changeable
from booking.web.bookings.choices import choices
from booking.web.bookings.conflicts import Displacing, conflict_of
from booking.web.bookings.displacing import displaced_with_reason, displacing
from booking.web.bookings.form import (
    Differs,
    Trouble,
    all_spaces,
    done,
    only_the_trouble,
    outdated,
    trouble_alone,
)
from booking.web.bookings.new import taking
from booking.web.bookings.outlook import Outlook, outlook_of
from booking.web.bookings.reading import read_request, read_version
from booking.web.bookings.typed import Typed, time_fields
from booking.web.bookings.words import rule_words, span_words, times_words
from booking.web.context import actor, all_sites, is_fragment, now, signed_in
from booking.web.spoken import by_field

DATE = f"{BOOKING}/dates/<int(max={MOST_ID}):occurrence_id>"


@dataclass(frozen=True, slots=True)
class Date:
    """A date of a series as it is stored: the series, and all allocations of the date."""

    booking: BookingView
    views: tuple[OccurrenceView, ...]

    @property
    def id(self) -> int:
        return self.views[0].occurrence_id

    def typed(self) -> Typed:
        """Return what somebody would have to type for the date as it is."""
        first = self.views[0]
        zone = self.booking.zone
        start, end = to_local(first.interval.start, zone), to_local(first.interval.end, zone)
        return Typed(
            space=tuple(str(each.space_id) for each in self.views),
            title=first.title,
            note=first.note,
            version=str(self.booking.version),
            **time_fields(start, end, all_day=self.booking.all_day),
        )


@blueprint.get(DATE)
@signed_in
def date(booking_id: int, occurrence_id: int) -> Response:
    """Show the form of one date."""
    found = _date(booking_id, occurrence_id)
    return date_page(found, found.typed())


@blueprint.post(DATE)
@signed_in
def change_date(booking_id: int, occurrence_id: int) -> Response:
    """Store one date as it was typed."""
    found = _date(booking_id, occurrence_id)
    typed = Typed.from_form(request.form)
    try:
        typed = taking(typed)
        wish = read_date_request(found, typed)
        if displaced_with_reason(wish) is None:
            bookings.change_date(wish, actor(), now=now())
    except BookingError as error:
        return refused_date(error, typed, booking_id, occurrence_id)
    return done(booking_id)


@blueprint.post(f"{DATE}/back")
@signed_in
def bring_back(booking_id: int, occurrence_id: int) -> Response:
    """Let a date that was given up take place after all; if its time is taken, show its form."""
    found = _date(booking_id, occurrence_id)
    typed = replace(found.typed(), version=request.form.get("version", ""))
    try:
        wish = DateBackRequest(booking_id, occurrence_id, read_version(typed))
        bookings.bring_back(wish, actor(), now=now())
    except BookingError as error:
        return refused_date(error, typed, booking_id, occurrence_id)
    return done(booking_id)


@blueprint.post(f"{DATE}/check")
@signed_in
def check_date(booking_id: int, occurrence_id: int) -> Response:
    """Tell a script what saving the date would come to, or show the form again with it."""
    found = _date(booking_id, occurrence_id)
    typed = Typed.from_form(request.form)
    try:
        wish = replace(read_date_request(found, typed), version=found.booking.version)
        outlook = outlook_of(lambda: bookings.preview_date(wish, actor(), now=now()))
    except InvalidRequest as error:
        if is_fragment():
            return make_response("", 204)
        return date_page(found, typed, trouble=Trouble(422, by_field(error)))
    if is_fragment():
        return make_response(render_template("bookings/outlook.html", outlook=outlook))
    return date_page(found, typed, outlook=outlook)


def read_date_request(found: Date, typed: Typed) -> DateRequest:
    """Return the change of a date that was typed.

    Raises:
        InvalidRequest: With a message for each field that makes no sense.
    """
    # Of the form of a booking only these fields; an empty title is that of the series.
    title = typed.title.strip() or found.booking.title
    asked = Typed(
        space=typed.space,
        date=typed.date,
        start=typed.start,
        end=typed.end,
        end_date=typed.end_date,
        all_day="1" if found.booking.all_day else "",
        title=title,
        note=typed.note,
    )
    wish = read_request(asked)
    return DateRequest(
        found.booking.id,
        found.id,
        read_version(typed),
        wish.start,
        wish.end,
        wish.space_ids,
        wish.title,
        wish.note,
    )


def date_page(
    found: Date, typed: Typed, *, trouble: Trouble | None = None, outlook: Outlook | None = None
) -> Response:
    """Return the form of one date, as a page or for the dialog."""
    booking, trouble = found.booking, trouble or Trouble()
    known = all_spaces(booking)
    site = all_sites()[booking.site_id]
    offered = choices(actor(), site, known.values(), booking=booking, now=now())
    first = found.views[0]
    start, end = (to_local(at, booking.zone) for at in (first.interval.start, first.interval.end))
    chosen = [room for key, room in offered.rooms.items() if key in typed.space]
    answer = make_response(
        render_template(
            "bookings/date.html" if is_fragment() else "bookings/date_page.html",
            v=typed,
            booking=booking,
            occurrence_id=found.id,
            when=span_words(start, end, all_day=booking.all_day),
            rule=rule_words(booking.rule or ""),
            given_up=not any(each.state.is_open for each in found.views),
            trouble=trouble,
            errors=trouble.errors,
            outlook=outlook,
            choices=offered,
            picked_others=[each for each in chosen if each not in offered.first.rooms],
            asking_ids={each.space.id for each in offered.rooms.values() if each.asks},
            times=times_words,
        ),
        trouble.status,
    )
    answer.headers["Vary"] = "X-Fragment, Cookie"
    return answer


def refused_date(
    error: BookingError, typed: Typed, booking_id: int, occurrence_id: int
) -> Response:
    """Return the form of the date again with what is wrong; nothing typed is lost."""
    if isinstance(error, NotFound) or (
        isinstance(error, NotAllowed) and not any(each.field for each in error.messages)
    ):
        raise error
    found = _date(booking_id, occurrence_id)  # as it is after the refusal
    if isinstance(error, Stale):
        return _stale(found, typed)
    if isinstance(error, Conflicted):
        known = all_spaces(found.booking)
        site = all_sites()[found.booking.site_id]
        asked = read_request(replace(typed, title=typed.title or found.booking.title))
        conflict = conflict_of(error, asked, site, known, new=None, now=now(), actor=actor())
        trouble = Trouble(409, conflict=replace(conflict, over=_over(found, typed, site, known)))
        if only_the_trouble():
            return trouble_alone(trouble, known)
        return date_page(found, typed, trouble=trouble)
    if isinstance(error, InvalidRequest | NotAllowed):
        return date_page(found, typed, trouble=Trouble(422, by_field(error)))
    raise error


def _over(found: Date, typed: Typed, site: Site, spaces: Mapping[int, Space]) -> Displacing | None:
    """Return what an administrator may displace for the date."""
    try:
        return displacing(read_date_request(found, typed), site, spaces)
    except InvalidRequest:
        return None


def _stale(found: Date, typed: Typed) -> Response:
    """Show what somebody else stored meanwhile beside what was typed."""
    theirs, ours = _said(found, found.typed()), _said(found, typed)
    changed = outdated(
        found.booking,
        [Differs(name, ours[name], theirs[name]) for name in theirs if ours[name] != theirs[name]],
    )
    typed = replace(typed, version=str(found.booking.version))
    return date_page(found, typed, trouble=Trouble(409, outdated=changed))


def _said(found: Date, typed: Typed) -> dict[str, str]:
    known = all_spaces(found.booking)
    rooms = [known[int(each)].name for each in typed.space if each in {str(key) for key in known}]
    when = f"{typed.date} {typed.start}–{typed.end}"
    try:
        wish = read_date_request(found, typed)
        when = span_words(wish.start, wish.end, all_day=found.booking.all_day)
    except InvalidRequest:
        pass  # then the two are told apart as they were typed
    return {
        _("What for"): typed.title or found.booking.title,
        _("Rooms"): ", ".join(rooms),
        _("When"): when,
        _("Note for the reception"): typed.note,
    }


def _date(booking_id: int, occurrence_id: int) -> Date:
    """Return a date of a series that the reader may change.

    Raises:
        NotFound: If there is none, or the booking is no series.
        NotAllowed: If it is somebody else's.
    """
    return date_of_series(changeable(booking_id), occurrence_id)


def date_of_series(booking: BookingView, occurrence_id: int) -> Date:
    """Return one date of a series.

    Raises:
        NotFound: If there is none, or the booking is no series.
    """
    for views in by_date(booking).values():
        if booking.rule is not None and views[0].occurrence_id == occurrence_id:
            return Date(booking, tuple(views))
    raise NotFound("booking", occurrence_id)
