"""The approvers' queue: each request with the day around it and its rivals."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from booking.actions import approvals
from booking.core import hours
from booking.core.errors import AlreadyDecided, Conflicted, InvalidRequest, Stale
from booking.core.intervals import Interval
from booking.core.permissions import may_approve, may_approve_any
from booking.core.recurrence import to_local
from booking.core.requests import DecisionRequest
from booking.core.rivals import blocked, rivals_of
from booking.core.values import Actor, OccurrenceView, Site, Space, State
from booking.core.visibility import seen_by
from booking.db import db
from booking.i18n import CATEGORIES, sentence
from booking.queries import agenda, houses
from booking.queries.usage import use_by_organisation
from booking.web import context
from booking.web.context import Page, signed_in
from booking.web.numbers import page_number

blueprint = Blueprint("approvals", __name__, url_prefix="/approvals")

BOOKING = "/<int(max=2147483647):booking_id>"
ON_A_PAGE = 20
DATES_SHOWN = 6
QUARTER_S = 900
LAST_MONTHS = timedelta(days=91)


@dataclass(frozen=True, slots=True)
class Bar:
    """One booking on the strip of a day, in quarter hours from the left edge."""

    at: int
    length: int
    kind: str  # asked, rival, taken, requested
    view: OccurrenceView


@dataclass(frozen=True, slots=True)
class Strip:
    """The day around a request in one space; ``quarters`` wide, first hour ``first``."""

    space: Space
    first: int
    quarters: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A request as the queue shows it; times are naive local ones.

    ``rivals`` are the first dates of the bookings that approving it leaves no place for.
    """

    booking_id: int
    version: int
    first: OccurrenceView
    site: Site
    spaces: tuple[Space, ...]
    starts: tuple[tuple[datetime, datetime], ...]
    more: int
    strips: tuple[Strip, ...]
    rivals: tuple[OccurrenceView, ...]
    taken: tuple[OccurrenceView, ...]


@blueprint.get("")
@signed_in
def queue() -> Page:
    """Show the open requests that the viewer decides, the next first."""
    actor = _approver()
    return _queue_page(actor)


@blueprint.post(f"{BOOKING}/approve")
@signed_in
def approve(booking_id: int) -> Page:
    """Confirm what the viewer may decide of a booking."""
    actor = _approver()
    wish = _decision(booking_id)
    try:
        done = approvals.approve(wish, actor, now=context.now())
    except Conflicted as error:
        return _taken(wish, error), 409
    except (AlreadyDecided, Stale) as error:
        return _too_late(booking_id, error)
    if wish.refuse_rivals:
        flash(_("Approved. The others are refused, and offered what else is free."))
    elif done.state is State.CONFIRMED:
        flash(_("Approved. The person who asked finds the answer in the inbox."))
    else:
        flash(_("Approved what you decide about. Something else still waits for its approver."))
    return redirect(url_for("approvals.queue"), 303)


@blueprint.post(f"{BOOKING}/refuse")
@signed_in
def refuse(booking_id: int) -> Page:
    """Refuse what the viewer may decide of a booking; the reason is required."""
    actor = _approver()
    wish = _decision(booking_id)
    try:
        approvals.refuse(wish, actor, now=context.now())
    except InvalidRequest as error:
        wrong = {booking_id: [sentence(each) for each in error.messages]}
        return _queue_page(actor, wrong=wrong, typed={booking_id: wish.reason}), 422
    except (AlreadyDecided, Stale) as error:
        return _too_late(booking_id, error)
    flash(_("Refused. The person who asked finds your reason in the inbox."))
    return redirect(url_for("approvals.queue"), 303)


def _approver() -> Actor:
    actor = context.actor()
    if not may_approve_any(actor):
        abort(403)
    return actor


def _decision(booking_id: int) -> DecisionRequest:
    try:
        version = int(request.form["version"])
        skip = frozenset(datetime.fromisoformat(each) for each in request.form.getlist("skip"))
    except (KeyError, ValueError):
        abort(400)
    if any(each.tzinfo for each in skip):
        abort(400)
    refuse_rivals = ""
    if "rivals" in request.form:
        refuse_rivals = request.form.get("rivals_reason", "").strip() or _("Another was chosen.")
    return DecisionRequest(
        booking_id,
        version,
        request.form.get("reason", ""),
        skip=skip,
        refuse_rivals=refuse_rivals,
    )


def _too_late(booking_id: int, error: AlreadyDecided | Stale) -> Page:
    flash(" ".join(sentence(each) for each in error.messages), "warning")
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)


def _taken(wish: DecisionRequest, error: Conflicted) -> str:
    """Return the page that lists the taken dates and offers to approve the others."""
    booking = agenda.booking(db.session(), wish.booking_id)
    spaces = houses.spaces_by_id(db.session(), {*booking.space_ids})
    others = {
        each.recurrence_id for each in booking.occurrences if each.state is State.REQUESTED
    } - {clash.recurrence_id for clash in error.clashes}
    return render_template(
        "approvals/taken.html",
        booking=booking,
        spaces=spaces,
        clashes=error.clashes,
        zone=booking.zone,
        local=to_local,
        wish=wish,
        others=len(others),
    )


def _queue_page(
    actor: Actor,
    *,
    wrong: Mapping[int, list[str]] = MappingProxyType({}),
    typed: Mapping[int, str] = MappingProxyType({}),
) -> str:
    """Return the queue, in a fixed number of statements.

    ``wrong`` and ``typed`` are sentences and the reason for the booking that
    could not be refused as asked.
    """
    session = db.session()
    now = context.now()
    by_site = {site.id: site for site in context.sites()}
    spaces = {each.id: each for each in houses.spaces(session)}
    mine = [
        each.id
        for each in spaces.values()
        if may_approve(actor, space_id=each.id, site_id=each.site_id)
    ]
    grouped: defaultdict[int, list[OccurrenceView]] = defaultdict(list)
    for each in agenda.requested(session, mine, since=now):
        grouped[each.booking_id].append(each)
    page = page_number()
    shown = dict(list(grouped.items())[(page - 1) * ON_A_PAGE : page * ON_A_PAGE])
    days = {
        (each.space_id, hours.day(by_site[each.site_id], _day(each, by_site)))
        for asked in shown.values()
        for each in asked
        if _day(each, by_site) == _day(asked[0], by_site)
    }
    around = [seen_by(each, actor) for each in agenda.around(session, days)]
    waiting = [each for asked in grouped.values() for each in asked]
    cards = [
        _card(
            asked,
            around,
            spaces,
            by_site[asked[0].site_id],
            rivals=rivals_of(asked, waiting, spaces),
        )
        for asked in shown.values()
    ]
    return render_template(
        "approvals/queue.html",
        cards=cards,
        waiting=len(grouped),
        page=page,
        has_more=len(grouped) > page * ON_A_PAGE,
        use=use_by_organisation(session, spaces, since=now - LAST_MONTHS, until=now)
        if shown
        else {},
        wrong=wrong,
        typed=typed,
        local=to_local,
        CATEGORIES=CATEGORIES,
    )


def _day(view: OccurrenceView, sites: dict[int, Site]) -> date:
    return to_local(view.interval.start, sites[view.site_id].zone).date()


def _card(
    asked: Sequence[OccurrenceView],
    around: Sequence[OccurrenceView],
    spaces: dict[int, Space],
    site: Site,
    *,
    rivals: Sequence[OccurrenceView],
) -> Card:
    first = asked[0]
    day = hours.day(site, to_local(first.interval.start, site.zone).date())
    first_day = [each for each in asked if day.contains(each.interval.start)]
    starts = sorted({(each.interval.start, each.interval.end) for each in asked})
    beside = [
        other
        for other in around
        if other.booking_id != first.booking_id
        and any(_meet(other, each) for each in first_day if each.space_id == other.space_id)
    ]
    return Card(
        booking_id=first.booking_id,
        version=first.version,
        first=first,
        site=site,
        spaces=tuple(spaces[each] for each in dict.fromkeys(view.space_id for view in asked)),
        starts=tuple(
            (to_local(start, site.zone), to_local(end, site.zone))
            for start, end in starts[:DATES_SHOWN]
        ),
        more=max(0, len(starts) - DATES_SHOWN),
        strips=tuple(
            _strip(each, around, site=site, space=spaces[each.space_id], day=day)
            for each in first_day
        ),
        rivals=tuple({each.booking_id: each for each in reversed(rivals)}.values())[::-1],
        taken=tuple(each for each in beside if each.state is State.CONFIRMED),
    )


def _meet(one: OccurrenceView, other: OccurrenceView) -> bool:
    return blocked(one).overlaps(blocked(other))


def _strip(
    asked: OccurrenceView,
    around: Sequence[OccurrenceView],
    *,
    site: Site,
    space: Space,
    day: Interval,
) -> Strip:
    beside = [each for each in around if each.space_id == space.id and day.overlaps(each.interval)]
    opening = hours.open_hours(site, to_local(day.start, site.zone).date())
    begin = min([opening.start, *(max(each.interval.start, day.start) for each in beside)])
    end = max([opening.end, *(min(each.interval.end, day.end) for each in beside)])
    local = to_local(begin, site.zone)
    # The full hour of the wall clock: some zones are half an hour beside UTC.
    begin -= timedelta(minutes=local.minute, seconds=local.second)
    quarters = -(-int((end - begin).total_seconds()) // (4 * QUARTER_S)) * 4
    bars = []
    for each in beside:
        at = max(each.interval.start, begin)
        until = min(each.interval.end, end)
        bars.append(
            Bar(
                at=int((at - begin).total_seconds()) // QUARTER_S,
                length=max(1, int((until - at).total_seconds()) // QUARTER_S),
                kind=_kind(each, asked),
                view=each,
            )
        )
    return Strip(space, local.hour, quarters, tuple(bars))


def _kind(view: OccurrenceView, asked: OccurrenceView) -> str:
    if view.booking_id == asked.booking_id:
        return "asked"
    if view.state is State.CONFIRMED:
        return "taken"
    return "rival" if _meet(view, asked) else "requested"
