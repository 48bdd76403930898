"""The form of a booking: shown empty, filled, refused, in conflict or out of date."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.core.errors import BookingError, Conflicted, InvalidRequest, NotAllowed, Stale
from booking.core.policy import always_asks
from booking.core.recurrence import to_local
from booking.core.requests import BookingRequest, ChangeRequest
from booking.core.values import BookingView, Site, Space, SpaceKind
from booking.core.visibility import booking_seen_by
from booking.core.waiting import number_waiting
from booking.db import db
from booking.i18n import VISIBILITIES
from booking.queries import agenda, houses
from booking.queries.audit import history
from booking.queries.waiting import open_wants
from booking.web.bookings.choices import Choices, Room, choices, choose_site
from booking.web.bookings.conflicts import Conflict, conflict_of
from booking.web.bookings.displacing import displacing
from booking.web.bookings.guests import labels
from booking.web.bookings.reading import read_request, since_of
from booking.web.bookings.typed import Typed
from booking.web.bookings.words import (
    NTHS,
    day_words,
    done_words,
    left_out_words,
    rule_words,
    span_words,
    times_words,
    weekday_name,
    weekday_order,
)
from booking.web.context import (
    actor,
    all_sites,
    category_names,
    is_fragment,
    now,
    offered_categories,
    sites,
    spaces,
)
from booking.web.numbers import is_id
from booking.web.spoken import by_field

MEETING = SpaceKind.MEETING_ROOM


@dataclass(frozen=True, slots=True)
class Differs:
    """A field as it was typed and as somebody else stored it meanwhile, both in words."""

    name: str
    typed: str
    stored: str


@dataclass(frozen=True, slots=True)
class Outdated:
    """Who changed the booking meanwhile, when (local), and how it differs from what was typed."""

    by: str
    at: datetime | None
    fields: tuple[Differs, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the form is shown again."""

    status: int = 200
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    conflict: Conflict | None = None
    outdated: Outdated | None = None


def form_page(
    typed: Typed,
    *,
    booking: BookingView | None = None,
    trouble: Trouble | None = None,
    outlook: object | None = None,
) -> Response:
    """Return the form as a page, or as a fragment for the dialog.

    ``outlook`` is what saving it would come to, as ``bookings/outlook.html`` shows it.
    """
    known = all_spaces(booking)
    trouble = trouble or Trouble()
    if not sites():
        return make_response(render_template("board/nothing.html"), 404)
    site = site_of(typed, known, booking)
    offered = choices(actor(), site, known.values(), booking=booking, now=now())
    if booking is None and not typed.request_key:
        typed = replace(typed, request_key=secrets.token_urlsafe(18))
    picked = [room for key, room in offered.rooms.items() if key in typed.space]
    template = "bookings/form.html" if is_fragment() else "bookings/form_page.html"
    answer = make_response(
        render_template(
            template,
            v=typed,
            booking=booking,
            trouble=trouble,
            errors=trouble.errors,
            outlook=outlook,
            choices=offered,
            site=site,
            picked=picked,
            asking_ids={each.space.id for each in offered.rooms.values() if each.asks},
            picked_others=[each for each in picked if each not in offered.first.rooms],
            too_many=_too_many(typed, picked),
            action=_action(booking),
            categories=offered_categories(booking.category if booking else ""),
            VISIBILITIES=VISIBILITIES,
            weekdays=[(str(each), weekday_name(each, "abbreviated")) for each in weekday_order()],
            nths=[(str(number), str(name)) for number, name in NTHS.items()],
            rule_words=rule_words,
            times=times_words,
            guests=labels(typed.guest),
            scope_date=_scope_date(typed, booking),
            begun=booking is not None
            and booking.rule is not None
            and any(each.interval.start <= now() for each in booking.occurrences),
        ),
        trouble.status,
    )
    answer.headers["Vary"] = "X-Fragment, Cookie"
    return answer


def refused(
    error: BookingError,
    typed: Typed,
    *,
    booking: BookingView | None = None,
    form: Callable[..., Response] = form_page,
) -> Response:
    """Return the form again with what is wrong; nothing typed is lost.

    What is not about the form (somebody else's booking) becomes its own page.
    ``form`` shows another form around the same fields, called as ``form_page``.
    """
    if isinstance(error, NotAllowed) and not any(each.field for each in error.messages):
        raise error
    if isinstance(error, Conflicted):
        site, known = error.site, error.spaces  # as the verb has just read them
        if site is None:
            known = all_spaces(booking)
            site = site_of(typed, known, booking)
        wish = read_request(typed)
        new = typed if booking is None else None
        conflict = conflict_of(error, wish, site, known, new=new, now=now(), actor=actor())
        asked = wish if booking is None else _as_change(wish, typed, booking)
        over = displacing(asked, site, known)
        waiting = _waiting(error, wish, known) if booking is None else None
        trouble = Trouble(
            409, conflict=replace(conflict, over=over, waiting=waiting, waits=typed.waits)
        )
        if only_the_trouble():
            return trouble_alone(trouble, known)
        return form(typed, booking=booking, trouble=trouble)
    if isinstance(error, Stale) and booking is not None:
        return _stale(typed, booking, form)
    if isinstance(error, InvalidRequest | NotAllowed):
        return form(typed, booking=booking, trouble=Trouble(422, by_field(error)))
    raise error


def _waiting(error: Conflicted, wish: BookingRequest, spaces: Mapping[int, Space]) -> int | None:
    """Return how many people wait for a taken time; None where one cannot: it has begun."""
    wanted = next((each.wanted for each in error.clashes), None)
    if wish.rule is not None or wish.rdates or wanted is None or wanted.start <= now():
        return None
    there = open_wants(db.session(), wanted)
    return number_waiting(wish.space_ids, [wanted], there, spaces)


def _as_change(wish: BookingRequest, typed: Typed, booking: BookingView) -> ChangeRequest:
    return ChangeRequest(booking.id, booking.version, wish, since_of(booking, typed.since))


def only_the_trouble() -> bool:
    """Whether a script keeps the form as it was typed, and asks only why it was refused.

    Who took an offer needs the form as well: it says now what was offered.
    """
    asked = request.headers.get("X-Part") == "trouble"
    return asked and is_fragment() and "take" not in request.form


def trouble_alone(trouble: Trouble, spaces: Mapping[int, Space]) -> Response:
    """Return why the form is refused, without the form."""
    asking = {each.id for each in spaces.values() if always_asks(each, actor())}
    text = render_template(
        "bookings/conflict.html", trouble=trouble, asking_ids=asking, times=times_words
    )
    answer = make_response(text, trouble.status)
    answer.headers["X-Part"] = "trouble"
    answer.headers["Vary"] = "X-Fragment, X-Part, Cookie"
    return answer


def done(booking_id: int, *, lost: tuple[str, ...] = ()) -> Response:
    """Return the answer after something was stored: the board of its day.

    ``lost`` are dates that could not keep what they had of their own.
    """
    booking = agenda.booking(db.session(), booking_id)
    spaces = houses.spaces_by_id(db.session(), booking.space_ids)
    said = done_words(booking, spaces)
    if lost:
        gone = ngettext(
            "%(num)s changed date has no place in it any more (%(dates)s).",
            "%(num)s changed dates have no place in it any more (%(dates)s).",
            len(lost),
            dates="; ".join(lost),
        )
        said = f"{said} {gone}"
    return told(said, lambda: _board_of(booking, spaces))


def told(sentence: str, address: Callable[[], str]) -> Response:
    """Return a sentence for the dialog's script, or the next page, at ``address``, with it."""
    if is_fragment():
        if request.headers.get("X-Reload") == "1":  # no board to say it on: the page comes again
            flash(sentence)
        answer = make_response(sentence)
        answer.headers["Content-Type"] = "text/plain; charset=utf-8"
        answer.headers["X-Board"] = "reload"
        return answer
    flash(sentence)
    return redirect(address(), 303)


def all_spaces(booking: BookingView | None) -> dict[int, Space]:
    """Return the spaces of all sites by id, in their order; those of the booking in any case."""
    there = spaces()
    kept = {*booking.space_ids, *booking.usual_spaces} if booking else set()
    missing = kept - there.keys()
    return there | houses.spaces_by_id(db.session(), missing) if missing else there


def site_of(typed: Typed, spaces: Mapping[int, Space], booking: BookingView | None) -> Site:
    """Return the site that the form is about; a booking stays in its own."""
    if booking is not None:
        return all_sites()[booking.site_id]
    return choose_site(sites(), spaces.values(), typed.space)


def _too_many(typed: Typed, rooms: list[Room]) -> bool:
    """Whether more people are expected than the chosen rooms have places."""
    places = sum(each.space.capacity or 0 for each in rooms)
    return bool(places) and is_id(typed.attendance) and int(typed.attendance) > places


def _scope_date(typed: Typed, booking: BookingView | None) -> int | None:
    """Return the date of a series that the form was opened from, else its next one."""
    if booking is None or booking.rule is None:
        return None
    asked = typed.since or request.args.get("date", "")
    ids = {each.occurrence_id for each in booking.occurrences}
    if is_id(asked) and int(asked) in ids:
        return int(asked)
    coming = (each for each in booking.occurrences if each.interval.end > now())
    return next((each.occurrence_id for each in coming if each.state.is_open), None)


def _action(booking: BookingView | None) -> str:
    if booking is None:
        return url_for("bookings.create")
    return url_for("bookings.change", booking_id=booking.id)


def _board_of(booking: BookingView, spaces: Mapping[int, Space]) -> str:
    """Return the address of the board that shows the booking's first open date."""
    site = all_sites()[booking.site_id]
    coming = [each for each in booking.occurrences if each.interval.end > now()]
    at = to_local(coming[0].interval.start, site.zone) if coming else booking.starts_at
    kinds = {each.kind for each in spaces.values()}
    kind = MEETING if MEETING in kinds else min(kinds, default=MEETING)
    return url_for(
        "board.show",
        slug=site.slug,
        view="day",
        day=at.date().isoformat(),
        kind=None if kind is MEETING else kind.value,
    )


def _stale(typed: Typed, booking: BookingView, form: Callable[..., Response]) -> Response:
    stored = Typed.from_booking(booking)
    known = all_spaces(booking)
    site = site_of(typed, known, booking)
    offered = choices(actor(), site, known.values(), booking=booking, now=now())
    theirs, ours = _said(stored, offered), _said(typed, offered)
    changed = outdated(
        booking,
        [Differs(name, ours[name], theirs[name]) for name in theirs if ours[name] != theirs[name]],
    )
    typed = replace(typed, version=str(booking.version))
    return form(typed, booking=booking, trouble=Trouble(409, outdated=changed))


def outdated(booking: BookingView, fields: Iterable[Differs]) -> Outdated:
    """Return who changed a booking last, and how it differs now."""
    last = next(iter(history(db.session(), "booking", booking.id, limit=1)), None)
    return Outdated(
        by=last.actor_name if last else "",
        at=to_local(last.at, booking.zone) if last else None,
        fields=tuple(fields),
    )


def _said(typed: Typed, offered: Choices) -> dict[str, str]:
    """Return label -> value in words, for two versions of a booking side by side."""
    rooms = offered.rooms
    organisations = {str(key): name for key, name in offered.organisations.items()}
    people = offered.names()
    when, repeat = f"{typed.date} {typed.start}–{typed.end_date} {typed.end}", typed.rule
    more = "; ".join(typed.more)
    try:
        request = read_request(replace(typed, title=typed.title or "-"))
        when = span_words(request.start, request.end, all_day=request.all_day)
        repeat = rule_words(request.rule) if request.rule else _("Does not repeat")
        more = "; ".join(map(day_words, request.rdates))
    except InvalidRequest:
        pass  # then the two are told apart as they were typed
    return {
        _("What for"): typed.title,
        _("Rooms"): ", ".join(rooms[each].space.name for each in typed.space if each in rooms),
        _("When"): when,
        _("Repeat"): repeat,
        _("Further dates"): more,
        _("Leaves out"): "; ".join(map(left_out_words, sorted(typed.leaves))),
        _("Organisation"): organisations.get(typed.organisation, ""),
        _("For"): people.get(typed.organiser, actor().name),
        _("People expected"): typed.attendance,
        _("Kind"): category_names().get(typed.category, typed.category),
        _("Who may read it"): str(VISIBILITIES.get(typed.visibility, typed.visibility)),
        _("Note for the reception"): typed.note,
    }


def readable(booking: BookingView) -> BookingView:
    """Return a booking as the person who looks may see it."""
    return booking_seen_by(booking, actor())
