"""May this person hold this time, and who has to agree?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.core.hours import edge, last_bookable_day
from booking.core.intervals import Interval
from booking.core.messages import Message, message
from booking.core.permissions import needs_decision
from booking.core.values import Actor, Site, Space


@dataclass(frozen=True, slots=True)
class Allowed:
    """The space is the actor's for the asking."""


@dataclass(frozen=True, slots=True)
class NeedsApproval:
    """An approver decides, for these reasons."""

    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule of the house forbids it; each reason names its field."""

    reasons: tuple[Message, ...]


Decision = Allowed | NeedsApproval | Refused


def decide(
    space: Space, wanted: Sequence[Interval], actor: Actor, *, site: Site, now: datetime
) -> Decision:
    """Return whether ``actor`` may hold ``space`` at the wanted times (without buffers)."""
    if not space.bookable:
        return Refused((message("space_not_bookable", "space", space=space.name),))
    if any(each.end <= now for each in wanted):
        return Refused((message("in_the_past", "start"),))
    if any(each.start >= edge(site, now) for each in wanted):
        last = last_bookable_day(site, now)
        return Refused((message("beyond_horizon", "start", last=last),))
    if needs_decision(actor, space):
        return NeedsApproval((message("approval_always", space=space.name),))
    return Allowed()
