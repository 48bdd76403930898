"""A request and all that weighs: its day, its rivals side by side, why an approver is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from booking.actions import approvals, proposals
from booking.actions.bookings.change import as_request
from booking.core.errors import BookingError, Conflicted, NotAllowed
from booking.core.expiry import NEVER, expires_at
from booking.core.recurrence import to_local
from booking.core.requests import DecisionRequest
from booking.core.values import Actor, BookingView, OccurrenceView, Site, Space, State
from booking.db import db
from booking.i18n import sentence
from booking.queries import agenda, houses, requests
from booking.queries.usage import use_by_organisation
from booking.web import context
from booking.web.approvals.blueprint import BOOKING, LAST_MONTHS, approver, blueprint, decided_by
from booking.web.approvals.cards import cards
from booking.web.bookings.conflicts import offer_of
from booking.web.bookings.offers import offered
from booking.web.bookings.typed import Typed
from booking.web.bookings.words import repeat_words, span_words
from booking.web.context import Page, signed_in

MOST_RIVALS = 6
FIELDS = frozenset({"space", "date", "start", "end", "end_date", "words"})  # of a proposal


@dataclass(frozen=True, slots=True)
class Side:
    """One of those who want the same, as a column; ``dates`` of it are concerned."""

    view: OccurrenceView
    rooms: tuple[Space, ...]
    when: str
    dates: int
    asked_at: datetime
    is_this: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    """A date that waits; ``value`` is its local start as the form sends it."""

    value: str
    when: str
    rooms: tuple[Space, ...]
    is_taken: bool
    rivals: int


@blueprint.get(BOOKING)
@signed_in
def show(booking_id: int) -> Page:
    """Show a request that waits for the viewer; one that does not leads to its booking."""
    return request_page(approver(), booking_id)


@blueprint.get(f"{BOOKING}/propose")
@signed_in
def propose_form(booking_id: int) -> Page:
    """Show what could be proposed in place of a request."""
    actor = approver()
    booking = agenda.booking(db.session(), booking_id)
    typed = Typed.from_booking(booking)
    return proposing_page(actor, booking_id, typed, "")


def request_page(
    actor: Actor,
    booking_id: int,
    *,
    wrong: Sequence[str] = (),
    typed: DecisionRequest | None = None,
) -> str | Response:
    """Return the page of one request, in a fixed number of statements.

    ``wrong`` are sentences about a decision that could not be, ``typed`` is
    that decision.
    """
    session, now = db.session(), context.now()
    booking = agenda.booking(session, booking_id)
    spaces = {each.id: each for each in houses.spaces(session)}
    sites = context.all_sites()
    mine = decided_by(actor, spaces)
    asked = [
        each
        for each in booking.occurrences
        if each.space_id in mine and each.state is State.REQUESTED and each.interval.end > now
    ]
    if not asked:
        return redirect(url_for("bookings.show", booking_id=booking_id), 303)
    site = sites[booking.site_id]
    shown = cards(session, asked, actor, spaces=spaces, sites=sites, mine=mine)[0]
    in_the_way = approvals.in_the_way(booking, actor)
    taken = {each.recurrence_id for each in in_the_way}
    reasons = approvals.why_asked(session, booking, shown.spaces, site=site)
    ends = expires_at(asked[0].interval.start, booking.updated_at, site.policy)
    return render_template(
        "approvals/request.html",
        card=shown,
        booking=booking,
        in_the_way=in_the_way,
        rule=repeat_words(booking),
        expires=None if ends == NEVER else to_local(ends, site.zone),
        reasons=list(dict.fromkeys(map(sentence, reasons))),
        sides=_sides(asked, shown.rival_dates, booking, spaces=spaces, site=site),
        dates=_dates(asked, shown.rival_dates, spaces=spaces, site=site, taken=taken),
        offered=offered(booking),
        use=use_by_organisation(session, spaces, since=now - LAST_MONTHS, until=now),
        wrong=wrong,
        typed=typed,
        ticked={each.isoformat(timespec="minutes") for each in (typed and typed.dates) or ()},
        local=to_local,
    )


def proposing_page(
    actor: Actor,
    booking_id: int,
    typed: Typed,
    words: str,
    *,
    trouble: BookingError | None = None,
) -> str | Response:
    """Return the form of a proposal, with what is free; ``trouble`` is why it could not be."""
    session, now = db.session(), context.now()
    booking = agenda.booking(session, booking_id)
    if not any(
        each.state is State.REQUESTED and each.interval.end > now for each in booking.occurrences
    ):
        return redirect(url_for("bookings.show", booking_id=booking_id), 303)
    spaces = {each.id: each for each in houses.spaces(session, booking.site_id)}
    if not {*decided_by(actor, spaces)} & {*booking.space_ids}:
        raise NotAllowed.because("not_your_decision")
    free = (
        list(trouble.alternatives)
        if isinstance(trouble, Conflicted) and trouble.alternatives
        else proposals.suggestions(session, booking, now=now)
    )
    errors: dict[str, list[str]] = {}
    if trouble is not None:
        for each in trouble.messages:
            name = {"reason": "words"}.get(each.field, each.field)
            errors.setdefault(name if name in FIELDS else "", []).append(sentence(each))
    return render_template(
        "approvals/propose.html",
        booking=booking,
        when=span_words(booking.starts_at, booking.ends_at, all_day=booking.all_day),
        rule=repeat_words(booking),
        rooms=[each for each in spaces.values() if each.bookable],
        asked_rooms=[spaces[each] for each in booking.space_ids if each in spaces],
        v=typed,
        words=words,
        errors=errors,
        free=[offer_of(each, as_request(booking), booking.zone, spaces) for each in free],
        taken=trouble.clashes if isinstance(trouble, Conflicted) else (),
        spaces=spaces,
        local=lambda at: to_local(at, booking.zone),
    )


def _sides(
    asked: Sequence[OccurrenceView],
    rivals: Sequence[OccurrenceView],
    booking: BookingView,
    *,
    spaces: Mapping[int, Space],
    site: Site,
) -> list[Side]:
    """Return this request and its rivals, the first to ask first."""
    if not rivals:
        return []
    grouped: dict[int, list[OccurrenceView]] = {booking.id: list(asked)}
    for each in rivals:
        grouped.setdefault(each.booking_id, []).append(each)
    shown = dict(list(grouped.items())[: MOST_RIVALS + 1])
    at = requests.asked_at(db.session(), shown)
    sides = [
        Side(
            views[0],
            tuple(spaces[each] for each in dict.fromkeys(view.space_id for view in views)),
            _when(views[0], site),
            len({each.recurrence_id for each in views}),
            to_local(at[booking_id], site.zone),
            is_this=booking_id == booking.id,
        )
        for booking_id, views in shown.items()
    ]
    return sorted(sides, key=lambda each: (each.asked_at, each.view.booking_id))


def _dates(
    asked: Sequence[OccurrenceView],
    rivals: Sequence[OccurrenceView],
    *,
    spaces: Mapping[int, Space],
    site: Site,
    taken: set[datetime],
) -> list[Date]:
    grouped: dict[datetime, list[OccurrenceView]] = {}
    for each in asked:
        grouped.setdefault(each.recurrence_id, []).append(each)
    return [
        Date(
            recurrence_id.isoformat(timespec="minutes"),
            _when(views[0], site),
            tuple(spaces[each.space_id] for each in views),
            recurrence_id in taken,
            len(
                {
                    other.booking_id
                    for other in rivals
                    if any(other.interval.overlaps(each.interval) for each in views)
                }
            ),
        )
        for recurrence_id, views in sorted(grouped.items())
    ]


def _when(view: OccurrenceView, site: Site) -> str:
    return span_words(
        to_local(view.interval.start, site.zone),
        to_local(view.interval.end, site.zone),
        all_day=view.all_day,
    )
