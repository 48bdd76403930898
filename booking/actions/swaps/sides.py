"""The two dates of a swap, and what the house says to their exchange."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from booking.actions.bookings import fairness
from booking.actions.bookings.plan import who_decides
from booking.actions.bookings.tenancy import refuse_strangers
from booking.actions.bookings.written import space_names
from booking.core.errors import AlreadyDecided, InvalidRequest, NotAllowed, NotFound
from booking.core.intervals import Interval
from booking.core.messages import Message, Parameter, message
from booking.core.recurrence import to_local
from booking.core.requests import DateSeen
from booking.core.values import Actor, BookingView, Door, OccurrenceView, Site, Space, State
from booking.models import Swap
from booking.queries import agenda, houses, people, swaps


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two dates: its booking, and its allocations."""

    booking: BookingView
    date: tuple[OccurrenceView, ...]

    @property
    def occurrence_id(self) -> int:
        """The row of the date."""
        return self.date[0].occurrence_id

    @property
    def interval(self) -> Interval:
        """When it is."""
        return self.date[0].interval

    @property
    def space_ids(self) -> tuple[int, ...]:
        """Where it is, in id order."""
        return tuple(sorted(each.space_id for each in self.date))

    @property
    def local(self) -> tuple[datetime, datetime]:
        """When it is, by the clock of the house."""
        zone = self.booking.zone
        return to_local(self.interval.start, zone), to_local(self.interval.end, zone)


def side_of(session: Session, seen: DateSeen) -> Side:
    """Return a date with its booking as they are now.

    Raises:
        NotFound: If there is no such date.
    """
    booking = agenda.booking(session, seen.booking_id)
    date = tuple(each for each in booking.occurrences if each.occurrence_id == seen.occurrence_id)
    if not date:
        raise NotFound("booking", seen.occurrence_id)
    return Side(booking, date)


def refuse(given: Side, wanted: Side, now: datetime) -> None:
    """Refuse what cannot be exchanged, whatever the rules of the rooms say."""
    sides = (given, wanted)
    if given.booking.site_id != wanted.booking.site_id:
        raise InvalidRequest.because("swap_other_site")
    if given.booking.organiser_id == wanted.booking.organiser_id:
        raise InvalidRequest.because("swap_same_person")
    if any(each.interval.start <= now for each in sides):
        raise InvalidRequest.because("swap_begun")
    if any(one.state is not State.CONFIRMED for each in sides for one in each.date):
        raise InvalidRequest.because("swap_unconfirmed")
    # A series is all day or not; a single booking can be either.
    is_series = any(each.booking.rule is not None for each in sides)
    if is_series and given.booking.all_day != wanted.booking.all_day:
        raise InvalidRequest.because("swap_all_day")


def ask_rules(session: Session, given: Side, wanted: Side, *, now: datetime) -> None:
    """Refuse the exchange where the rules do not let either have the place of the other."""
    site = houses.site(session, given.booking.site_id)
    spaces = houses.spaces_with_parts(session, {*given.space_ids, *wanted.space_ids})
    # Limits lock the account that they are about: two swaps must not wait in a circle.
    for taker, place in sorted(((given, wanted), (wanted, given)), key=lambda pair: _rank(pair[0])):
        name = taker.booking.organiser_name
        try:
            asker = people.actor_of(session, taker.booking.organiser_id or 0, Door.WEB)
            asks = _asks(session, taker, place, asker, spaces=spaces, site=site, now=now)
        except NotFound:
            raise InvalidRequest.because("swap_nobody") from None
        except NotAllowed as error:
            raise NotAllowed(message("swap_refused", person=name), *error.messages) from error
        if asks:
            why = (each for some in asks.values() for each in some)
            raise NotAllowed(message("swap_needs_approval", person=name), *why)


def _rank(side: Side) -> tuple[int, int]:
    account = fairness.account_of(side.booking)
    return account.organisation_id or 0, account.person_id or 0


def _asks(
    session: Session,
    taker: Side,
    place: Side,
    asker: Actor,
    *,
    spaces: Mapping[int, Space],
    site: Site,
    now: datetime,
) -> dict[int, tuple[Message, ...]]:
    """Return why an approver would have to agree, by space.

    Raises:
        NotAllowed: If a rule, or a limit of whoever takes the place, refuses it.
    """
    there = [spaces[each] for each in place.space_ids]
    asks = who_decides(
        there,
        {each: [place.interval] for each in place.space_ids},
        asker,
        site=site,
        now=now,
        attendance=taker.booking.attendance,
    )
    refuse_strangers(
        session,
        {each: [place.interval] for each in place.space_ids},
        spaces,
        asker,
        organisation_id=taker.booking.organisation_id,
        site_id=site.id,
    )
    fair = fairness.ask(
        session,
        fairness.account_of(taker.booking),
        fairness.parts_of(place.date, spaces),
        there,
        asker,
        site=site,
        now=now,
        replaced=taker.date,
    )
    return asks | dict(fair.asks)


def named(
    session: Session,
    side: Side,
    start: datetime,
    actor: Actor,
    *,
    space_ids: tuple[int, ...] = (),
) -> dict[str, Parameter]:
    """Return what a message names: who, the booking, where and when."""
    ids = space_ids or side.space_ids
    return {
        "actor": actor.name,
        "title": side.date[0].title,
        "space": space_names(houses.spaces_by_id(session, ids), ids),
        "start": start,
    }


def close(session: Session, swap_id: int, state: str, *, now: datetime) -> None:
    """Store what became of an open swap.

    Raises:
        AlreadyDecided: If somebody was faster.
    """
    result = session.execute(
        update(Swap)
        .where(Swap.id == swap_id, Swap.state == swaps.OPEN)
        .values(state=state, decided_at=now)
    )
    if cast("CursorResult[Any]", result).rowcount != 1:
        raise AlreadyDecided(swaps.swap(session, swap_id).state)
