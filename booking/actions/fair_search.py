"""What the limits of fair use say to what a search found, before anybody books it.

A search knows no organisation yet, so it asks for the one that the form offers
first.  Three statements where a house counts what everybody uses, none where not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from booking.actions.bookings import fairness
from booking.core.allowances import Part, Verdict, asked_of
from booking.core.availability.search import Opening, SeriesFit, Start
from booking.core.intervals import Interval
from booking.core.messages import Message
from booking.core.recurrence import Instance
from booking.core.values import Account, Actor, Site, Space

Weights = tuple[int, ...]


def account_of(actor: Actor) -> Account:
    """Return whose use a booking counts to, as long as the actor chooses nothing else."""
    return Account.of(min(actor.organisations, default=None), actor.person_id)


def openings_with_limits(
    session: Session,
    found: Sequence[Opening],
    known: Mapping[int, Space],
    actor: Actor,
    *,
    site: Site,
    now: datetime,
) -> tuple[Opening, ...]:
    """Return openings whose times say what is more than the actor's limits leave."""
    asked: dict[tuple[Interval, Weights], list[Part]] = {}
    for each in found:
        weights = _weights(each.space_ids, known)
        for start in each.starts:
            parts = [Part(start.interval, weight, start.interval) for weight in weights]
            asked[start.interval, weights] = parts
    said = fairness.verdicts(session, account_of(actor), asked, actor, site=site, now=now)
    if not said:
        return tuple(found)

    def judged(start: Start, opening: Opening) -> Start:
        spaces = [known[each] for each in opening.space_ids]
        verdict = said[start.interval, _weights(opening.space_ids, known)]
        asks = start.asks + _asks(verdict, spaces, actor)
        return replace(start, asks=asks, refuses=verdict.refuses)

    return tuple(
        replace(each, starts=tuple(judged(start, each) for start in each.starts)) for each in found
    )


def fits_with_limits(
    session: Session,
    fits: Sequence[SeriesFit],
    dates: Iterable[Instance],
    known: Mapping[int, Space],
    actor: Actor,
    *,
    site: Site,
    now: datetime,
) -> tuple[SeriesFit, ...]:
    """Return how spaces fit a series, with what is more than the actor's limits leave."""
    wanted = [*dates]
    asked = {
        each.space_id: [
            Part(date.interval, known[each.space_id].weight, date.recurrence_id)
            for date in wanted
            if date.recurrence_id not in each.taken
        ]
        for each in fits
    }
    said = fairness.verdicts(session, account_of(actor), asked, actor, site=site, now=now)
    if not said:
        return tuple(fits)
    return tuple(
        replace(
            each,
            asks=each.asks + _asks(said[each.space_id], [known[each.space_id]], actor),
            refuses=said[each.space_id].refuses,
        )
        for each in fits
    )


def _weights(space_ids: Iterable[int], known: Mapping[int, Space]) -> Weights:
    return tuple(known[each].weight for each in space_ids)


def _asks(verdict: Verdict, spaces: Sequence[Space], actor: Actor) -> tuple[Message, ...]:
    return verdict.asks if asked_of(verdict, spaces, actor) else ()
