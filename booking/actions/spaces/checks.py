"""What every verb of administration asks before it writes."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from booking.core import permissions
from booking.core.checks import one_line
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.messages import Message, message
from booking.core.values import Actor
from booking.queries.leases import open_leases_of_spaces


def admins_only(actor: Actor, site_id: int | None = None) -> None:
    """Refuse whoever does not run the site (None: the installation).

    Raises:
        NotAllowed: Always with the same reason.
    """
    if not permissions.may_administer(actor, site_id):
        raise NotAllowed.because("admins_only")


def refuse_let(
    session: Session, space_ids: Collection[int], field: str = "", *, now: datetime
) -> None:
    """Refuse what cannot be done to a space as long as it is let, or will be.

    Raises:
        InvalidRequest: On ``field``, with the number of leases.
    """
    if number := open_leases_of_spaces(session, space_ids, now=now):
        raise InvalidRequest.because("space_has_leases", field, number=number)


def name_of(name: str) -> str:
    """Return a name on one line.

    Raises:
        InvalidRequest: If it is missing or longer than 120 characters.
    """
    clean = one_line(name)
    if not clean:
        raise InvalidRequest.because("name_missing", "name")
    if len(clean) > 120:
        raise InvalidRequest.because("name_too_long", "name", limit=120)
    return clean


def checked_length(text: str, most: int, field: str) -> list[Message]:
    """Return what is wrong with a text that is too long."""
    return [message("text_too_long", field, limit=most)] if len(text) > most else []
