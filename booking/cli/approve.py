"""``booking approve`` and ``booking refuse``: decide a request."""

from collections.abc import Callable

import click

from booking.actions import approvals
from booking.actions.bookings import Booked
from booking.cli.house import House, house_command
from booking.core.requests import DecisionRequest
from booking.core.values import OPERATOR, Door
from booking.i18n import STATES
from booking.queries import agenda, people


@click.command()
@click.argument("booking_id", type=int)
@click.option("--as", "email", help="Address of the approver; else it is the operator.")
@click.option("--reason", default="", help="What the person who asked is told.")
@house_command
def approve(house: House, booking_id: int, email: str | None, reason: str) -> None:
    """Approve what is open of a booking; exit code 3 where the time is taken by now."""
    _decide(house, approvals.approve, booking_id, email, reason)


@click.command()
@click.argument("booking_id", type=int)
@click.option("--as", "email", help="Address of the approver; else it is the operator.")
@click.option("--reason", required=True, help="What the person who asked is told.")
@house_command
def refuse(house: House, booking_id: int, email: str | None, reason: str) -> None:
    """Refuse what is open of a booking, with a reason."""
    _decide(house, approvals.refuse, booking_id, email, reason)


def _decide(
    house: House, verb: Callable[..., Booked], booking_id: int, email: str | None, reason: str
) -> None:
    session = house.session
    actor = OPERATOR
    if email is not None:
        actor = people.actor_of(session, people.person_id_of(session, email), Door.CLI)
    version = agenda.booking(session, booking_id).version
    request = DecisionRequest(booking_id=booking_id, version=version, reason=reason)
    done = verb(request, actor, now=house.now)
    data = {"id": done.booking_id, "status": done.state.value}
    house.tell(data, [f"{done.booking_id}  {STATES[done.state.value]}"])
