"""What the verbs about calendar objects are asked, and what they answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from booking.core.values import Actor, Site, Space, State

MOST_BODY = 64 * 1024
Clashes = Literal["refuse", "skip"]


@dataclass(frozen=True, slots=True)
class PutResult:
    """The booking that an object is by now.

    ``state`` is REQUESTED (TENTATIVE) where an approver has to agree, CANCELLED
    where nothing takes place.  ``changed`` tells that it says something else than
    what was sent: the sender has to fetch it again, and gets no ETag
    (RFC 4791 §5.3.4).  ``stored`` is False where nothing was new.  ``skipped``
    are the local starts of dates that clash and were left out.  ``apart_id`` is
    the booking in which a begun series goes on that could not change as a whole.
    """

    booking_id: int
    state: State
    changed: bool
    version: int
    created: bool = False
    stored: bool = True
    skipped: tuple[datetime, ...] = ()
    apart_id: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The house as a door has read it in the same request: sites, and spaces in use, by id.

    ``free_uid`` is a UID that no booking has.  Good enough to understand an object; whether it
    can be is asked under the lock.
    """

    sites: Mapping[int, Site]
    spaces: Mapping[int, Space]
    free_uid: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A put, with the actor at the door that it came through."""

    data: bytes
    actor: Actor
    space_id: int | None
    booking_id: int | None
    expected: int | None
    clashes: Clashes
    href: str
    now: datetime
    moves: bool = False
    seen: Seen | None = None

    @property
    def is_short(self) -> bool:
        """Whether it can be given back as it was sent."""
        return len(self.data) <= MOST_BODY
