"""``booking book``: the same booking as in the browser."""

from dataclasses import replace
from datetime import datetime

import click

from booking.actions import bookings
from booking.actions.override import displaced_by, override
from booking.cli.house import House, house_command
from booking.cli.named import organisation_id
from booking.cli.times import iso_time, local_iso, site_time
from booking.core.errors import Conflicted, InvalidRequest
from booking.core.requests import BookingRequest, OverrideRequest
from booking.core.values import Actor, BookingView, Clash, Door, State, Visibility
from booking.i18n import STATES
from booking.queries import agenda, houses, people

TRIES = 3


@click.command()
@click.option(
    "--space", "space_ids", type=int, multiple=True, required=True, help="Id; repeatable."
)
@click.option("--start", type=iso_time, required=True, help="Time at the house, or with offset.")
@click.option("--end", type=iso_time, required=True, help="Time at the house, or with offset.")
@click.option("--title", required=True)
@click.option("--as", "email", required=True, help="Address of the person who books.")
@click.option("--repeat", help="Recurrence rule, such as FREQ=WEEKLY;COUNT=10 (RFC 5545).")
@click.option(
    "--also",
    type=click.DateTime(["%Y-%m-%d"]),
    multiple=True,
    help="A further day, at the same hours; repeatable.",
)
@click.option(
    "--leave-out",
    "leaves_out",
    multiple=True,
    help="Days off of a series: public, school:A; repeatable.",
)
@click.option("--organisation", help="Name or id of the organisation it is for.")
@click.option(
    "--category",
    default="meeting",
    help="What it is for: a code as /admin/categories shows it.",
)
@click.option(
    "--visibility", type=click.Choice([each.value for each in Visibility]), default="members"
)
@click.option("--skip-clashing", is_flag=True, help="Leave out the dates of a series that clash.")
@click.option(
    "--override",
    "reason",
    help="Displace what is in the way, for this reason; for administrators.",
)
@house_command
def book(
    house: House,
    space_ids: tuple[int, ...],
    start: datetime,
    end: datetime,
    title: str,
    email: str,
    repeat: str | None,
    also: tuple[datetime, ...],
    leaves_out: tuple[str, ...],
    organisation: str | None,
    category: str,
    visibility: str,
    skip_clashing: bool,
    reason: str | None,
) -> None:
    """Book one space or several, once or repeatedly.

    Prints the booking, or, with exit code 3, what is in the way and what is free.
    """
    zone = _zone(house, space_ids)
    session = house.session
    actor = people.actor_of(session, people.person_id_of(session, email), Door.CLI)
    first = site_time(start, zone)
    request = BookingRequest(
        space_ids=space_ids,
        start=first,
        end=site_time(end, zone),
        title=title,
        rule=repeat,
        rdates=tuple(datetime.combine(each, first.time()) for each in also),
        leaves_out=frozenset(leaves_out),
        organisation_id=None if organisation is None else organisation_id(session, organisation),
        category=category,
        visibility=Visibility(visibility),
    )
    try:
        made = _booked(house, request, actor, skip_clashing=skip_clashing, reason=reason)
    except Conflicted as error:
        _tell_conflict(house, error, zone)
        raise
    _tell_booking(house, agenda.booking(session, made.booking_id), zone)


def _zone(house: House, space_ids: tuple[int, ...]) -> str:
    """Return the zone of the first space's site; the action checks the others."""
    found = houses.spaces_by_id(house.session, space_ids[:1])
    if not found:
        raise InvalidRequest.because("space_unknown", "space")
    return houses.site(house.session, found[space_ids[0]].site_id).zone


def _booked(
    house: House,
    request: BookingRequest,
    actor: Actor,
    *,
    skip_clashing: bool,
    reason: str | None,
) -> bookings.Booked:
    """Book; with a ``reason`` over what is in the way, else again without the dates that clash.

    Somebody may take another date meanwhile, so there are a few tries.
    """
    if reason is not None:
        gone = displaced_by(request, actor, now=house.now)
        agreed = frozenset(each.allocation_id for each in gone)
        return override(OverrideRequest(request, reason, agreed), actor, now=house.now)
    for _ in range(TRIES if skip_clashing else 0):
        try:
            return bookings.book(request, actor, now=house.now)
        except Conflicted as error:
            taken = {clash.recurrence_id for clash in error.clashes}
            request = replace(request, skip=request.skip | taken)
    return bookings.book(request, actor, now=house.now)


def _tell_booking(house: House, booking: BookingView, zone: str) -> None:
    spaces = houses.spaces_by_id(house.session, booking.space_ids)
    names = [spaces[each].name for each in booking.space_ids]
    skipped = {each.recurrence_id for each in booking.occurrences if each.state is State.SKIPPED}
    dates = {each.recurrence_id: each for each in booking.occurrences}
    first = booking.occurrences[0].interval
    data = {
        "id": booking.id,
        "title": booking.title,
        "start": local_iso(first.start, zone),
        "end": local_iso(first.end, zone),
        "spaces": names,
        "status": booking.state.value,
        "repeat": booking.rule,
        "dates": [
            local_iso(each.interval.start, zone)
            for local, each in dates.items()
            if local not in skipped
        ],
        "left_out": [each.isoformat(timespec="minutes") for each in booking.exdates],
        "skipped": [local_iso(dates[local].interval.start, zone) for local in sorted(skipped)],
    }
    state = STATES[booking.state.value]
    lines = [f"{booking.id}  {booking.starts_at:%Y-%m-%d %H:%M}  {', '.join(names)}  {state}"]
    house.tell(data, lines)


def _tell_conflict(house: House, error: Conflicted, zone: str) -> None:
    shown = {clash.space_id for clash in error.clashes}
    shown |= {space_id for offer in error.alternatives for space_id in offer.space_ids}
    names = {each.id: each.name for each in houses.spaces_by_id(house.session, shown).values()}
    conflicts = [_clash(clash, names, zone) for clash in error.clashes]
    offers = [
        {
            "start": local_iso(offer.interval.start, zone),
            "end": local_iso(offer.interval.end, zone),
            "space_ids": list(offer.space_ids),
            "spaces": [names[each] for each in offer.space_ids],
            "reason": offer.reason.value,
        }
        for offer in error.alternatives
    ]
    lines = [
        *(f"- {each['start']}  {each['space']}  {each['title'] or '...'}" for each in conflicts),
        *(f"+ {each['start']}  {', '.join(map(str, each['spaces']))}" for each in offers),
    ]
    house.tell({"conflicts": conflicts, "alternatives": offers}, lines)


def _clash(clash: Clash, names: dict[int, str], zone: str) -> dict[str, object]:
    """Return what is in the way as the person who books may see it."""
    seen: dict[str, object] = {
        "wanted": local_iso(clash.wanted.start, zone),
        "space_id": clash.space_id,
        "space": names[clash.space_id],
    }
    if clash.closure is not None:
        interval, title, what = clash.closure.interval, clash.closure.reason, "closed"
    elif clash.occurrence is not None:
        interval, title = clash.occurrence.interval, clash.occurrence.title
        what = clash.occurrence.state.value
    elif clash.held is not None:
        interval, title, what = clash.held.interval, "", "held"
    return seen | {
        "start": local_iso(interval.start, zone),
        "end": local_iso(interval.end, zone),
        "title": title,
        "status": what,
    }
