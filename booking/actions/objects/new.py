"""An object that nobody knows yet: it is booked."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from booking.actions.bookings.book import Booked, booked_in, read_locked
from booking.actions.bookings.conflict import conflict
from booking.actions.bookings.plan import Plan
from booking.actions.objects import stored
from booking.actions.objects.beyond import leave_out_of_new
from booking.actions.objects.values import Asked, PutResult
from booking.actions.skipped import await_skipped
from booking.core import hours
from booking.core.checks import checked
from booking.core.errors import Conflicted, GuardRefused, InvalidRequest, Stale
from booking.core.imports import Clashing, ImportedEvent, Into, Left, Wish, settled, wish_of
from booking.core.objects import Shown
from booking.core.requests import BookingRequest
from booking.core.values import BookingView, Site, State, Visibility, WaitMode
from booking.db import transact
from booking.queries import agenda

TRIES = 4  # somebody may take another date meanwhile
_UNTITLED = "-"


def book_by(
    asked: Asked,
    event: ImportedEvent,
    shown: Shown,
    site: Site,
    *,
    gone: BookingView | None,
    names: Mapping[int, str],
) -> PutResult:
    """Book what an object asks for; ``gone`` is a booking of its UID that takes place no more.

    Raises:
        InvalidRequest, NotAllowed, Conflicted: As for ``book``.
        Stale: If the sender expected it to be there.
    """
    if asked.expected not in (None, gone and gone.version):
        raise Stale(gone.version if gone else 0)
    wish = _wish(asked, event, shown, site, names)
    request = checked(wish.request)
    for left in reversed(range(TRIES)):
        plans: list[Plan] = []
        try:
            return transact(
                partial(
                    _booked,
                    New(asked, event, wish, shown, gone, site.zone),
                    request=request,
                    plans=plans,
                )
            )
        except (Conflicted, GuardRefused) as error:
            if not plans:
                raise
            known = conflict(error, plans[-1], asked.actor, now=asked.now)
            smaller = _without_clashes(known, plans[-1], site) if asked.clashes == "skip" else None
            if not left or smaller is None:
                raise known from error
            request = smaller
    raise AssertionError("unreachable")


def _without_clashes(error: Conflicted, plan: Plan, site: Site) -> BookingRequest | None:
    """Return the request without the dates that clash, None where nothing would be left."""
    smaller = settled(error, plan.request, Clashing.LEAVE, site.zone)
    every = {each.recurrence_id for each in plan.instances}
    return None if smaller is None or every <= smaller.skip else smaller


def _wish(
    asked: Asked, event: ImportedEvent, shown: Shown, site: Site, names: Mapping[int, str]
) -> Wish:
    """Return what the house is asked for.

    Raises:
        InvalidRequest: If nothing is to come of it.
    """
    organisations = asked.actor.organisations
    into = Into(
        zone=site.zone,
        now=asked.now,
        edge=hours.edge(site, asked.now),
        space_ids=() if asked.space_id is None else (asked.space_id,),
        untitled=_UNTITLED,
        rooms=shown.rooms,
        by_place=asked.space_id is None,
        organisation_id=min(organisations) if len(organisations) == 1 else None,
    )
    wish = wish_of(event, into)
    if isinstance(wish, Left):
        raise InvalidRequest(wish.reason)
    request = replace(
        wish.request,
        request_key=None,
        category=shown.category(event.categories, wish.request.category),
    )
    if not event.title:  # a room has a name in every language
        request = replace(request, title=", ".join(names[each] for each in request.space_ids))
    return replace(wish, request=request)


@dataclass(frozen=True, slots=True)
class New:
    """An object that is not known yet, and what it asks for; ``gone`` had its UID before."""

    asked: Asked
    event: ImportedEvent
    wish: Wish
    shown: Shown
    gone: BookingView | None
    zone: str


def _booked(new: New, session: Session, *, request: BookingRequest, plans: list[Plan]) -> PutResult:
    asked, event, now = new.asked, new.event, new.asked.now
    spaces, basis = read_locked(session, request, asked.actor, uid=event.uid)
    if basis.uid_id != (new.gone.id if new.gone else None):
        raise stored.KnownByNow
    if new.gone is not None:
        stored.free_uid(session, new.gone)
    made = booked_in(
        session,
        request,
        asked.actor,
        now,
        tell=plans.append,
        uid=event.uid,
        ground=(spaces, basis),
    )
    leave_out_of_new(session, made.booking_id, event)
    skipped = tuple(sorted(request.skip - new.wish.request.skip))
    if skipped:
        _await(session, made, skipped, asked)
    other = _says_other(event, new.wish, new.shown)
    other |= event.tentative is not (made.state is State.REQUESTED)
    changed = bool(skipped) or other or not asked.is_short
    version = 0 if changed else made.version
    stored.store(
        session,
        made.booking_id,
        asked,
        zone=new.zone,
        version=version,
        kinds=new.shown.kinds,
        now=now,
    )
    return PutResult(
        made.booking_id, made.state, changed, made.version, created=True, skipped=skipped
    )


def _await(session: Session, made: Booked, skipped: tuple[datetime, ...], asked: Asked) -> None:
    """Let the dates that clash wait for their time, as far as the sender has places left."""
    ids = {
        each.occurrence_id
        for each in agenda.booking(session, made.booking_id).occurrences
        if each.recurrence_id in skipped
    }
    with suppress(InvalidRequest):
        for each in sorted(ids):
            await_skipped(
                session,
                made.booking_id,
                WaitMode.OFFER,
                asked.actor,
                now=asked.now,
                occurrence_id=each,
            )


def _says_other(event: ImportedEvent, wish: Wish, shown: Shown) -> bool:
    """Whether the booking says something else than the object."""
    request = wish.request
    named = tuple(sorted(shown.rooms(event.location)))
    private = event.access is Visibility.PRIVATE
    return bool(
        wish.over
        or wish.warnings
        or (request.title, request.note) != (event.title, event.note)
        or named != request.space_ids
        or (event.access is not None and private != (request.visibility is Visibility.PRIVATE))
    )
