"""What became, or would become, of an event of a file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from booking.core.availability import Alternative
from booking.core.availability.alternatives import Reason
from booking.core.errors import Conflicted
from booking.core.messages import Message
from booking.core.recurrence import to_local
from booking.core.requests import BookingRequest, OwnDate
from booking.core.values import Space


class Clashing(StrEnum):
    """What becomes of dates that clash: left out, or kept elsewhere where that is possible."""

    LEAVE = "leave"
    ROOM = "room"
    TIME = "time"


class Fate(StrEnum):
    """What became of an event; of one that is only looked at, what would."""

    BOOKED = "booked"
    REQUESTED = "requested"
    THERE = "there"  # imported before
    TAKEN = "taken"  # all of its dates clash
    REFUSED = "refused"  # a rule of the house, or a request that makes no sense
    LEFT = "left"  # not for the house: over, cancelled, unreadable


@dataclass(frozen=True, slots=True)
class Outcome:
    """An event of a file and its fate.

    ``dates`` is how many it has in the house, ``clashing`` the local starts of
    those that clash, ``reasons`` why it is refused or left out.
    """

    uid: str
    title: str
    fate: Fate
    start: datetime | None = None
    end: datetime | None = None
    space_ids: tuple[int, ...] = ()
    dates: int = 0
    over: int = 0
    clashing: tuple[datetime, ...] = ()
    booking_id: int | None = None
    reasons: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()


def taken_up(came: Sequence[Outcome], looked_at: Sequence[Outcome]) -> list[Outcome]:
    """Return what came of events, whoever booked them: this work, or the one that was killed.

    ``looked_at`` is what was found of them before, in the same order: what is there now and
    was not then has been booked since.
    """
    found = list(came)
    for number, (each, before) in enumerate(zip(came, looked_at, strict=False)):
        if each.fate is Fate.THERE and before.fate is not Fate.THERE:
            asked = before.fate is Fate.REQUESTED
            found[number] = replace(each, fate=Fate.REQUESTED if asked else Fate.BOOKED)
    return found


def settled(
    error: Conflicted, request: BookingRequest, clashing: Clashing, zone: str
) -> BookingRequest | None:
    """Return the request without what clashes: elsewhere where there is a place, else left out.

    None where nothing would be left of it.
    """
    taken = {each.recurrence_id for each in error.clashes}
    reason = {Clashing.ROOM: Reason.OTHER_SPACE, Clashing.TIME: Reason.OTHER_TIME}.get(clashing)
    if request.rule is None:
        day = request.start.date()
        there = [
            each for each in error.alternatives if to_local(each.interval.start, zone).date() == day
        ]
        offer = _best(there, reason, error.spaces)
        return _elsewhere(request, offer, zone) if offer else None
    best = {at: _best(each, reason, error.spaces) for at, each in error.by_date.items()}
    moves = {at: each for at, each in best.items() if each is not None}
    kept = {each.recurrence_id: each for each in request.own if each.recurrence_id not in taken}
    before = {each.recurrence_id: each for each in request.own}
    for at in taken & moves.keys():
        own = before.get(at, OwnDate(at))
        start, end = (
            to_local(each, zone) for each in (moves[at].interval.start, moves[at].interval.end)
        )
        kept[at] = replace(own, start=start, end=end, space_ids=moves[at].space_ids)
    return replace(request, own=tuple(kept.values()), skip=request.skip | (taken - kept.keys()))


def _best(
    offers: Iterable[Alternative], reason: Reason | None, spaces: Mapping[int, Space]
) -> Alternative | None:
    """Return the best offer of a kind, one that asks no approver before all others."""
    kind = (each for each in offers if each.reason is reason)
    return min(
        kind,
        key=lambda each: any(spaces[one].needs_approval for one in each.space_ids),
        default=None,
    )


def _elsewhere(request: BookingRequest, offer: Alternative, zone: str) -> BookingRequest:
    return replace(
        request,
        start=to_local(offer.interval.start, zone),
        end=to_local(offer.interval.end, zone),
        space_ids=offer.space_ids,
    )
